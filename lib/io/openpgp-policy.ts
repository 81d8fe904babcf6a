/** Which keys and digests are strong enough, and whether a key may sign now. One policy for mirrors' keys and for our own. */
import { enums, type Key, config as openpgpDefaults, type SignaturePacket, type Subkey } from "openpgp";
import { formatInstant } from "../archive/dates.ts";
import { messageOf } from "./openpgp-keyring.ts";

/** Clocks differ; a signature or a Release that is dated further ahead is refused. */
export const FUTURE_TOLERANCE_MS = 10 * 60 * 1000;

const MIN_RSA_BITS = 2048;

/** What apt 3 takes for strong. */
const STRONG_DIGESTS: ReadonlySet<enums.hash> = new Set([
  enums.hash.sha224,
  enums.hash.sha256,
  enums.hash.sha384,
  enums.hash.sha512,
  enums.hash.sha3_256,
  enums.hash.sha3_512,
]);

/** Old archive keys have no key flags; gpg and apt let them sign. */
export const SIGNING_CONFIG = { ...openpgpDefaults, minRSABits: MIN_RSA_BITS, allowMissingKeyFlags: true };

export type KeyJudgement =
  | { readonly kind: "may-sign"; readonly expires: Date | undefined }
  | { readonly kind: "refused"; readonly because: string };

/** Why a signature's digest does not count; undefined when it does. */
export function digestFault(packet: SignaturePacket): string | undefined {
  const { hashAlgorithm } = packet;
  if (hashAlgorithm !== null && STRONG_DIGESTS.has(hashAlgorithm)) return undefined;
  const name = Object.entries(enums.hash).find(([, value]) => value === hashAlgorithm)?.[0] ?? String(hashAlgorithm);
  return `its digest is ${name.toUpperCase()}, only SHA2 and SHA3 are strong enough`;
}

/**
 * @param signing the key itself or one of its subkeys
 */
export async function judgeKey(key: Key, signing: Key | Subkey, now: Date): Promise<KeyJudgement> {
  const refused = (because: string): KeyJudgement => ({ kind: "refused", because });
  const name = signing.getFingerprint().toUpperCase();
  const weak = keyFault(key) ?? keyFault(signing);
  if (weak !== undefined) return refused(weak);

  const since = await revokedSince(key, signing, now);
  if (since !== undefined) return refused(`key ${name} was revoked on ${formatInstant(since)}`);
  const expires = earliest(await key.getExpirationTime(undefined, SIGNING_CONFIG), signing === key ? undefined : await endOf(signing, now));
  if (expires !== undefined && expires <= now) return refused(`key ${name} expired on ${formatInstant(expires)}`);
  try {
    await key.getSigningKey(signing.getKeyID(), now, undefined, SIGNING_CONFIG);
  } catch (error) {
    return refused(`key ${name} may not sign (${messageOf(error)})`);
  }
  return { kind: "may-sign", expires };
}

function keyFault(key: Key | Subkey): string | undefined {
  const { algorithm, bits, curve } = key.getAlgorithmInfo();
  const name = key.getFingerprint().toUpperCase();
  if (algorithm === "dsa" || algorithm === "elgamal") return `key ${name} is a ${algorithm.toUpperCase()} key, which is too weak`;
  if (algorithm.startsWith("rsa") && (bits ?? 0) < MIN_RSA_BITS) {
    return `key ${name} is an RSA key of ${bits ?? "unknown"} bits, at least ${MIN_RSA_BITS} are wanted`;
  }
  if (curve === "secp256k1") return `key ${name} uses curve ${curve}, which is not accepted`;
  return undefined;
}

async function revokedSince(key: Key, signing: Key | Subkey, now: Date): Promise<Date | undefined> {
  if (await key.isRevoked(undefined, undefined, now, SIGNING_CONFIG)) return firstDate(key.revocationSignatures);
  if (!("bindingSignatures" in signing)) return undefined;
  for (const binding of signing.bindingSignatures) {
    if (await signing.isRevoked(binding, key.keyPacket, now, SIGNING_CONFIG)) return firstDate(signing.revocationSignatures);
  }
  return undefined;
}

function firstDate(signatures: readonly SignaturePacket[]): Date {
  const times = signatures.flatMap(({ created }) => (created === null ? [] : [created.getTime()]));
  return new Date(times.length === 0 ? 0 : Math.min(...times));
}

async function endOf(signing: Key | Subkey, now: Date): Promise<Date | typeof Infinity | null> {
  return "bindingSignatures" in signing ? signing.getExpirationTime(now, SIGNING_CONFIG) : null;
}

function earliest(...ends: readonly (Date | typeof Infinity | null | undefined)[]): Date | undefined {
  const times = ends.flatMap((end) => (end instanceof Date ? [end.getTime()] : []));
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}
