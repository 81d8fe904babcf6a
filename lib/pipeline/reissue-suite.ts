/**
 * Publishes a suite again as an earlier generation has it: the same files, Release under a new Date, signed with the keys of today. Nothing is
 * merged, because what it was made of is no longer there.
 */
import { formatInstant } from "../archive/dates.ts";
import { type DigestName, sha256Of } from "../archive/digests.ts";
import { words } from "../archive/release.ts";
import { MergeError } from "../errors.ts";
import { parsePdiffIndex } from "../pdiff/index-file.ts";
import type { Generation } from "../publish/generations.ts";
import type { Stage } from "../publish/stage.ts";
import { redatedText } from "../release/release-text.ts";
import { nextDate, validUntil } from "../release/timing.ts";
import type { SuiteSettings } from "../settings.ts";
import type { RolledBack, SuiteRecord } from "../state/inputs-record.ts";
import { type PublishedSuite, verifyPublishedSuite } from "../verify/published-suite.ts";
import type { RunContext } from "./context.ts";
import { proveStaged, writeRelease } from "./publish-suite.ts";
import type { SuiteRun } from "./suite-run.ts";
import type { World } from "./world.ts";

/** A suite of a generation, found sound. */
export interface SoundSuite {
  readonly generation: Generation;
  readonly record: SuiteRecord;
  readonly published: PublishedSuite;
  /** Of Release. */
  readonly text: Buffer;
}

/**
 * Proves all of the suite's files: sizes, digests, signatures by the keys that the generation publishes.
 *
 * @throws MergeError TREE_UNSOUND, SIGNATURE_*, CLEARSIGN_MALFORMED, RELEASE_MALFORMED
 */
export async function proveSuite(name: string, generation: Generation, record: SuiteRecord, world: World): Promise<SoundSuite> {
  const { output } = world;
  const path = `${generation.path}/dists/${name}`;
  const there = await Promise.all(
    [`${generation.path}/key.asc`, `${path}/InRelease`, `${path}/Release.gpg`].map((file) => output.stat(file)),
  );
  const keyring = there.some((file) => file !== undefined) ? { files: [`${output.root}/${generation.path}/key.asc`], pins: [] } : undefined;
  // As of its own day: keys may have expired since.
  const at = { signatures: world.signatures, now: new Date(record.date) };
  const published = await verifyPublishedSuite(output, path, keyring, at).catch((error: unknown) => {
    // A key that was published is no fault of the config.
    if (!(error instanceof MergeError) || error.code !== "KEYRING_UNUSABLE") throw error;
    throw new MergeError("TREE_UNSOUND", error.message, error.where, { cause: error });
  });
  const text = (await output.read(`${path}/Release`)) ?? Buffer.alloc(0);
  if (sha256Of(text) === record.release) return { generation, record, published, text };
  const found = `Cannot vouch for ${output.root}/${path}/Release: its SHA256 is ${sha256Of(text)}, inputs.json says ${record.release}`;
  throw new MergeError("TREE_UNSOUND", found, { suite: name, file: `${path}/Release` });
}

interface Reissue {
  readonly suite: SuiteSettings;
  readonly sound: SoundSuite;
  /** The latest Date under which clients may know the suite. */
  readonly latest: Date;
  readonly rolledBack: RolledBack | undefined;
}

/** @throws MergeError SIGNING_FAILED, DISK_FAILED, TREE_CHECK_FAILED */
export async function reissueSuite(
  { suite, sound, latest, rolledBack }: Reissue,
  stage: Stage,
  { settings, world }: RunContext,
): Promise<SuiteRecord> {
  const { generation, published } = sound;
  const from = `${generation.path}/dists/${suite.name}`;
  const date = nextDate(world.now, latest);
  const until = validUntil(date, suite.validForMs);
  const names = digestsIn(sound.text);
  const files = [];
  for (const path of published.files.keys()) {
    await stage.keepSuiteFile(suite.name, path, generation.path);
    const found = await world.output.digest(`${from}/${path}`, names);
    if (found !== undefined) files.push({ path, digests: found.digests });
    for (const patch of await patchesOf(`${from}/${path}`, path, world)) await stage.keepSuiteFile(suite.name, patch, generation.path);
  }
  const text = redatedText(sound.text, date, until);
  await writeRelease(suite, text, date, stage, world);
  // What is superseded by this stays as long as after any publish: clients may be in the middle of an update.
  const byHash = words(published.release, "Acquire-By-Hash").includes("yes");
  await stage.linkByHash(suite.name, byHash ? files : [], names, settings.publish.byHashKeepMs ?? 0);
  await proveStaged(suite, stage, date, world);
  const { validUntil: _, rolledBack: __, ...record } = sound.record;
  return {
    ...record,
    date: formatInstant(date),
    ...(until === undefined ? {} : { validUntil: formatInstant(until) }),
    release: sha256Of(text),
    aliases: suite.aliases,
    ...(rolledBack === undefined ? {} : { rolledBack }),
  };
}

/** A rolled-back suite whose Valid-Until ends: what is published, once more. */
export async function renewSuite(one: SuiteRun, stage: Stage | undefined, context: RunContext): Promise<void> {
  const { suite, last } = one;
  const { record } = last;
  if (record === undefined || context.last === undefined) throw new Error(`Suite ${suite.name} was never published`);
  const sound = await proveSuite(suite.name, context.last.generation, record, context.world);
  if (stage === undefined) return; // a dry run
  const latest = new Date(record.date);
  one.state = { kind: "reissued", record: await reissueSuite({ suite, sound, latest, rolledBack: record.rolledBack }, stage, context) };
}

/** Digests that a Release of ours lists. */
const digestsIn = (text: Buffer): readonly DigestName[] =>
  (["MD5Sum", "SHA256", "SHA512"] as const).filter((name) => text.toString("latin1").includes(`\n${name}:\n`));

const PATCH_LIST = ".diff/Index";

/** Patches to what is published again stay right: each leads to it from an earlier state. Release lists their list alone. */
async function patchesOf(file: string, path: string, { output }: World): Promise<readonly string[]> {
  const bytes = path.endsWith(PATCH_LIST) ? await output.read(file) : undefined;
  if (bytes === undefined) return [];
  const { patches } = parsePdiffIndex(bytes, { mirror: "our own tree", file });
  return patches.map(({ name }) => `${path.slice(0, -"Index".length)}${name}.gz`);
}
