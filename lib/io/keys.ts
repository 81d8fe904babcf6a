/** New signing keys, for `init`, `key generate` and `demo`. */
import { generateKey } from "openpgp";
import type { Fingerprint } from "../archive/names.ts";
import { MergeError } from "../errors.ts";
import { fingerprintOf } from "./openpgp-keyring.ts";

export interface NewSigningKey {
  /** Armored, without a passphrase: to be written with mode 0600. */
  readonly secret: string;
  /** Armored. */
  readonly public: string;
  readonly fingerprint: Fingerprint;
}

/**
 * An ed25519 key that signs and does nothing else, and that does not expire. Of the two ways to write such keys it takes the one that gpgv 2.2
 * and apt 2.6 read.
 *
 * @param userId `Name`, `Name <address>` or `<address>`
 * @throws MergeError USAGE when the user id cannot be written
 */
export async function generateSigningKey(userId: string, now: Date): Promise<NewSigningKey> {
  const match = /^([^<>\0-\x1f]*)(?:<([^<>\s]+@[^<>\s]+)>)?$/.exec(userId);
  const name = match?.[1]?.trim() ?? "";
  const email = match?.[2];
  if (match === null || (name === "" && email === undefined)) {
    throw new MergeError("USAGE", `Cannot make a key for "${userId}": the user id must be "Name" or "Name <address>"`);
  }
  const { privateKey, publicKey } = await generateKey({
    type: "ecc",
    curve: "ed25519Legacy",
    userIDs: [{ ...(name === "" ? {} : { name }), ...(email === undefined ? {} : { email }) }],
    subkeys: [],
    date: now,
    format: "object",
  });
  return { secret: privateKey.armor(), public: publicKey.armor(), fingerprint: fingerprintOf(publicKey) };
}
