/** Makes the files of a suite that follow its packages: Translation, Contents and the like, each of the winners' entries. */
import { sha256Of } from "../archive/digests.ts";
import type { ComponentName, IndexPath, Sha256 } from "../archive/names.ts";
import { type Code, MergeError, type Problem, problemOf } from "../errors.ts";
import { type FollowerInput, type FollowerKind, type FollowerOrder, MergeAgain, type MergedFile } from "../kinds/follower-kind.ts";
import { type WinnerFacts, type Winners, winnerBook } from "../kinds/winners.ts";
import { readOutcome, writeOutcome } from "../state/outcomes.ts";
import { loadIndex, streamIndex } from "./load-index.ts";
import { type MadeIndex, type WrittenIndex, writeIndex } from "./make-index.ts";
import type { MergeOrder } from "./merge-suite.ts";
import type { Parts } from "./parts.ts";
import { keepFiles, type StandingIndex, standingIndex } from "./standing.ts";
import { followersOf, isEssential } from "./suite-targets.ts";
import { inputDigest, type MirrorIntake } from "./take-in.ts";
import type { OutcomeIndex } from "./target-outcome.ts";
import type { RunRequest, World } from "./world.ts";

export interface Followers {
  readonly made: readonly MadeIndex[];
  readonly problems: readonly Problem[];
}

/** What is wrong with a signed file itself. */
const UNUSABLE: ReadonlySet<Code> = new Set<Code>(["INDEX_MALFORMED", "INDEX_MISMATCH", "INDEX_TOO_LARGE"]);

/** What is kept of such a file: while nothing changes of what it was made of, it is not made again. */
interface FollowerOutcome {
  readonly index: OutcomeIndex;
  readonly told: readonly Problem[];
}

/**
 * @param facts of what is published in each index
 * @throws MergeError INDEX_MISMATCH, INDEX_MALFORMED, INDEX_TOO_LARGE when the kind is essential
 */
export async function makeFollowers(
  order: MergeOrder,
  facts: Parts<readonly WinnerFacts[]>,
  world: World,
  request: RunRequest,
): Promise<Followers> {
  const made: MadeIndex[] = [];
  const problems: Problem[] = [];
  const { suite, intakes } = order;
  let book: Promise<Winners> | undefined;
  const winners = (): Promise<Winners> => (book ??= readBook(facts));
  for (const kind of followersOf(suite)) {
    for (const merged of mergedFiles(kind, intakes)) {
      const inputsOf = openInputs(kind, merged, intakes, world, request);
      for (const component of suite.components) {
        const inputs = inputsOf(component);
        if (inputs.length === 0) continue;
        const path = `${component}/${merged.name}` as IndexPath;
        const key = followerKey(order, kind, merged, component, inputs, facts.digest(), world.version);
        const known = await standingFollower(order, path, key, world, request);
        if (known !== undefined) {
          await keepFiles(order, known.index);
          problems.push(...known.told);
          made.push({ ...known.index, architecture: merged.architecture });
          continue;
        }
        const ask = { suite: suite.name, component, merged, inputs, winners: await winners(), unsorted: new Set<number>() };
        try {
          const { told, ...written } = await writeFollower(order, path, kind, ask, world, request);
          problems.push(...told);
          made.push({ component, architecture: merged.architecture, path, ...written });
          const { stanzas, plain } = written;
          const outcome: FollowerOutcome = { index: { component, path, stanzas, plain }, told };
          if (!request.dryRun) await writeOutcome(world.state, suite.name, path, key, outcome);
        } catch (error) {
          // The same signed bytes will be no better in the next run: the suite goes without the file until a mirror changes.
          if (!(error instanceof MergeError) || !UNUSABLE.has(error.code) || isEssential(suite, kind.name)) throw error;
          problems.push({
            ...problemOf(error),
            severity: "warning",
            hint: `Suite "${suite.name}" goes without ${path} until the mirror has a sound one`,
          });
        }
      }
    }
  }
  return { made, problems };
}

