/**
 * Makes a trusted Release of bytes that a mirror sent, or of stored ones: they are verified anew in every run, under the rules of that run.
 *
 * 1. The signed text is cut out of the file; nothing else of the file is looked at from here on.
 * 2. A key that this mirror may be signed by has signed it, and no signature is bad.
 * 3. It parses, and lists digests that are strong enough.
 * 4. It is of the suite that was asked for.
 * 5. It is of the right time: dated, not ahead, not before the last accepted one, not too old, not expired.
 */
import { createHash } from "node:crypto";
import { parseSha256, type Sha256, type SuitePath } from "../archive/names.ts";
import { parseRelease, type Release } from "../archive/release.ts";
import { type Floor, type ReleaseFiles, type TrustedRelease, vouch } from "../archive/trusted.ts";
import { MergeError, type Problem, type Where } from "../errors.ts";
import type { SignatureChecker, SignatureVerdict } from "../ports.ts";
import type { MirrorSettings } from "../settings.ts";
import { splitClearsigned } from "./clearsign.ts";
import { checkAge, checkFloor, checkValidUntil, readDate } from "./freshness.ts";
import { checkSuite } from "./identity.ts";
import { joinLines, readLines } from "./lines.ts";
import { decideSigners } from "./signers.ts";

/** Which suite of which mirror was asked for; a MirrorSuite of the settings will do. */
export interface ReleaseAsk {
  readonly mirror: MirrorSettings;
  readonly suite: SuitePath;
  /** Suite or Codename that its Release says when it is not the folder's name. */
  readonly codename: string | undefined;
}

interface World {
  readonly signatures: SignatureChecker;
  /** Start of the run, the same instant for every mirror. */
  readonly now: Date;
}

/**
 * @param floor the last accepted Release of this mirror and suite; undefined on the first run
 * @param acceptOlder the operator accepts a Release before the floor, this once
 * @throws MergeError CLEARSIGN_MALFORMED, SIGNATURE_BAD, SIGNATURE_UNTRUSTED, KEYRING_UNUSABLE, RELEASE_MALFORMED, RELEASE_WEAK,
 *   RELEASE_WRONG_SUITE, RELEASE_UNDATED, RELEASE_FROM_FUTURE, RELEASE_ROLLBACK, RELEASE_EQUIVOCAL, RELEASE_EXPIRED
 */
export async function verifyRelease(
  files: ReleaseFiles,
  ask: ReleaseAsk,
  floor: Floor | undefined,
  world: World,
  acceptOlder: boolean,
): Promise<{ readonly release: TrustedRelease; readonly problems: readonly Problem[] }> {
  const { mirror, suite, codename } = ask;
  const where: Where = { mirror: mirror.name, suite, file: files.form };
  const { text, verdicts } = await checkSignatures(files, mirror, world, where);
  const signers = decideSigners(verdicts, mirror.keyring, world.now, where);

  const release = parseRelease(text, where);
  checkStrength(release, mirror.allowWeak, where);
  checkSuite(release, suite, codename, where);
  const date = readDate(release, world.now, where);
  const sha256 = sha256Of(text);
  checkFloor(date, sha256, floor, acceptOlder, where);
  checkAge(date, mirror.maxAgeMs, world.now, where);
  const { validUntil, problems } = checkValidUntil(release, mirror.checkValidUntil, world.now, where);

  const facts = { mirror: mirror.name, suite, release, date, validUntil, sha256, signedBy: signers.signedBy, files };
  return { release: vouch(facts), problems: [...signers.problems, ...problems] };
}

/** The signed text in the one form that both ways of signing share, and what there is to say of each signature. */
async function checkSignatures(
  files: ReleaseFiles,
  mirror: MirrorSettings,
  world: World,
  where: Where,
): Promise<{ readonly text: Buffer; readonly verdicts: readonly SignatureVerdict[] }> {
  const check = async (text: Buffer, signature: Buffer, kind: "text" | "detached"): Promise<readonly SignatureVerdict[]> => {
    try {
      return await world.signatures.check(text, signature, kind, mirror.keyring, world.now);
    } catch (error) {
      // The checker knows files and keys; which mirror and suite they belong to is known here.
      if (!(error instanceof MergeError) || error.where.mirror !== undefined) throw error;
      throw new MergeError(
        error.code,
        `${where.file} of ${where.mirror}/${where.suite}: ${error.message}`,
        { ...where, ...error.where },
        { cause: error },
      );
    }
  };
  if (files.form === "InRelease") {
    const split = splitClearsigned(files.inRelease, where);
    return { text: split.text, verdicts: await check(split.toVerify, split.signature, "text") };
  }
  const verdicts = await check(files.release, files.signature, "detached");
  const read = readLines(files.release);
  if (read.kind === "fault") {
    const message = `Cannot read Release of ${where.mirror}/${where.suite}: ${read.because}, it must be lines of text`;
    throw new MergeError("RELEASE_MALFORMED", message, where);
  }
  return { text: joinLines(read.lines), verdicts };
}

function checkStrength(release: Release, allowWeak: boolean, where: Where): void {
  const entries = [...release.entries.values()];
  if (entries.some((entry) => entry.sha256 !== undefined)) return;
  const weak = entries.some((entry) => entry.weak !== undefined);
  if (weak && allowWeak) return;
  const found = weak ? "it lists its files with SHA1 or MD5 alone" : "it lists no file with a digest";
  throw new MergeError("RELEASE_WEAK", `Cannot accept Release of ${where.mirror}/${where.suite}: ${found}, they must have SHA256`, where);
}

function sha256Of(text: Buffer): Sha256 {
  const digest = parseSha256(createHash("sha256").update(text).digest("hex"));
  if (digest === undefined) throw new Error("Cannot read a SHA256 that was just computed");
  return digest;
}
