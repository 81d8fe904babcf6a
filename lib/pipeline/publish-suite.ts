/** Writes a merged suite into the stage: Release files beside the indices, Release, its signatures, by-hash links. Then proves it. */

import { formatInstant } from "../archive/dates.ts";
import { digestsOf, sha256Of } from "../archive/digests.ts";
import { ALL, type Architecture, type Sha256 } from "../archive/names.ts";
import { redacted } from "../archive/urls.ts";
import { MergeError } from "../errors.ts";
import type { Codec } from "../ports.ts";
import type { Stage } from "../publish/stage.ts";
import type { ListedFile } from "../release/listed-file.ts";
import { indexReleaseText, type ReleaseFacts, releaseText } from "../release/release-text.ts";
import { nextDate, validUntil } from "../release/timing.ts";
import type { PublishSettings, SuiteSettings } from "../settings.ts";
import type { MirrorRecord, SuiteRecord } from "../state/inputs-record.ts";
import { type SoundFile, verifyPublishedSuite } from "../verify/published-suite.ts";
import type { LastSuite } from "./last-generation.ts";
import type { MadeIndex } from "./make-index.ts";
import type { MergedSuite } from "./merge-suite.ts";
import { filesOf, indexDigests, type MirrorIntake } from "./take-in.ts";
import type { World } from "./world.ts";

export interface SuiteDigests {
  readonly inputs: Sha256;
  /** The same with the files that could not be had; undefined when all could. */
  readonly offered?: Sha256;
  readonly config: Sha256;
  readonly overrides: Sha256;
}

/** When the suite's next Release is dated. */
export const dateOf = (last: LastSuite, now: Date): Date =>
  nextDate(now, last.record === undefined ? undefined : new Date(last.record.date));

export const indexFile = (path: string, codec: Codec): string => `${path}.${codec}`;

/**
 * @param sound files that were found sound and taken over, by path below the suite
 * @throws MergeError SIGNING_FAILED, DISK_FAILED, TREE_UNSOUND
 */
export async function publishSuite(
  suite: SuiteSettings,
  publish: PublishSettings,
  merged: MergedSuite,
  intakes: readonly MirrorIntake[],
  digests: SuiteDigests,
  last: LastSuite,
  sound: ReadonlyMap<string, SoundFile>,
  stage: Stage,
  world: World,
): Promise<SuiteRecord> {
  const date = dateOf(last, world.now);
  const until = validUntil(date, suite.validForMs);
  const facts: ReleaseFacts = {
    suite: suite.name,
    fields: suite.release,
    date,
    validUntil: until,
    architectures: architecturesOf(suite, merged),
    components: suite.components.filter((component) => merged.indices.some((index) => index.component === component)),
    byHash: publish.byHashKeepMs !== undefined,
    digests: publish.digests,
    files: [],
  };
  const files = [...merged.indices, ...merged.followers].flatMap((index) => listed(index));
  for (const index of merged.indices) {
    if (!index.kind.hasRelease) continue;
    const bytes = indexReleaseText(facts, index.component, index.architecture);
    const path = `${index.kind.folder(index.component, index.architecture)}/Release`;
    await stage.writeSuiteFile(suite.name, path, bytes, date);
    files.push({ path, bytes: bytes.length, digests: digestsOf(bytes, publish.digests), written: true });
  }
  const text = releaseText({ ...facts, files });
  await writeRelease(suite, text, date, stage, world);
  const { byHashKeepMs } = publish;
  if (byHashKeepMs !== undefined)
    await stage.linkByHash(
      suite.name,
      files.filter((file) => file.written),
      publish.digests,
      byHashKeepMs,
    );
  await proveStaged(suite, stage, date, world, sound);

  return {
    ...digests,
    date: formatInstant(date),
    ...(until === undefined ? {} : { validUntil: formatInstant(until) }),
    release: sha256Of(text),
    aliases: suite.aliases,
    mirrors: intakes.map(mirrorRecord),
    indices: [...merged.indices, ...merged.followers].map(({ path, stanzas, plain }) => ({
      path,
      stanzas,
      bytes: plain.bytes,
      sha256: plain.digests.SHA256,
    })),
  };
}

/** `all` is there for the files that clients then look for beside those of their own architecture: Contents-all. */
function architecturesOf(suite: SuiteSettings, { indices, followers }: MergedSuite): readonly Architecture[] {
  const own = suite.architectures.filter((architecture) => indices.some((index) => index.architecture === architecture));
  return followers.some(({ path }) => path.endsWith("/Contents-all")) ? [...own, ALL] : own;
}

/** @throws MergeError SIGNING_FAILED, DISK_FAILED */
export async function writeRelease(suite: SuiteSettings, text: Buffer, date: Date, stage: Stage, world: World): Promise<void> {
  await stage.writeSuiteFile(suite.name, "Release", text, date);
  if (world.signer.fingerprints.length === 0) return;
  const { inRelease, releaseGpg } = await world.signer.sign(text, date);
  await stage.writeSuiteFile(suite.name, "Release.gpg", releaseGpg, date);
  await stage.writeSuiteFile(suite.name, "InRelease", inRelease, date);
}

/** What clients will see is verified by the same code that verifies mirrors, against the keys that will be published. */
export async function proveStaged(
  suite: SuiteSettings,
  stage: Stage,
  date: Date,
  world: World,
  sound: ReadonlyMap<string, SoundFile> = new Map(),
): Promise<void> {
  const signed = world.signer.fingerprints.length > 0;
  const keyring = signed ? { files: [`${world.output.root}/${stage.path}/key.asc`], pins: [] } : undefined;
  try {
    // A Date that only goes up may lie ahead of a clock that went back.
    const now = date > world.now ? date : world.now;
    await verifyPublishedSuite(world.output, `${stage.path}/dists/${suite.name}`, keyring, { signatures: world.signatures, now, sound });
  } catch (error) {
    if (!(error instanceof MergeError) || error.code === "DISK_FAILED") throw error;
    throw new MergeError("TREE_CHECK_FAILED", error.message, { suite: suite.name }, { cause: error });
  }
}

function listed(index: MadeIndex): ListedFile[] {
  const compressed = index.files.map(({ codec, bytes, digests }) => ({
    path: indexFile(index.path, codec),
    bytes,
    digests,
    written: true,
  }));
  const patches = index.patches === undefined ? [] : [index.patches];
  return [{ path: index.path, bytes: index.plain.bytes, digests: index.plain.digests, written: false }, ...compressed, ...patches];
}

function mirrorRecord(intake: MirrorIntake): MirrorRecord {
  const { release, from, base } = intake.taken;
  return {
    mirror: from.mirror.name,
    suite: from.suite,
    url: redacted(base ?? from.mirror.urls[0] ?? ""),
    date: formatInstant(release.date),
    ...(release.validUntil === undefined ? {} : { validUntil: formatInstant(release.validUntil) }),
    sha256: release.sha256,
    signedBy: release.signedBy,
    ...(from.mirror.pool === undefined ? {} : { pool: from.mirror.pool }),
    indices: indexDigests(filesOf(intake)),
  };
}
