/**
 * A published tree in the form that is kept for review:
 *
 *     tree/         what clients read: text as it is, indices decompressed. Release lists the digests of the compressed ones
 *     layout.txt    every path in OUTPUT: kind, mode, size, digest, time; links with their target
 *     report.json   what the run said
 *
 * What depends on keys that are made when the test runs is left out or named: signatures, key.asc, fingerprints, digests over fingerprints.
 */
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { sha256Of } from "../../lib/archive/digests.ts";
import { createCompressor } from "../../lib/io/compressor.ts";
import type { Published } from "./publish.ts";

/** Path below the scenario's folder to bytes. */
export type Golden = ReadonlyMap<string, Buffer>;

const MAX_INDEX_BYTES = 1_000_000;
const SIGNED = /(^|\/)(InRelease|Release\.gpg|key\.asc)$/;
/** Their digests and sizes change with the keys. */
const KEYED = /(^|\/)(InRelease|Release\.gpg|key\.asc|inputs\.json)$/;

export async function snapshot(published: Published): Promise<Golden> {
  const { output } = published;
  const golden = new Map<string, Buffer>();
  const layout: string[] = [];
  for (const path of await pathsBelow(output)) layout.push(await describe(output, path));
  golden.set("layout.txt", Buffer.from(`${layout.join("\n")}\n`));
  golden.set("report.json", Buffer.from(named(reportText(published), published)));

  const live = await readlink(join(output, "current"));
  for (const path of await pathsBelow(join(output, live))) {
    const file = join(output, live, path);
    if (!(await lstat(file)).isFile() || SIGNED.test(path) || path.includes("/by-hash/")) continue;
    const bytes = await readFile(file);
    const index = /^(.*)\.(gz|xz)$/.exec(path);
    if (index === null || path.startsWith("indices/")) {
      golden.set(`tree/${path}`, path === "inputs.json" ? Buffer.from(named(bytes.toString("utf8"), published)) : bytes);
      continue;
    }
    const [, plainPath = "", codec] = index;
    const plain = await createCompressor().decompress(bytes, codec === "gz" ? "gz" : "xz", MAX_INDEX_BYTES);
    if (plain.kind !== "plain") throw new Error(`Cannot read ${path}: it is ${plain.kind}`);
    const other = golden.get(`tree/${plainPath}`);
    if (other !== undefined && !other.equals(plain.bytes)) throw new Error(`Cannot keep ${path}: its two forms hold different bytes`);
    golden.set(`tree/${plainPath}`, plain.bytes);
  }
  return golden;
}

async function pathsBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).sort();
}

async function describe(output: string, path: string): Promise<string> {
  const file = join(output, path);
  const facts = await lstat(file);
  const mode = (facts.mode & 0o7777).toString(8).padStart(4, "0");
  if (facts.isSymbolicLink()) return `link   ${path} -> ${await readlink(file)}`;
  if (facts.isDirectory()) return `folder ${mode} ${path}`;
  const bytes = await readFile(file);
  const content = KEYED.test(path) ? "made with keys" : `${bytes.length} ${sha256Of(bytes)}`;
  // Clients and caches go by the time of what stands under dists.
  const time = path.includes("/dists/") ? facts.mtime.toISOString() : "-";
  return `file   ${mode} ${path} ${content} ${time}`;
}

/** Times that were measured are none of the golden's business. */
function reportText({ report }: Published): string {
  const timings = Object.fromEntries(Object.keys(report.timings).map((step) => [step, 0]));
  const told = { ...report, run: { ...report.run, finished: report.run.started }, timings };
  return `${JSON.stringify(told, null, 2)}\n`;
}

/** Keys by their names, and the two digests that take our own key's fingerprint in. Text that can be compared. */
function named(text: string, { keys }: Published): string {
  let told = text.replace(/"(inputs|config)": "[0-9a-f]{64}"/g, '"$1": "depends on the signing key"');
  for (const [name, { fingerprint }] of keys) told = told.replaceAll(fingerprint, `KEY OF ${name}`);
  return told;
}
