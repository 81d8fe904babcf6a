/**
 * Judges signatures in process, over raw bytes. Two questions per signature, in this order: do the bytes match (bad or not), and may this key
 * sign now (refused or good). The key's validity is judged now, not at the time of signing: an archive whose key has expired is told so.
 */
import { createMessage, enums, type Key, config as openpgpDefaults, readSignature, SignaturePacket, type Subkey } from "openpgp";
import { formatInstant } from "../archive/dates.ts";
import { MergeError } from "../errors.ts";
import type { SignatureChecker, SignatureVerdict } from "../ports.ts";
import type { KeyringSettings } from "../settings.ts";
import { dearmor, isBinary } from "./openpgp-armor.ts";
import { fingerprintOf, type Keyring, KeyringReader, messageOf } from "./openpgp-keyring.ts";
import { digestFault, FUTURE_TOLERANCE_MS, judgeKey } from "./openpgp-policy.ts";

/** Archives sign with three or four keys; each costs a public-key operation. */
const MAX_SIGNATURES = 32;

/** For the first question alone: weak digests are refused afterwards, by name. */
const BYTES_ONLY = { ...openpgpDefaults, rejectHashAlgorithms: new Set<enums.hash>(), rejectMessageHashAlgorithms: new Set<enums.hash>() };

export class OpenpgpChecker implements SignatureChecker {
  readonly #keyrings = new KeyringReader();

  async check(
    text: Uint8Array,
    signature: Uint8Array,
    kind: "text" | "detached",
    keyring: KeyringSettings,
    now: Date,
  ): Promise<readonly SignatureVerdict[]> {
    return judgeSignatures(text, signature, kind, await this.#keyrings.read(keyring, now), now);
  }
}

/**
 * One verdict per signature, in their order.
 *
 * @throws MergeError CLEARSIGN_MALFORMED when the signatures cannot be read
 */
export async function judgeSignatures(
  text: Uint8Array,
  signature: Uint8Array,
  kind: "text" | "detached",
  keyring: Keyring,
  now: Date,
): Promise<readonly SignatureVerdict[]> {
  const packets = await readPackets(Buffer.from(signature));
  const literals = (await createMessage({ binary: text })).packets;
  const verdicts: SignatureVerdict[] = [];
  for (const literal of literals) for (const packet of packets) verdicts.push(await judge(packet, literal, kind, keyring, now));
  return verdicts;
}

/** Every packet of every block. Packets that are no signature, or of a kind that is not understood, come out as undefined. */
async function readPackets(signature: Buffer): Promise<readonly (SignaturePacket | undefined)[]> {
  const unreadable: (found: string) => never = (found) => {
    throw new MergeError("CLEARSIGN_MALFORMED", `Cannot read signature: it ${found}, it must be OpenPGP signatures alone`);
  };
  const blocks: Buffer[] = [];
  if (isBinary(signature)) blocks.push(signature);
  else {
    const read = dearmor(signature, "nothing");
    if (read.kind === "fault") unreadable(read.because);
    for (const block of read.blocks) {
      if (block.label !== "SIGNATURE") unreadable(`holds a ${block.label.toLowerCase()}`);
      blocks.push(block.bytes);
    }
  }
  const packets: (SignaturePacket | undefined)[] = [];
  for (const block of blocks) {
    const read = await readSignature({ binarySignature: block }).catch((error: unknown) => unreadable(`is damaged (${messageOf(error)})`));
    for (const packet of [...read.packets]) packets.push(packet instanceof SignaturePacket ? packet : undefined);
  }
  if (packets.length === 0) unreadable("is empty");
  if (packets.length > MAX_SIGNATURES) unreadable(`holds ${packets.length} signatures, at most ${MAX_SIGNATURES} are read`);
  return packets;
}

async function judge(
  packet: SignaturePacket | undefined,
  literal: object,
  kind: "text" | "detached",
  keyring: Keyring,
  now: Date,
): Promise<SignatureVerdict> {
  if (packet === undefined) return { kind: "refused", keyId: "unknown", because: "its format or algorithm is not understood" };
  const keyId = issuerOf(packet);
  const refused = (because: string): SignatureVerdict => ({ kind: "refused", keyId, because });
  const form = formFault(packet, kind);
  if (form !== undefined) return refused(form);
  const found = findKey(packet, keyring);
  if (found === undefined) return { kind: "unknown-key", keyId };
  const { signing, key } = found;
  const fingerprint = fingerprintOf(signing);

  if (!(await matches(packet, signing, literal))) return { kind: "bad", fingerprint };

  const digest = digestFault(packet);
  if (digest !== undefined) return refused(digest);
  const created = packet.created ?? new Date(0);
  if (created.getTime() > now.getTime() + FUTURE_TOLERANCE_MS)
    return refused(`it is dated ${formatInstant(created)}, which is in the future`);
  if (created < signing.getCreationTime()) return refused("it is older than its key");
  const ends = packet.getExpirationTime();
  if (ends instanceof Date && ends <= now) return refused(`the signature expired on ${formatInstant(ends)}`);
  const judged = await judgeKey(key, signing, now);
  if (judged.kind === "refused") return refused(judged.because);
  return { kind: "good", fingerprint, primary: fingerprintOf(key), keyExpires: judged.expires };
}

/** Whether the bytes are what this key signed. The packet's own time stands in for now: times are judged later, by name. */
async function matches(packet: SignaturePacket, signing: Key | Subkey, literal: object): Promise<boolean> {
  try {
    await packet.verify(
      signing.keyPacket,
      packet.signatureType ?? enums.signature.binary,
      literal,
      packet.created ?? undefined,
      true,
      BYTES_ONLY,
    );
    return true;
  } catch {
    // What is not about the bytes (unknown critical parts) was answered in formFault.
    return false;
  }
}

function findKey(packet: SignaturePacket, keyring: Keyring): { readonly key: Key; readonly signing: Key | Subkey } | undefined {
  for (const key of keyring.values()) {
    const signing = key.getKeys().find((each) => each.getKeyID().equals(packet.issuerKeyID));
    if (signing !== undefined) return { key, signing };
  }
  return undefined;
}

function formFault(packet: SignaturePacket, kind: "text" | "detached"): string | undefined {
  const { text, binary } = enums.signature;
  if (packet.signatureType !== text && !(kind === "detached" && packet.signatureType === binary)) {
    return `it is a signature of type ${packet.signatureType ?? "unknown"}, not one of ${kind === "text" ? "a text" : "a file"}`;
  }
  if (packet.created === null) return "it does not say when it was made";
  if (packet.unknownSubpackets.some(({ critical }) => critical) || packet.rawNotations.some(({ critical }) => critical)) {
    return "it has a critical part that is not understood";
  }
  return undefined;
}

/** The fingerprint where the signature gives it, else the key id of 16 digits; upper case. */
function issuerOf(packet: SignaturePacket): string {
  if (packet.issuerFingerprint !== null) return Buffer.from(packet.issuerFingerprint).toString("hex").toUpperCase();
  return packet.issuerKeyID.toHex().toUpperCase();
}
