/** A secret key in a file, used in process. It never leaves memory, and no message ever quotes the passphrase. */
import { readFile, stat } from "node:fs/promises";
import { createMessage, decryptKey, type PrivateKey, readPrivateKeys, type Subkey, sign } from "openpgp";
import type { Fingerprint } from "../archive/names.ts";
import { MergeError } from "../errors.ts";
import { dearmor, isBinary } from "./openpgp-armor.ts";
import { codeOf, fingerprintOf, messageOf } from "./openpgp-keyring.ts";
import { judgeKey, SIGNING_CONFIG } from "./openpgp-policy.ts";

/** A key that is ready to sign, wherever its secret part is held. */
export interface ReadyKey {
  /** For messages: the file, or the key of gpg. */
  readonly label: string;
  /** Of the primary key. */
  readonly fingerprint: Fingerprint;
  readonly expires: Date | undefined;
  /** Binary. */
  readonly publicKey: Buffer;
  /** Whether the signature's time is the one asked for, or that of another program's clock. */
  readonly ownClock: boolean;
  /** @returns one binary signature packet */
  sign(bytes: Buffer, kind: "text" | "detached", at: Date): Promise<Buffer>;
}

const MAX_KEY_BYTES = 1024 * 1024;

/** The same text, key and time give the same signature. */
const CONFIG = { ...SIGNING_CONFIG, nonDeterministicSignaturesViaNotation: false };

/** @throws MergeError SIGNING_KEY_UNUSABLE */
export async function loadFileKey(path: string, passphrase: string, now: Date): Promise<ReadyKey> {
  const unusable: (found: string) => never = (found) => {
    throw new MergeError("SIGNING_KEY_UNUSABLE", `Cannot sign with key "${path}": it ${found}`, { file: path });
  };
  const facts = await stat(path).catch((error: unknown) => unusable(`cannot be read (${codeOf(error)})`));
  if (!facts.isFile()) unusable("is no regular file");
  if ((facts.mode & 0o077) !== 0) {
    unusable(`has mode 0${(facts.mode & 0o777).toString(8)}, nobody but its owner may read or write it (mode 0600)`);
  }
  if (facts.size > MAX_KEY_BYTES) unusable(`has ${facts.size} bytes, at most ${MAX_KEY_BYTES} are read`);
  const bytes = await readFile(path).catch((error: unknown) => unusable(`cannot be read (${codeOf(error)})`));
  const key = await unlock(await parseSecretKey(bytes, unusable), passphrase, unusable);
  const signing = await chooseSigningKey(key, now, unusable);
  const judged = await judgeKey(key, signing, now);
  if (judged.kind === "refused") unusable(`is refused: ${judged.because}`);
  return {
    label: `"${path}"`,
    fingerprint: fingerprintOf(key),
    expires: judged.expires,
    publicKey: Buffer.from(key.toPublic().write()),
    ownClock: false,
    sign: async (content, kind, at) => {
      // Text is handed over as a string: its signature then is of the type that clear-signed files carry.
      const message = kind === "text" ? await createMessage({ text: content.toString("utf8") }) : await createMessage({ binary: content });
      const signed = await sign({
        message,
        signingKeys: key,
        signingKeyIDs: signing.getKeyID(),
        detached: true,
        format: "binary",
        date: at,
        config: CONFIG,
      });
      return Buffer.from(signed);
    },
  };
}

async function parseSecretKey(bytes: Buffer, unusable: (found: string) => never): Promise<PrivateKey> {
  let binary = bytes;
  if (bytes.length === 0) unusable("is empty");
  if (!isBinary(bytes)) {
    const read = dearmor(bytes, "text");
    if (read.kind === "fault") unusable(read.because);
    const secret = read.blocks.filter((block) => block.label === "PRIVATE KEY BLOCK");
    if (secret.length === 0) unusable(read.blocks.length > 0 ? "holds only a public key" : "holds no OpenPGP key");
    binary = Buffer.concat(secret.map((block) => block.bytes));
    // The library works on what it was given, so this copy is all that can be taken back before the run ends.
    bytes.fill(0);
  }
  const keys = await readPrivateKeys({ binaryKeys: binary }).catch((error: unknown) =>
    unusable(`holds no secret key (${messageOf(error)})`),
  );
  const [key, ...more] = keys;
  if (key === undefined || more.length > 0) unusable(`holds ${keys.length} secret keys, it must hold one`);
  return key;
}

async function unlock(key: PrivateKey, passphrase: string, unusable: (found: string) => never): Promise<PrivateKey> {
  if (key.getKeys().every((each) => each.isDecrypted())) return key;
  if (passphrase === "") unusable("is locked, its entry must give the passphrase");
  return decryptKey({ privateKey: key, passphrase }).catch((error: unknown) => unusable(`cannot be unlocked (${messageOf(error)})`));
}

async function chooseSigningKey(key: PrivateKey, now: Date, unusable: (found: string) => never): Promise<PrivateKey | Subkey> {
  try {
    const found = await key.getSigningKey(undefined, now, undefined, CONFIG);
    return key.subkeys.find((subkey) => subkey.getFingerprint() === found.getFingerprint()) ?? key;
  } catch (error) {
    // The library's reason is for programmers; the primary key's own fault is the usual one.
    const judged = await judgeKey(key, key, now);
    return unusable(`is refused: ${judged.kind === "refused" ? judged.because : messageOf(error)}`);
  }
}
