/** Merges one suite: every index is loaded, decided, overridden and composed, and compared with the last generation's. */
import type { Digests } from "../archive/digests.ts";
import { ALL, type Architecture, type ComponentName, type IndexPath, type MirrorName, SOURCE } from "../archive/names.ts";
import { type CodecPlan, composeIndex, type Limit } from "../compose/compose-index.ts";
import type { BlockLayout } from "../compose/known-blocks.ts";
import { NO_KNOWN_BLOCKS } from "../compose/known-blocks.ts";
import { fieldText } from "../deb822/stanza-table.ts";
import { type NewStanza, type StanzaChange, walkDelta } from "../delta/stanza-delta.ts";
import { MergeError, type Problem } from "../errors.ts";
import type { WantedIndex } from "../fetch/wanted.ts";
import { DIGEST, type IndexKind, VERSION } from "../kinds/index-kind.ts";
import { KINDS } from "../kinds/registry.ts";
import type { IndexInput, Kept } from "../merge/candidate.ts";
import { type Gathered, gather } from "../merge/gather.ts";
import { decideIndex, type MergedIndex } from "../merge/merge-index.ts";
import { collectNeeded, type NeededSources, type Orphan, orphansOf, sourceOf } from "../merge/needed-sources.ts";
import { mergeProblems } from "../merge/problems.ts";
import type { OverrideTable } from "../override/override-files.ts";
import { editsFor, unusedRules } from "../override/override-set.ts";
import type { Codec } from "../ports.ts";
import type { IndexKindName, PublishSettings, SuiteSettings, Winner } from "../settings.ts";
import { type LastSuite, lastBlocks, lastTable, mirrorByPath } from "./last-generation.ts";
import { loadInputs } from "./load-index.ts";
import type { MirrorIntake } from "./take-in.ts";
import type { RunRequest, World } from "./world.ts";

/** One index of the merged suite. */
export interface MadeIndex {
  readonly kind: IndexKind;
  readonly component: ComponentName;
  readonly architecture: Architecture;
  /** Below the suite, without compression. */
  readonly path: IndexPath;
  readonly stanzas: number;
  readonly plain: { readonly bytes: number; readonly digests: Digests };
  readonly files: readonly MadeFile[];
  readonly changes: readonly StanzaChange[];
  /** False when the bytes are those of the last generation. */
  readonly rebuilt: boolean;
}

/** A compressed form of an index; its bytes have been handed to the sink. */
export interface MadeFile {
  readonly codec: Codec;
  readonly bytes: number;
  readonly digests: Digests;
}

export interface MergedSuite {
  readonly indices: readonly MadeIndex[];
  readonly shadowed: number;
  readonly overridden: number;
  readonly orphans: readonly Orphan[];
  readonly problems: readonly Problem[];
  readonly mergeMs: number;
  readonly composeMs: number;
}

/** Takes composed files as they are made, so that only one index is held at a time. */
export type FileSink = (path: string, codec: Codec, bytes: Buffer, layout: BlockLayout) => Promise<void>;

export interface MergeOrder {
  readonly suite: SuiteSettings;
  readonly publish: PublishSettings;
  readonly intakes: readonly MirrorIntake[];
  readonly overrides: readonly OverrideTable[];
  readonly last: LastSuite;
  readonly sink: FileSink;
  readonly limit: Limit;
}

interface Target {
  readonly kind: IndexKind;
  readonly architecture: Architecture;
}

interface Loaded {
  readonly inputs: readonly IndexInput[];
  readonly gathered: Gathered;
}

/** A function of its own, so that what was gathered is gone while the index is composed. */
function decided(
  { inputs, gathered }: Loaded,
  winner: Winner,
  needed: NeededSources | undefined,
): { inputs: readonly IndexInput[]; merged: MergedIndex } {
  return { inputs, merged: decideIndex(gathered, winner, needed) };
}

/** Works one target ahead: reading the next index and composing this one share the cores, and no more than two are held. */
function readAhead(targets: readonly Target[], load: (target: Target) => Promise<Loaded>): { next(): Promise<Loaded> } {
  const running: Promise<Loaded>[] = [];
  const rest = [...targets];
  const begin = (): void => {
    const target = rest.shift();
    if (target === undefined) return;
    const loading = load(target);
    loading.catch(() => {}); // thrown by `next`, when it is that target's turn
    running.push(loading);
  };
  begin();
  return {
    next() {
      begin();
      const loading = running.shift();
      if (loading === undefined) throw new Error("There is no further index to load");
      return loading;
    },
  };
}

