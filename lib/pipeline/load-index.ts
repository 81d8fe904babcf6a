/** Opens a stored index: decompressed, verified against its Release, scanned. */
import { giveBack } from "../archive/give-back.ts";
import type { TrustedIndex, TrustedRelease } from "../archive/trusted.ts";
import { StanzaScanner } from "../deb822/stanza-scanner.ts";
import { MergeError } from "../errors.ts";
import { type ObtainedIndex, obtainIndex, storedPieces } from "../fetch/index-file.ts";
import type { WantedFile, WantedIndex } from "../fetch/wanted.ts";
import type { DecompressOutcome, DecompressProgress } from "../ports.ts";
import type { SuiteSettings } from "../settings.ts";
import { ArrivalDigest } from "../verify/arrival-digest.ts";
import { verifyIndex } from "../verify/index-bytes.ts";
import { type IndexStream, verifiedPieces } from "../verify/index-stream.ts";
import type { GatherAhead } from "./gather-ahead.ts";
import { indexWorld } from "./index-world.ts";
import { LoadedInput } from "./loaded-input.ts";
import type { RelationFeed } from "./relation-feed.ts";
import type { Target } from "./suite-targets.ts";
import type { MirrorIntake } from "./take-in.ts";
import type { RunRequest, World } from "./world.ts";

/** An index file as fetched, and the most that may come out of it. */
interface OpenedIndex extends Pick<ObtainedIndex, "choice"> {
  readonly cap: number;
}

/** @throws MergeError INDEX_TOO_LARGE */
function opened(choice: ObtainedIndex["choice"], wanted: WantedFile, { release, from }: MirrorIntake["taken"]): OpenedIndex {
  const cap = wanted.plain?.bytes ?? from.mirror.maxIndexBytes;
  if (cap > from.mirror.maxIndexBytes) {
    const { path } = choice.entry;
    const text = `Cannot use ${path} of ${release.mirror}/${release.suite}: it says it has ${cap} bytes, max-index-size is ${from.mirror.maxIndexBytes}`;
    throw new MergeError("INDEX_TOO_LARGE", text, { mirror: release.mirror, suite: release.suite, file: path });
  }
  return { choice, cap };
}

async function obtain(intake: MirrorIntake, wanted: WantedFile, world: World, request: RunRequest): Promise<ObtainedIndex> {
  const { release, from, base } = intake.taken;
  return intake.held.get(wanted.path) ?? obtainIndex(wanted, release, from.mirror, base, indexWorld(intake, { world, request }));
}

/** Why what is in a file cannot be read. */
function unreadable(
  end: Exclude<DecompressOutcome, { kind: "plain" }>,
  wanted: WantedFile,
  { choice: { compression, entry }, cap }: OpenedIndex,
  release: TrustedRelease,
): MergeError {
  const where = { mirror: release.mirror, suite: release.suite, file: entry.path };
  switch (end.kind) {
    case "too-long": {
      const limit = wanted.plain === undefined ? "max-index-size" : "the size that its Release lists";
      const code = wanted.plain === undefined ? "INDEX_TOO_LARGE" : "INDEX_MISMATCH";
      const text = `Cannot use ${entry.path} of ${release.mirror}/${release.suite}: it holds more than ${cap} bytes, ${limit}`;
      return new MergeError(code, text, where);
    }
    case "damaged": {
      const text = `Cannot decompress ${entry.path} of ${release.mirror}/${release.suite}: ${end.because}, it must be a whole ${compression} file`;
      return new MergeError("INDEX_MALFORMED", text, where);
    }
    default:
      return end satisfies never;
  }
}

/**
 * @param progress is told of bytes as they come, which nothing vouches for yet
 * @throws MergeError INDEX_MISMATCH, INDEX_MALFORMED, INDEX_TOO_LARGE
 */
export async function loadIndex(
  intake: MirrorIntake,
  wanted: WantedFile,
  world: World,
  request: RunRequest,
  progress?: DecompressProgress,
): Promise<TrustedIndex> {
  const { release, from } = intake.taken;
  const obtained = await obtain(intake, wanted, world, request);
  const open = opened(obtained.choice, wanted, intake.taken);
  const { compression, entry } = obtained.choice;
  const arrival = new ArrivalDigest();
  const outcome = await world.compressor.decompress(obtained.bytes, compression, open.cap, (whole, filled) => {
    arrival.take(whole, filled);
    progress?.(whole, filled);
  });
  if (outcome.kind !== "plain") throw unreadable(outcome, wanted, open, release);
  const compressed = obtained.patched ? undefined : { path: entry.path, bytes: obtained.bytes };
  const index = verifyIndex({ path: wanted.path, plain: outcome.bytes, arrival, compressed }, release, from.mirror.allowWeak);
  // Some are held to be read again, and what was not compressed is the index itself.
  if (!intake.held.has(wanted.path) && compression !== "plain") giveBack(obtained.bytes);
  return index;
}

