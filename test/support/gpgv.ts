/** What gpgv says of a signature: its status lines, on a descriptor of their own. Its exit status is no verdict. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./child.ts";

export interface GpgvResult {
  readonly rc: number;
  /** Without the prefix, such as `GOODSIG 0123456789ABCDEF Some Name`. */
  readonly status: readonly string[];
  /** The signed text of a clear-signed file as gpgv read it; empty for a detached signature. */
  readonly text: Buffer;
  /** Primary keys of signatures that are good and valid, and none is bad. */
  readonly good: readonly string[];
  readonly stderr: string;
}

/** `keyring` holds public keys, armored or binary; `signed` is a clear-signed file, or with `signature` any bytes. */
export async function gpgv(keyring: Buffer | string, signed: Buffer, signature?: Buffer): Promise<GpgvResult> {
  const folder = await mkdtemp(join(tmpdir(), "gpgv-"));
  try {
    const path = (name: string) => join(folder, name);
    await writeFile(path("keyring"), dearmored(Buffer.from(keyring)));
    await writeFile(path("signed"), signed);
    if (signature !== undefined) await writeFile(path("signature"), signature);
    const files = signature === undefined ? ["--output", path("text"), path("signed")] : [path("signature"), path("signed")];
    const { rc, third, stderr } = await run("gpgv", ["--homedir", folder, "--status-fd", "3", "--keyring", path("keyring"), ...files]);
    const lines = third.toString("utf8").split("\n");
    const status = lines.flatMap((line) => (line.startsWith("[GNUPG:] ") ? [line.slice("[GNUPG:] ".length)] : []));
    const text = await readFile(path("text")).catch(() => Buffer.alloc(0));
    return { rc, status, text, good: goodOf(status), stderr: stderr.toString("utf8") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** VALIDSIG alone also stands there for expired and revoked keys: GOODSIG must come before it. */
function goodOf(status: readonly string[]): readonly string[] {
  if (status.some((line) => line.startsWith("BADSIG "))) return [];
  const good: string[] = [];
  let judged = "";
  for (const line of status) {
    const [word = "", ...rest] = line.split(" ");
    if (/^(NEWSIG|GOODSIG|EXPSIG|EXPKEYSIG|REVKEYSIG|ERRSIG)$/.test(word)) judged = word;
    if (word === "VALIDSIG" && judged === "GOODSIG") good.push(rest[9] ?? rest[0] ?? "");
  }
  return good;
}

/** gpgv reads binary keyrings only. */
export function dearmored(keys: Buffer): Buffer {
  const text = keys.toString("latin1");
  if (!text.includes("-----BEGIN PGP PUBLIC KEY BLOCK-----")) return keys;
  const blocks = text.matchAll(
    /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?:[^\n]+\n)*\r?\n([A-Za-z0-9+/=\r\n]+?)(?:=[A-Za-z0-9+/]{4}\r?\n)?-----END/g,
  );
  return Buffer.concat(Array.from(blocks, ([, body = ""]) => Buffer.from(body, "base64")));
}
