/** The Release files that apt has fetched and verified, in its lists folder. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseRelease, type Release } from "../../lib/archive/release.ts";
import { MergeError } from "../../lib/errors.ts";

/** Name of a field of Release in lower case, to its value. */
export type ReleaseFields = Release["fields"];

const MAX_RELEASE_BYTES = 16 * 1024 * 1024;

/**
 * Fields of a suite as apt last saw them; undefined when apt has not fetched it yet.
 *
 * Only fields that describe the suite are taken from here, and only into a config that the operator reads: an archive with `trusted=yes`
 * may stand here unverified.
 */
export async function readListed(lists: string, uri: string, suite: string): Promise<ReleaseFields | undefined> {
  // A flat archive at the base may be written / or ./ in the source: apt names its files accordingly.
  const spellings = suite === "./" ? ["./", "/"] : [suite];
  const names = spellings.flatMap((spelling) => ["InRelease", "Release"].map((file) => listName(uri, spelling, file)));
  for (const path of names.map((name) => join(lists, name))) {
    let bytes: Buffer;
    try {
      bytes = await readFile(path);
    } catch {
      // Not there, or only root may read it: the next name, and then the network, may know.
      continue;
    }
    if (bytes.length > MAX_RELEASE_BYTES) continue;
    try {
      return parseRelease(Buffer.from(signedText(bytes.toString("latin1")), "latin1"), { mirror: uri, suite, file: path }).fields;
    } catch (error) {
      if (!(error instanceof MergeError)) throw error;
    }
  }
  return undefined;
}

/** The text between the armor headers and the signature of a clear-signed file; a plain Release as it is. */
function signedText(text: string): string {
  const lines = text.split("\n");
  if (lines[0]?.trimEnd() !== "-----BEGIN PGP SIGNED MESSAGE-----") return text;
  const start = lines.findIndex((line) => line.trim() === "") + 1;
  const end = lines.findIndex((line) => line.startsWith("-----BEGIN PGP SIGNATURE-----"));
  return `${lines
    .slice(start, end)
    .map((line) => line.replace(/^- /, ""))
    .join("\n")}\n`;
}

/**
 * The name that apt gives a file of a suite: the URI without method and credentials, odd characters as %xx, `/` as `_`.
 *
 * @see apt-pkg: URItoFileName
 */
export function listName(uri: string, suite: string, file: string): string {
  const base = uri.endsWith("/") ? uri : `${uri}/`;
  const folder = suite === "/" ? "" : suite.endsWith("/") ? suite : `dists/${suite}/`;
  const bare = `${base}${folder}${file}`.replace(/^[A-Za-z][A-Za-z0-9+.-]*:/, "").replace(/^\/\/(?:[^/@]*@)?/, "");
  const quoted = [...Buffer.from(bare)].map((byte) => {
    const sign = String.fromCharCode(byte);
    return byte <= 0x20 || byte >= 0x7f || '\\|{}[]<>"^~_=!@#$%^&*'.includes(sign) ? `%${byte.toString(16).padStart(2, "0")}` : sign;
  });
  return quoted.join("").replaceAll("/", "_");
}