/** @throws MergeError INDEX_MALFORMED, INDEX_MISMATCH, INDEX_TOO_LARGE, SUITE_EMPTY */
export async function mergeSuite(order: MergeOrder, world: World, request: RunRequest): Promise<MergedSuite> {
  const { suite, intakes, overrides } = order;
  const made: MadeIndex[] = [];
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const offered = new Set(intakes.flatMap(({ wanted }) => wanted.map(({ component }) => component)));
  const needed: NeededSources = new Map();
  let [shadowed, overridden, mergeMs, composeMs] = [0, 0, 0, 0];
  let orphans: readonly Orphan[] = [];

  const targets: readonly Target[] = KINDS.filter((kind) => suite.indices.includes(kind.name)).flatMap((kind) =>
    targetsOf(kind, suite).map((architecture) => ({ kind, architecture })),
  );
  const load = async ({ kind, architecture }: Target): Promise<Loaded> => {
    const wants = (wanted: WantedIndex): boolean => wanted.kind === kind && wanted.architecture === architecture;
    const inputs = await loadInputs(suite, intakes, wants, world, request);
    return { inputs, gathered: gather(kind, architecture, inputs) };
  };
  const loads = readAhead(targets, load);
  for (const { kind, architecture } of targets) {
    const started = performance.now();
    const follow = kind.type === "source" && suite.policy.keepSources ? needed : undefined;
    const { inputs, merged } = decided(await loads.next(), suite.policy.winner, follow);
    if (inputs.length === 0) continue;
    shadowed += merged.shadowed;
    for (const problem of mergeProblems(kind, architecture, merged, suite.name)) problems.push(problem);
    if (suite.sources && kind.type !== "source") collectNeeded(merged.kept, needed);
    if (kind.type === "source") orphans = orphansOf(needed, merged.kept, new Set<MirrorName>(inputs.map((input) => input.mirror)));
    mergeMs += performance.now() - started;
    for (const component of suite.components) {
      // What Release promises by its Components and Architectures must be there, or apt complains: gaps are written empty. Nobody asks for udebs so.
      const listed = kind.type === "udeb" ? inputs.some((input) => input.component === component) : offered.has(component);
      if (!listed) continue;
      const before = performance.now();
      const { index, changed } = await makeIndex(order, kind, architecture, component, merged, seen, world, request);
      made.push(index);
      overridden += changed;
      composeMs += performance.now() - before;
    }
  }
  if (made.length === 0) {
    const text = `Cannot merge suite "${suite.name}": none of its mirrors lists an index of the components ${suite.components.join(", ")} for ${suite.architectures.join(", ")}, at least one must`;
    throw new MergeError("SUITE_EMPTY", text, { suite: suite.name });
  }
  const has = (kind: IndexKindName, component: ComponentName, name: string): boolean => seen.has(`${kind} ${component} ${name}`);
  for (const problem of unusedRules(overrides, has, suite.name)) problems.push(problem);
  return { indices: made, shadowed, overridden, orphans, problems, mergeMs, composeMs };
}

async function makeIndex(
  order: MergeOrder,
  kind: IndexKind,
  architecture: Architecture,
  component: ComponentName,
  merged: MergedIndex,
  seen: Set<string>,
  world: World,
  request: RunRequest,
): Promise<{ index: MadeIndex; changed: number }> {
  const { suite, publish, last, overrides } = order;
  const path = `${kind.folder(component, architecture)}/${kind.fileName}` as IndexPath;
  const kept = merged.kept.filter((one) => one.input.component === component);
  const edits = editsFor(overrides, kind.name, component);
  const delta = walkDelta(await lastTable(last, kind, path, world), mirrorByPath(last));
  const observe = (one: Kept, name: string, bytes: () => Buffer): void => {
    if (edits.has(name)) seen.add(`${kind.name} ${component} ${name}`);
    delta.see(name, bytes, () => factsOf(one));
  };
  const codecs: CodecPlan[] = [];
  for (const codec of ["gz", "xz"] as const) {
    const level = publish.compress[codec];
    if (level === undefined || request.dryRun) continue;
    codecs.push({ codec, level, known: request.full ? NO_KNOWN_BLOCKS : await lastBlocks(last, suite.name, path, codec, level, world) });
  }
  const label = `${suite.name} ${path}`;
  const progress = (done: number, total: number): void => world.reporter.event({ kind: "compress", label, done, total });
  const { compressor } = world;
  const composed = await composeIndex(
    { kind, kept, edits, codecs, digests: publish.digests, observe },
    { compressor, limit: order.limit, progress },
  );
  for (const file of composed.files) await order.sink(path, file.codec, file.bytes, file.layout);
  const before = last.record?.indices.find((index) => index.path === path);
  const index: MadeIndex = {
    kind,
    component,
    architecture,
    path,
    stanzas: composed.stanzas,
    plain: composed.plain,
    files: composed.files.map(({ codec, bytes, digests }) => ({ codec, bytes: bytes.length, digests })),
    changes: delta.finish(),
    rebuilt: before?.sha256 !== composed.plain.digests.SHA256,
  };
  return { index, changed: composed.overridden };
}

function factsOf(one: Kept): NewStanza {
  const text = (field: number): string => fieldText(one.input.table, one.stanza, field) ?? "";
  return { version: text(VERSION), digest: text(DIGEST), mirror: one.input.mirror, source: sourceOf(one).name };
}

function targetsOf(kind: IndexKind, suite: SuiteSettings): readonly Architecture[] {
  if (!kind.perArchitecture) return suite.sources ? [SOURCE] : [];
  return suite.architectures.filter((architecture) => architecture !== ALL);
}