async function readBook(facts: Parts<readonly WinnerFacts[]>): Promise<Winners> {
  const book = winnerBook();
  for await (const index of facts.all()) for (const one of index) book.add(one);
  return book.winners;
}

/** Digest of all that such a file is made of. */
function followerKey(
  { digests }: MergeOrder,
  kind: FollowerKind,
  { name, type, architecture }: MergedFile,
  component: ComponentName,
  inputs: readonly OpenInput[],
  winners: Sha256,
  version: string,
): Sha256 {
  const files = inputs.map(({ where, rank, digest }) => [where.mirror, where.suite, where.file, rank, digest]);
  return sha256Of(
    JSON.stringify([version, kind.name, name, type, architecture, component, digests.config, digests.overrides, files, winners]),
  );
}

async function standingFollower(
  order: MergeOrder,
  path: IndexPath,
  key: Sha256,
  world: World,
  request: RunRequest,
): Promise<{ readonly index: StandingIndex; readonly told: readonly Problem[] } | undefined> {
  const outcome = (await readOutcome(world.state, order.suite.name, path, key)) as FollowerOutcome | undefined;
  const index = outcome === undefined ? undefined : await standingIndex(order, outcome.index, world, request);
  return outcome === undefined || index === undefined ? undefined : { index, told: outcome.told };
}

/** What a merge tells is told once, also when it has to be made again. */
async function writeFollower(
  order: MergeOrder,
  path: IndexPath,
  kind: FollowerKind,
  ask: Omit<FollowerOrder, "tell">,
  world: World,
  request: RunRequest,
): Promise<Omit<WrittenIndex, "overridden"> & { readonly told: readonly Problem[] }> {
  const form = { codecs: kind.codecs(ask.merged), unit: kind.unit };
  for (;;) {
    const told: Problem[] = [];
    try {
      const blocks = kind.merge({ ...ask, tell: (one) => told.push(one) });
      const { overridden: _, told: __, ...written } = await writeIndex(order, path, blocks, form, undefined, world, request);
      return { ...written, told };
    } catch (error) {
      if (!(error instanceof MergeAgain)) throw error;
    }
  }
}

/** Every file of the kind that some mirror has a part of, by name. */
function mergedFiles(kind: FollowerKind, intakes: readonly MirrorIntake[]): readonly MergedFile[] {
  const files = new Map<string, MergedFile>();
  for (const { followers } of intakes) for (const one of followers) if (one.kind === kind) files.set(one.merged.name, one.merged);
  return [...files.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
}

interface OpenInput extends FollowerInput {
  /** Digest that its Release gives. */
  readonly digest: string;
}

/** The inputs of a merged file by component, in order of rank. Each is read once, also when several components ask for it. */
function openInputs(
  kind: FollowerKind,
  merged: MergedFile,
  intakes: readonly MirrorIntake[],
  world: World,
  request: RunRequest,
): (component: ComponentName) => readonly OpenInput[] {
  const all = intakes
    .flatMap((intake) =>
      intake.followers
        .filter((wanted) => wanted.kind === kind && wanted.merged.name === merged.name)
        .map((wanted) => {
          const { mirror, rank, suite } = { ...intake.taken.from, mirror: intake.taken.from.mirror.name };
          let reading: Promise<Buffer> | undefined;
          const input: OpenInput = {
            where: { mirror, suite, file: wanted.path },
            rank,
            digest: inputDigest(wanted),
            whole: () => (reading ??= loadIndex(intake, wanted, world, request).then(({ bytes }) => bytes)),
            chunks: () => streamIndex(intake, wanted, world, request),
          };
          return { component: wanted.component, input };
        }),
    )
    .sort((left, right) => left.input.rank - right.input.rank);
  return (component) => {
    const own = all.filter((one) => one.component === component);
    // A component for which no mirror has the file does not get one.
    return (own.length > 0 && kind.acrossComponents ? all : own).map(({ input }) => input);
  };
}
