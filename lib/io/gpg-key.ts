/** A secret key that gpg-agent holds: in its own store, on a smart card, in an HSM. */
import { type Key, readKeys, type Subkey } from "openpgp";
import type { Fingerprint } from "../archive/names.ts";
import { MergeError } from "../errors.ts";
import { runGpg } from "./gpg-process.ts";
import type { ReadyKey } from "./openpgp-file-key.ts";
import { fingerprintOf, messageOf } from "./openpgp-keyring.ts";
import { judgeKey, SIGNING_CONFIG } from "./openpgp-policy.ts";

const NOTHING = Buffer.alloc(0);

/**
 * @param wanted of a primary key, or of the subkey that is to sign
 * @throws MergeError SIGNING_KEY_UNUSABLE; the key's `sign` throws SIGNING_FAILED
 */
export async function loadGpgKey(wanted: Fingerprint, homedir: string | undefined, now: Date, timeoutMs: number): Promise<ReadyKey> {
  const label = `${wanted} of gpg`;
  const unusable: (found: string) => never = (found) => {
    throw new MergeError("SIGNING_KEY_UNUSABLE", `Cannot sign with key ${label}: ${found}`);
  };
  const exported = await runGpg(["--export", "--export-options", "export-minimal", wanted], homedir, NOTHING, timeoutMs);
  if (exported.kind === "failed") unusable(`gpg ${exported.because}`);
  if (exported.output.length === 0) unusable(`gpg has no such key${homedir === undefined ? "" : ` in "${homedir}"`}`);
  const keys = await readKeys({ binaryKeys: exported.output }).catch((error: unknown) => unusable(messageOf(error)));
  const key = keys.find((each) => each.getKeys().some((part) => fingerprintOf(part) === wanted));
  if (key === undefined) unusable("gpg gave another key");
  const secret = await runGpg(["--list-secret-keys", "--with-colons", wanted], homedir, NOTHING, timeoutMs);
  if (secret.kind === "failed") unusable(`its secret part is not there, gpg ${secret.because}`);

  const signing = await chooseSigningKey(key, wanted, now, unusable);
  const judged = await judgeKey(key, signing, now);
  if (judged.kind === "refused") unusable(judged.because);
  const signer = fingerprintOf(signing);
  return {
    label,
    fingerprint: fingerprintOf(key),
    expires: judged.expires,
    publicKey: Buffer.from(key.write()),
    ownClock: true,
    sign: async (content, kind) => {
      // The exclamation mark: this very key, not another one that gpg would rather take.
      const args = ["--digest-algo", "SHA512", "--local-user", `${signer}!`, ...(kind === "text" ? ["--textmode"] : []), "--detach-sign"];
      const signed = await runGpg(args, homedir, content, timeoutMs);
      if (signed.kind === "done" && signed.output.length > 0) return signed.output;
      const found = signed.kind === "failed" ? signed.because : "wrote nothing";
      throw new MergeError("SIGNING_FAILED", `Cannot sign with key ${label}: gpg ${found}`);
    },
  };
}

async function chooseSigningKey(key: Key, wanted: Fingerprint, now: Date, unusable: (found: string) => never): Promise<Key | Subkey> {
  const subkey = key.subkeys.find((each) => fingerprintOf(each) === wanted);
  if (subkey !== undefined) return subkey;
  try {
    const found = await key.getSigningKey(undefined, now, undefined, SIGNING_CONFIG);
    return key.subkeys.find((each) => each.getFingerprint() === found.getFingerprint()) ?? key;
  } catch (error) {
    const judged = await judgeKey(key, key, now);
    return unusable(judged.kind === "refused" ? judged.because : messageOf(error));
  }
}
