/** Writes an index of the merged suite: composed, compressed, and compared with the last generation's. */

import type { Block } from "../archive/block.ts";
import { type ChangeListener, firstLine, watchChanges } from "../archive/block-changes.ts";
import type { Digests } from "../archive/digests.ts";
import type { Architecture, ComponentName, IndexPath, Sha256 } from "../archive/names.ts";
import type { Release } from "../archive/release.ts";
import { firstName } from "../archive/stanza-name.ts";
import type { Unit } from "../archive/unit-diff.ts";
import { type CodecPlan, type ComposeOrder, composeIndex } from "../compose/compose-index.ts";
import { NO_KNOWN_RUNS, type RunLayout, sameRuns } from "../compose/known-runs.ts";
import { composeBlocks } from "../compose/stanzas.ts";
import type { StanzaTable } from "../deb822/stanza-table.ts";
import type { StanzaChange } from "../delta/stanza-delta.ts";
import { type Problem, problem } from "../errors.ts";
import type { IndexKind } from "../kinds/index-kind.ts";
import type { WinnerFacts } from "../kinds/winners.ts";
import type { Kept } from "../merge/candidate.ts";
import type { Codec } from "../ports.ts";
import type { ListedFile } from "../release/listed-file.ts";
import type { PublishSettings, SuiteSettings } from "../settings.ts";
import type { SoundFile } from "../verify/published-suite.ts";
import { type LastRuns, type LastSuite, lastRuns, lastTable, mirrorByPath, rememberRuns } from "./last-generation.ts";
import { listChanges } from "./list-changes.ts";
import { watchPatches } from "./make-patches.ts";
import type { MovedNames } from "./movements.ts";
import { noteWinners } from "./note-winners.ts";
import { oldBlocks } from "./old-blocks.ts";
import type { TargetOverrides } from "./override-edits.ts";
import type { Target } from "./suite-targets.ts";
import type { KeptBlock } from "./target-needs.ts";
import type { RunRequest, World } from "./world.ts";

/** One file of the merged suite that its Release lists. */
export interface MadeIndex {
  readonly component: ComponentName;
  readonly architecture: Architecture;
  /** Below the suite, without compression. */
  readonly path: IndexPath;
  /** Stanzas, lines or documents. */
  readonly stanzas: number;
  readonly plain: { readonly bytes: number; readonly digests: Digests };
  readonly files: readonly MadeFile[];
  /** False when the bytes are those of the last generation. */
  readonly rebuilt: boolean;
  /** The list of patches that lead to it, when there are any. */
  readonly patches: ListedFile | undefined;
}

/** One whose stanzas were contested. */
export interface MadeStanzas extends MadeIndex {
  readonly kind: IndexKind;
  readonly changes: readonly StanzaChange[];
}

/** A compressed form of an index; its bytes have been handed to the sink. */
export interface MadeFile {
  readonly codec: Codec;
  readonly bytes: number;
  readonly digests: Digests;
}

/** Takes a composed file as it is made, so that no file is held whole. Each piece is good until the next one is asked for. */
export type FileSink = (path: string, codec: Codec, pieces: AsyncIterable<Buffer>) => Promise<void>;

export interface IndexOrder {
  readonly suite: SuiteSettings;
  readonly publish: PublishSettings;
  readonly last: LastSuite;
  /** Our Release of the last generation; undefined when there is none that can be built on. */
  readonly published: Release | undefined;
  /** Of the Release that will list the index. */
  readonly date: Date;
  /** Whether config or overrides are others than the last generation's. */
  readonly reshaped: boolean;
  readonly sink: FileSink;
  /** Writes any other file of the suite. */
  write(path: string, bytes: Buffer): Promise<void>;
  /** Takes a file of the suite over from the last generation. */
  keep(path: string, found: SoundFile): Promise<void>;
}

export const indexPath = ({ kind, architecture }: Target, component: ComponentName): IndexPath =>
  `${kind.folder(component, architecture)}/${kind.fileName}` as IndexPath;

/** Whether the last generation had none: nothing is compared then. */
export const isNewIndex = ({ last }: IndexOrder, target: Target, component: ComponentName): boolean =>
  !last.record?.indices.some(({ path }) => path === indexPath(target, component));

