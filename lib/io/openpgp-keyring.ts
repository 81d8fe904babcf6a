/**
 * Keyrings of mirrors: public keys from files, binary or armored, several keys and several armored blocks in one file. A keyring decides what
 * is trusted, so a file that holds anything unexpected is refused whole.
 */
import { readFile, stat } from "node:fs/promises";
import { type Key, readKeys } from "openpgp";
import { type Fingerprint, parseFingerprint } from "../archive/names.ts";
import { MergeError } from "../errors.ts";
import type { KeyringSettings } from "../settings.ts";
import { dearmor, isBinary } from "./openpgp-armor.ts";

/** All keys of Debian's and its derivatives' archives together are below 1 MiB. */
const MAX_KEYRING_BYTES = 16 * 1024 * 1024;

/** Keys by primary fingerprint; a key that stands in several files carries what each of them says, such as a revocation. */
export type Keyring = ReadonlyMap<Fingerprint, Key>;

/** Reads keyrings, and each file again only when it has changed. */
export class KeyringReader {
  readonly #files = new Map<string, { readonly stamp: string; readonly keys: readonly Key[] }>();

  /** @throws MergeError KEYRING_UNUSABLE naming the file, or the pins that no file holds */
  async read(settings: KeyringSettings, now: Date): Promise<Keyring> {
    const keyring = new Map<Fingerprint, Key>();
    for (const path of settings.files) {
      for (const key of await this.#file(path)) {
        const fingerprint = fingerprintOf(key);
        const known = keyring.get(fingerprint);
        keyring.set(fingerprint, known === undefined ? key : await known.update(key, now));
      }
    }
    if (keyring.size === 0) throw new MergeError("KEYRING_UNUSABLE", "Cannot verify signatures: signed-by names no keyring");
    const held = new Set([...keyring.values()].flatMap((key) => key.getKeys().map(fingerprintOf)));
    const pins = settings.pins.map((pin) => pin.fingerprint);
    if (pins.length > 0 && !pins.some((pin) => held.has(pin))) {
      const files = settings.files.map((file) => `"${file}"`).join(", ");
      throw new MergeError("KEYRING_UNUSABLE", `Cannot use keyring ${files}: it holds none of the pinned keys ${pins.join(", ")}`);
    }
    return keyring;
  }

  async #file(path: string): Promise<readonly Key[]> {
    const unusable: (found: string) => never = (found) => {
      throw new MergeError("KEYRING_UNUSABLE", `Cannot use keyring "${path}": it ${found}`, { file: path });
    };
    const facts = await stat(path).catch((error: unknown) => unusable(`cannot be read (${codeOf(error)})`));
    if (!facts.isFile()) unusable("is no regular file");
    if (facts.size === 0) unusable("is empty");
    if (facts.size > MAX_KEYRING_BYTES) unusable(`has ${facts.size} bytes, at most ${MAX_KEYRING_BYTES} are read`);
    if ((facts.mode & 0o002) !== 0) unusable("may be written by everyone, only its owner may");
    const stamp = `${facts.dev} ${facts.ino} ${facts.size} ${facts.mtimeMs} ${facts.ctimeMs}`;
    const cached = this.#files.get(path);
    if (cached?.stamp === stamp) return cached.keys;
    const bytes = await readFile(path).catch((error: unknown) => unusable(`cannot be read (${codeOf(error)})`));
    const keys = await parseKeys(bytes, unusable);
    this.#files.set(path, { stamp, keys });
    return keys;
  }
}

async function parseKeys(bytes: Buffer, unusable: (found: string) => never): Promise<readonly Key[]> {
  if (bytes.subarray(8, 12).toString("latin1") === "KBXf") unusable("is a keybox of gpg, export its keys with gpg --export");
  const parts: Buffer[] = [];
  if (isBinary(bytes)) parts.push(bytes);
  else {
    const read = dearmor(bytes, "text");
    if (read.kind === "fault") unusable(read.because);
    for (const block of read.blocks) {
      if (block.label === "PRIVATE KEY BLOCK") unusable("holds a secret key, only public keys may stand there");
      if (block.label === "PUBLIC KEY BLOCK") parts.push(block.bytes);
    }
  }
  if (parts.length === 0) unusable("holds no OpenPGP public key");
  const keys: Key[] = [];
  for (const part of parts) {
    const read = await readKeys({ binaryKeys: part }).catch((error: unknown) => unusable(`is no OpenPGP keyring (${messageOf(error)})`));
    keys.push(...read);
  }
  if (keys.some((key) => key.isPrivate())) unusable("holds a secret key, only public keys may stand there");
  return keys;
}

/** Of a key or subkey that the library read. */
export function fingerprintOf(key: { getFingerprint(): string }): Fingerprint {
  const text = key.getFingerprint().toUpperCase();
  const fingerprint = parseFingerprint(text);
  if (fingerprint === undefined)
    throw new MergeError("KEYRING_UNUSABLE", `Cannot use key "${text}": only keys of OpenPGP version 4 are read`);
  return fingerprint;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The operating system's word for what went wrong, such as ENOENT. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : messageOf(error);
}