/** The bytes of an index in pieces, for what is too large to be held. @throws the same, at the latest behind the last piece */
export async function* streamIndex(intake: MirrorIntake, wanted: WantedFile, world: World, request: RunRequest): AsyncGenerator<Buffer> {
  const { release, from } = intake.taken;
  const stored = await storedPieces(wanted, indexWorld(intake, { world, request }));
  const obtained = stored ?? (await obtain(intake, wanted, world, request));
  const open = opened(obtained.choice, wanted, intake.taken);
  const { compression, entry } = obtained.choice;
  const read = (bytes: Buffer | AsyncIterable<Buffer>, compressed: IndexStream["compressed"]): AsyncGenerator<Buffer> => {
    const pieces = world.compressor.decompressing(bytes, compression, open.cap);
    const stream = { compressed, plain: wanted.plain, pieces, maxBytes: open.cap };
    return verifiedPieces(stream, release, from.mirror.allowWeak, (end) => unreadable(end, wanted, open, release));
  };
  if ("pieces" in obtained) return yield* read(obtained.pieces, "stored");
  if (!obtained.patched) return yield* read(obtained.bytes, { entry, bytes: obtained.bytes });
  // What no Release vouches for as it lies there is read to its end before anything is made of it.
  for await (const _ of read(obtained.bytes, "ours"));
  yield* read(obtained.bytes, "ours");
}

/**
 * All inputs of one merged index, in order of rank, then component, then as listed.
 *
 * @param fields whose places are noted, in lower case; those of the kind come first
 * @param relations is given the stanzas as they are found
 * @param ahead is shown the inputs while they are read
 */
export async function loadInputs(
  suite: SuiteSettings,
  intakes: readonly MirrorIntake[],
  { kind, architecture }: Target,
  fields: readonly string[],
  world: World,
  request: RunRequest,
  relations?: RelationFeed,
  ahead?: GatherAhead,
): Promise<readonly LoadedInput[]> {
  const jobs = intakes
    .flatMap((intake) =>
      intake.wanted
        .filter((wanted) => wanted.kind === kind && wanted.architecture === architecture)
        .map((wanted) => ({ intake, wanted, input: inputOf(suite, intake, wanted) })),
    )
    .sort(({ input: left }, { input: right }) => left.rank - right.rank || left.componentOrder - right.componentOrder);
  const inputs = jobs.map(({ input }) => input);
  ahead?.begin(inputs);
  const loads = jobs.map(async ({ intake, wanted, input }): Promise<void> => {
    const { from } = intake.taken;
    const where = { mirror: from.mirror.name, suite: from.suite, file: wanted.path };
    const limits = { stanzas: from.mirror.maxStanzas, key: "max-stanzas" };
    const source = relations?.source();
    const scanner = new StanzaScanner(fields, where, limits, (table, stanza) => {
      source?.add(table, stanza);
      return kind.fault(table, stanza, from.mirror.allowWeak);
    });
    const index = await loadIndex(intake, wanted, world, request, (whole, filled) => {
      scanner.read(whole, filled);
      const found = ahead && scanner.soFar();
      if (found !== undefined) input.show(found, false);
      ahead?.moved();
    });
    const table = scanner.finish(index.bytes);
    source?.end(table);
    if (scanner.isRestarted) ahead?.restarted();
    input.show(table, true);
    ahead?.moved();
  });
  const outcomes = await Promise.allSettled(loads);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return inputs;
}

/** Not read yet. */
function inputOf(suite: SuiteSettings, { taken: { from }, held }: MirrorIntake, wanted: WantedIndex): LoadedInput {
  const facts = {
    mirror: from.mirror.name,
    suite: from.suite,
    rank: from.rank,
    componentOrder: suite.components.indexOf(wanted.component),
    component: wanted.component,
    pool: from.mirror.pool,
    weakAllowed: from.mirror.allowWeak,
    mixed: wanted.mixed,
    limited: from.mirror.privilege === "limited",
    watched: from.mirror.privilege === "watched",
  };
  // What is held is read again, for another architecture.
  return new LoadedInput(facts, held.has(wanted.path));
}