/** What the text of an index comes to when it is compressed and written. */
export interface WrittenIndex extends Pick<MadeIndex, "stanzas" | "plain" | "files" | "rebuilt" | "patches"> {
  readonly overridden: number;
}

/** What is known of an index beside its text. */
export interface IndexForm {
  /** The only forms in which it is written, where the config has them; undefined: all that the config has. */
  readonly codecs: readonly Codec[] | undefined;
  /** What its text is made of, for patches; undefined: there are none for it. */
  readonly unit: Unit | undefined;
}

/** Who follows how an index is composed; see ComposeOrder. */
interface WriteWatch extends ChangeListener {
  /** Each block, in order, by the digest of its text. */
  seen(raw: Sha256, position: number): void;
  meanwhile(): void;
  /** @param telling whether it will have been told of all that changed */
  waiting(telling: Promise<boolean>): void;
}

/**
 * @param watch is told what changed since the last generation, when that is known block by block
 * @returns also whether it was told of all that changed
 * @throws MergeError what composing throws
 */
export async function writeIndex(
  order: IndexOrder,
  path: IndexPath,
  blocks: ComposeOrder["blocks"],
  form: IndexForm,
  watch: WriteWatch | undefined,
  world: World,
  request: RunRequest,
): Promise<WrittenIndex & { readonly told: boolean }> {
  const { suite, publish, last, published: release, date, sink } = order;
  const configured = (["gz", "xz"] as const).filter((codec) => publish.compress[codec] !== undefined);
  const chosen = configured.filter((codec) => form.codecs === undefined || form.codecs.includes(codec));
  const codecs: (CodecPlan & { readonly last: LastRuns })[] = [];
  const before: LastRuns[] = [];
  for (const codec of chosen.length > 0 ? chosen : configured) {
    const level = publish.compress[codec];
    if (level === undefined) continue;
    const published = await lastRuns(last, release, suite.name, path, codec, world);
    if (published.layout !== undefined) before.push(published);
    if (request.dryRun) continue;
    const isUsable = !request.full && published.layout?.level === level;
    const known = isUsable ? published.known : NO_KNOWN_RUNS;
    const settle = !isUsable || isSettlingDue(published.layout, order, request);
    codecs.push({ codec, level, known, settle, last: published, sink: (pieces) => sink(path, codec, pieces) });
  }
  const label = `${suite.name} ${path}`;
  const progress = (done: number, total: number): void => world.reporter.event({ kind: "compress", label, done, total });
  const { compressor } = world;
  const patching = form.unit === undefined ? undefined : watchPatches(order, path, form.unit, before.length > 0, world, request);
  const listeners = [patching?.step, watch].filter((one) => one !== undefined);
  const changes =
    before.length === 0 || listeners.length === 0
      ? undefined
      : watchChanges(oldBlocks(before, world), form.unit === "line" ? firstLine : firstName, listeners);
  let position = 0;
  const observe = (block: Block, raw: Sha256): void => {
    const known = changes?.see(block.bytes, raw) ?? false;
    patching?.step?.see(block, known);
    watch?.seen(raw, position++);
  };
  const meanwhile = (): void => {
    changes?.ahead();
    watch?.meanwhile();
  };
  let telling = Promise.resolve(false);
  const composed = (): void => {
    // What others compress now needs not be waited for.
    if (changes !== undefined) telling = changes.tell();
    telling.catch(() => undefined);
    watch?.waiting(telling);
  };
  const { stanzas, overridden, plain, files } = await composeIndex(
    { blocks, codecs, digests: publish.digests, observe, meanwhile, waiting: composed },
    { compressor, progress },
  ).finally(() => Promise.allSettled([telling]));
  for (const [position, { codec, digests, runs }] of files.entries()) {
    const { level = 0, settle = true, last: published } = codecs[position] ?? {};
    const settled = settle ? date.getTime() : (published?.layout?.settled ?? 0);
    const loose = !settle && (published?.layout?.loose === true || !sameRuns(runs, published?.layout?.runs ?? []));
    const layout = { schema: "aptmerge.runs/4", codec, level, file: digests.SHA256, settled, loose, runs } as const;
    await rememberRuns(suite.name, path, layout, world.state);
  }
  const known = last.record?.indices.find((index) => index.path === path);
  const smallest = Math.min(...files.map(({ bytes }) => bytes));
  const told = await telling;
  return {
    stanzas,
    overridden,
    plain,
    files: files.map(({ codec, bytes, digests }) => ({ codec, bytes, digests })),
    rebuilt: known?.sha256 !== plain.digests.SHA256,
    patches: await patching?.finish({ sha256: plain.digests.SHA256, bytes: plain.bytes }, told, smallest),
    told,
  };
}

