/**
 * OpenPGP keys and signatures for tests, made when the test runs: sound ones, and every kind that must be refused. Signs packet by packet,
 * so that digests, types and times that no careful signer would write can be tried, over bytes that need not be UTF-8.
 */
import {
  armor,
  createMessage,
  encryptKey,
  enums,
  generateKey,
  config as openpgpDefaults,
  PacketList,
  type PrivateKey,
  readPrivateKey,
  revokeKey,
  SignaturePacket,
} from "openpgp";
import { type Fingerprint, parseFingerprint } from "../../lib/archive/names.ts";

export interface KeyOptions {
  readonly userId?: string;
  /** Creation, of the key and of what it says of itself. */
  readonly at?: Date;
  /** Life of the key from `at` on, in seconds; absent = for ever. */
  readonly lifeSeconds?: number;
  /** RSA of so many bits; absent = ed25519 in the form that gpgv 2.2 reads. */
  readonly rsaBits?: number;
  /** Signatures come from a subkey, which may be one that is not meant for signing (RSA alone can then). */
  readonly subkey?: boolean | "for-encryption";
  readonly revokedAt?: Date;
  readonly passphrase?: string;
}

export interface TestKey {
  readonly secretArmored: string;
  readonly publicArmored: string;
  /** Of the primary key. */
  readonly fingerprint: Fingerprint;
  /** Of the key that signs: the subkey when there is one. */
  readonly signingFingerprint: Fingerprint;
  readonly secret: PrivateKey;
}

export interface SignatureOptions {
  readonly at?: Date;
  readonly hash?: enums.hash;
  readonly lifeSeconds?: number;
  /** Name of a notation that a reader must understand or refuse. */
  readonly criticalNotation?: string;
  /** Value of a notation that a reader may ignore. */
  readonly notation?: string;
  /** Default: text in a clear-signed file, binary beside it. */
  readonly type?: enums.signature;
}

/** Long before any test's `now`, so that a fixed clock works too. */
const DEFAULT_BIRTH = new Date("2020-01-01T00:00:00Z");
/** Keys too short for any use must be made here all the same. */
const CONFIG = { ...openpgpDefaults, minRSABits: 512, nonDeterministicSignaturesViaNotation: false };

export async function newKey(options: KeyOptions = {}): Promise<TestKey> {
  const date = options.at ?? DEFAULT_BIRTH;
  const made = await generateKey({
    userIDs: [{ name: options.userId ?? "Archive Test Key" }],
    ...(options.rsaBits === undefined ? { type: "ecc", curve: "ed25519Legacy" } : { type: "rsa", rsaBits: options.rsaBits }),
    subkeys: options.subkey === undefined || options.subkey === false ? [] : [{ sign: options.subkey === true }],
    ...(options.lifeSeconds === undefined ? {} : { keyExpirationTime: options.lifeSeconds }),
    date,
    format: "object",
    config: CONFIG,
  });
  // Once through its written form: a fresh key object lacks some of what a key that was read has.
  let secret = await readPrivateKey({ armoredKey: made.privateKey.armor() });
  if (options.revokedAt !== undefined) {
    secret = (await revokeKey({ key: secret, date: options.revokedAt, format: "object", config: CONFIG })).privateKey;
  }
  const locked =
    options.passphrase === undefined
      ? secret
      : await encryptKey({ privateKey: await readPrivateKey({ armoredKey: secret.armor() }), passphrase: options.passphrase });
  return {
    secretArmored: locked.armor(),
    publicArmored: secret.toPublic().armor(),
    fingerprint: fingerprintOf(secret.getFingerprint()),
    signingFingerprint: fingerprintOf((secret.subkeys[0] ?? secret).getFingerprint()),
    secret,
  };
}

/** `text` as the body of a clear-signed file, with one block that holds a signature of every key. Ends lines as `text` does. */
export async function clearsign(
  text: string | Uint8Array,
  keys: readonly TestKey[],
  options: Date | SignatureOptions = {},
): Promise<Buffer> {
  const bytes = Buffer.from(text);
  const lines = bytes.toString("latin1").replace(/\n$/, "").split("\n");
  const toSign = Buffer.from(lines.map((line) => line.replace(/[ \t\r]+$/, "")).join("\n"), "latin1");
  const body = lines.map((line) => (line.startsWith("-") ? `- ${line}` : line)).join("\n");
  const settings = settingsOf(options);
  const block = await signatureBlock(toSign, keys, { type: enums.signature.text, ...settings });
  const hash = enums.read(enums.hash, settings.hash ?? enums.hash.sha512).toUpperCase();
  return Buffer.from(`-----BEGIN PGP SIGNED MESSAGE-----\nHash: ${hash}\n\n${body}\n${block}`, "latin1");
}

/** An armored block with a detached signature of every key, as in Release.gpg. */
export async function detach(text: string | Uint8Array, keys: readonly TestKey[], options: Date | SignatureOptions = {}): Promise<Buffer> {
  return Buffer.from(await signatureBlock(Buffer.from(text), keys, { type: enums.signature.binary, ...settingsOf(options) }));
}

/** Signature packets of every key over exactly these bytes, armored. */
export async function signatureBlock(bytes: Buffer, keys: readonly TestKey[], options: SignatureOptions): Promise<string> {
  const packets = new PacketList<SignaturePacket>();
  for (const key of keys) packets.push(await signaturePacket(bytes, key, options));
  return armor(enums.armor.signature, packets.write(), undefined, undefined, undefined, true);
}

async function signaturePacket(bytes: Buffer, key: TestKey, options: SignatureOptions): Promise<SignaturePacket> {
  const signer = (key.secret.subkeys[0] ?? key.secret).keyPacket;
  const literal = (await createMessage({ binary: bytes })).packets[0];
  const packet = Object.assign(new SignaturePacket(), {
    signatureType: options.type ?? enums.signature.binary,
    publicKeyAlgorithm: signer.algorithm,
    hashAlgorithm: options.hash ?? enums.hash.sha512,
    rawNotations: notationsOf(options),
    ...(options.lifeSeconds === undefined ? {} : { signatureExpirationTime: options.lifeSeconds, signatureNeverExpires: false }),
  });
  // Its declared type leaves out the config, without which it does not run.
  await Reflect.apply(packet.sign, packet, [signer, literal, options.at ?? new Date(), true, CONFIG]);
  return packet;
}

const notationsOf = ({ criticalNotation, notation }: SignatureOptions) => [
  ...(criticalNotation === undefined ? [] : [{ name: criticalNotation, value: Buffer.from("x"), humanReadable: true, critical: true }]),
  ...(notation === undefined ? [] : [{ name: "x@a.example", value: Buffer.from(notation), humanReadable: true, critical: false }]),
];

const settingsOf = (options: Date | SignatureOptions): SignatureOptions => (options instanceof Date ? { at: options } : options);

function fingerprintOf(hex: string): Fingerprint {
  const fingerprint = parseFingerprint(hex);
  if (fingerprint === undefined) throw new Error(`Cannot read fingerprint "${hex}" of a test key`);
  return fingerprint;
}
