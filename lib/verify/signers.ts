/** From the verdicts on single signatures to one answer: who, of those that this mirror may be signed by, signed this Release. */
import { formatInstant } from "../archive/dates.ts";
import type { Fingerprint } from "../archive/names.ts";
import { MergeError, type Problem, problem, type Where } from "../errors.ts";
import type { SignatureVerdict } from "../ports.ts";
import type { KeyringSettings } from "../settings.ts";

const DAY_MS = 24 * 3600 * 1000;
const WARN_BEFORE_MS = 30 * DAY_MS;

type GoodVerdict = Extract<SignatureVerdict, { kind: "good" }>;

export interface Signers {
  /** Primary keys in byte order, each once. */
  readonly signedBy: readonly Fingerprint[];
  readonly problems: readonly Problem[];
}

/**
 * One good signature by a trusted key is enough, and one bad signature is too much, whoever else signed. Signatures by unknown, expired,
 * revoked or weak keys beside a good one do not count either way: archives sign with old and new keys while they change them.
 *
 * @throws MergeError SIGNATURE_BAD, SIGNATURE_UNTRUSTED
 */
export function decideSigners(verdicts: readonly SignatureVerdict[], keyring: KeyringSettings, now: Date, where: Where): Signers {
  const what = `${where.file} of ${where.mirror}/${where.suite}`;
  for (const verdict of verdicts) {
    if (verdict.kind !== "bad") continue;
    const found = `its signature by key ${verdict.fingerprint} does not match its text`;
    throw new MergeError("SIGNATURE_BAD", `Cannot trust ${what}: ${found}, every signature by a known key must match`, where);
  }
  const good = verdicts.filter((verdict) => verdict.kind === "good").filter((verdict) => isPinned(verdict, keyring));
  if (good.length === 0) {
    const found = verdicts.length === 0 ? "it has no signature" : verdicts.map(describe).join("; ");
    const files = keyring.files.map((file) => `"${file}"`).join(", ");
    const pins = keyring.pins.map((pin) => `${pin.fingerprint}${pin.exact ? "!" : ""}`).join(", ");
    const wanted = pins === "" ? `a sound signature by a key in ${files}` : `a sound signature by ${pins} in ${files}`;
    throw new MergeError("SIGNATURE_UNTRUSTED", `Cannot trust ${what}: ${found}; it must have ${wanted}`, where);
  }
  const signedBy = [...new Set(good.map((verdict) => verdict.primary))].sort();
  return { signedBy, problems: expiring(good, now, what, where) };
}

function isPinned(verdict: GoodVerdict, keyring: KeyringSettings): boolean {
  if (keyring.pins.length === 0) return true;
  return keyring.pins.some((pin) => pin.fingerprint === (pin.exact ? verdict.fingerprint : verdict.primary));
}

/** While any good key lasts longer there is nothing to do. */
function expiring(good: readonly GoodVerdict[], now: Date, what: string, where: Where): readonly Problem[] {
  const limit = now.getTime() + WARN_BEFORE_MS;
  let last: GoodVerdict | undefined;
  for (const verdict of good) {
    if (verdict.keyExpires === undefined || verdict.keyExpires.getTime() > limit) return [];
    if (last?.keyExpires === undefined || verdict.keyExpires > last.keyExpires) last = verdict;
  }
  if (last?.keyExpires === undefined) return [];
  const message = `The key that signs ${what}, ${last.primary}, expires on ${formatInstant(last.keyExpires)}`;
  return [problem("warning", "ARCHIVE_KEY_EXPIRES", message, where)];
}

function describe(verdict: SignatureVerdict): string {
  switch (verdict.kind) {
    case "good":
      return `key ${verdict.fingerprint} (primary ${verdict.primary}) signed it and is not pinned`;
    case "bad":
      return `the signature by key ${verdict.fingerprint} does not match`;
    case "unknown-key":
      return `key ${verdict.keyId} signed it and is not in the keyring`;
    case "refused":
      return `the signature by key ${verdict.keyId} does not count: ${verdict.because}`;
    default:
      return verdict satisfies never;
  }
}