/** Whether a run has to settle what updates have cut up: asked for by a flag, or because it was not done for long. */
export function isSettlingDue(
  layout: RunLayout | undefined,
  { publish, date }: Pick<IndexOrder, "publish" | "date">,
  { settle }: RunRequest,
): boolean {
  if (layout?.loose !== true) return false;
  return settle || date.getTime() - layout.settled >= publish.settleEveryMs;
}

/** Who follows how an index of stanzas is composed; see ComposeOrder. */
export interface IndexWatch {
  /** Each block, in order. */
  made(block: KeptBlock): void;
  meanwhile(): void;
  /** @param moving what moved, undefined when it is not known */
  waiting(moving: Promise<MovedNames | undefined>): void;
}

/**
 * @param before gives the last generation's index, when it was read for another reason
 * @param winners takes note of what is published, for the files that follow it; undefined when none does
 */
export async function makeIndex(
  order: IndexOrder,
  target: Target,
  component: ComponentName,
  all: readonly Kept[],
  overrides: TargetOverrides,
  before: () => Promise<StanzaTable | undefined>,
  winners: WinnerFacts[] | undefined,
  watch: IndexWatch,
  world: World,
  request: RunRequest,
): Promise<{ readonly index: MadeStanzas; readonly overridden: number; readonly problems: readonly Problem[] }> {
  const { kind, architecture } = target;
  const path = indexPath(target, component);
  const kept = all.filter((one) => one.input.component === component);
  const note = winners === undefined ? undefined : noteWinners(winners, target, component);
  const changes = listChanges(kind, kept, mirrorByPath(order.last), (observe) => composeBlocks(kind, kept, overrides.editsOf, observe));
  const edited = new Set<Kept>();
  const blocks = composeBlocks(kind, kept, overrides.editsOf, (one, name, bytes, isEdited) => {
    if (isEdited) edited.add(one);
    note?.(one, name, isEdited ? bytes() : undefined);
  });
  const form = { codecs: undefined, unit: "stanza" } as const;
  let added: readonly StanzaChange[] | undefined;
  const writing: WriteWatch = {
    same: changes.same,
    changed: changes.changed,
    seen: (raw, position) => watch.made({ raw, kept: changes.keptIn(position), edited }),
    meanwhile: () => watch.meanwhile(),
    waiting(telling) {
      if (isNewIndex(order, target, component)) added = changes.allAdded();
      watch.waiting(telling.then((told) => (told ? changes.moved() : undefined)));
    },
  };
  const { overridden, told, ...written } = await writeIndex(order, path, changes.counted(blocks), form, writing, world, request);
  const problems: Problem[] = [];
  const old = async (): Promise<StanzaTable | undefined> => {
    const table = (await before()) ?? (await lastTable(order.last, path, kind.fields, world));
    if (table === undefined) problems.push(lostIndex(order, path));
    return table;
  };
  const listed = written.rebuilt ? (added ?? (await changes.finish(told, old))) : [];
  return { index: { kind, component, architecture, path, ...written, changes: listed }, overridden, problems };
}

function lostIndex({ suite: { name } }: IndexOrder, path: IndexPath): Problem {
  const text = `Cannot read ${path} of suite "${name}" as it was published: its file is damaged or gone, so all of its packages are listed as added`;
  return problem("warning", "TREE_UNSOUND", text, { suite: name, file: path }, "This run makes it anew; check the disk");
}
