/** Makes the files of a suite that follow its packages: Translation, Contents and the like, each of the winners' entries. */
import type { ComponentName, IndexPath } from "../archive/names.ts";
import { type Code, MergeError, type Problem, problemOf } from "../errors.ts";
import { type FollowerInput, type FollowerKind, type FollowerOrder, MergeAgain, type MergedFile } from "../kinds/follower-kind.ts";
import type { Winners } from "../kinds/winners.ts";
import { loadIndex, streamIndex } from "./load-index.ts";
import { type MadeIndex, type WrittenIndex, writeIndex } from "./make-index.ts";
import type { MergeOrder } from "./merge-suite.ts";
import { followersOf, isEssential } from "./suite-targets.ts";
import type { MirrorIntake } from "./take-in.ts";
import type { RunRequest, World } from "./world.ts";

export interface Followers {
  readonly made: readonly MadeIndex[];
  readonly problems: readonly Problem[];
}

/** What is wrong with a signed file itself. */
const UNUSABLE: ReadonlySet<Code> = new Set<Code>(["INDEX_MALFORMED", "INDEX_MISMATCH", "INDEX_TOO_LARGE"]);

/** @throws MergeError INDEX_MISMATCH, INDEX_MALFORMED, INDEX_TOO_LARGE when the kind is essential */
export async function makeFollowers(order: MergeOrder, winners: Winners, world: World, request: RunRequest): Promise<Followers> {
  const made: MadeIndex[] = [];
  const problems: Problem[] = [];
  const { suite, intakes } = order;
  for (const kind of followersOf(suite)) {
    for (const merged of mergedFiles(kind, intakes)) {
      const inputsOf = openInputs(kind, merged, intakes, world, request);
      for (const component of suite.components) {
        const inputs = inputsOf(component);
        if (inputs.length === 0) continue;
        const path = `${component}/${merged.name}` as IndexPath;
        const ask = { suite: suite.name, component, merged, inputs, winners, unsorted: new Set<number>() };
        try {
          const { told, ...written } = await writeFollower(order, path, kind, ask, world, request);
          problems.push(...told);
          made.push({ component, architecture: merged.architecture, path, ...written });
        } catch (error) {
          // The same signed bytes will be no better in the next run: the suite goes without the file until a mirror changes.
          if (!(error instanceof MergeError) || !UNUSABLE.has(error.code) || isEssential(suite, kind.name)) throw error;
          problems.push({
            ...problemOf(error),
            severity: "warning",
            hint: `Suite "${suite.name}" goes without ${path} until the mirror has it`,
          });
        }
      }
    }
  }
  return { made, problems };
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
      const { overridden: _, ...written } = await writeIndex(order, path, blocks, form, world, request);
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

/** The inputs of a merged file by component, in order of rank. Each is read once, also when several components ask for it. */
function openInputs(
  kind: FollowerKind,
  merged: MergedFile,
  intakes: readonly MirrorIntake[],
  world: World,
  request: RunRequest,
): (component: ComponentName) => readonly FollowerInput[] {
  const all = intakes
    .flatMap((intake) =>
      intake.followers
        .filter((wanted) => wanted.kind === kind && wanted.merged.name === merged.name)
        .map((wanted) => {
          const { mirror, rank, suite } = { ...intake.taken.from, mirror: intake.taken.from.mirror.name };
          let reading: Promise<Buffer> | undefined;
          const input: FollowerInput = {
            where: { mirror, suite, file: wanted.path },
            rank,
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
