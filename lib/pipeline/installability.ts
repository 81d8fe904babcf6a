/** The guard against packages that can no longer be installed: what a merge breaks, compared with the last generation. */
import { type ComponentName, parseComponentName } from "../archive/names.ts";
import type { RelationStanza } from "../closure/relation-fields.ts";
import { relationsAsPackages } from "../closure/relation-text.ts";
import { stillUninstallable } from "../closure/still-uninstallable.ts";
import type { Uninstallable } from "../closure/uninstallable.ts";
import { fieldText, type StanzaTable } from "../deb822/stanza-table.ts";
import { MergeError, type Problem, problem } from "../errors.ts";
import { NAME, VERSION } from "../kinds/index-kind.ts";
import { readIndexPath } from "../kinds/registry.ts";
import type { Kept } from "../merge/candidate.ts";
import type { Debcheck, Folder } from "../ports.ts";
import type { UninstallableReport } from "../report/report.ts";
import type { SuiteSettings } from "../settings.ts";
import { type IndexDigests, type KnownBreakage, readBreakage, writeBreakage } from "../state/known-breakage.ts";
import { type LastSuite, lastTable } from "./last-generation.ts";
import type { MergedSuite, MergeOrder } from "./merge-suite.ts";
import type { Movements } from "./movements.ts";
import { relationsOf, type TargetOverrides } from "./override-edits.ts";
import type { RelationCollector } from "./relation-blocks.ts";
import { FEW_STANZAS, openFeed, type RelationFeed, uninstallable } from "./relation-feed.ts";
import { fieldsOf, type Target } from "./suite-targets.ts";
import type { RunRequest, World } from "./world.ts";

export interface Installability {
  /** What the last generation did not have. */
  readonly broken: readonly UninstallableReport[];
  /** All that cannot be installed, to be known in the next run; undefined when that could not be found out. */
  readonly all: KnownBreakage | undefined;
  readonly problems: readonly Problem[];
  /** The last generation's indices, when they had to be read: by component. */
  readonly before: Map<ComponentName, StanzaTable>;
}

/** How it is found out: by what changed since the last generation, where it is known what could not be installed then, else by all relations. */
export interface CheckStart {
  readonly known?: KnownBreakage | undefined;
  /** All relations, which are read in another thread while the index is read; undefined where that does not pay. */
  readonly relations?: RelationFeed | undefined;
}

/** What is found out while it is composed. */
export interface ComposingIndex {
  readonly movements: Movements;
  readonly relations: Pick<RelationCollector, "done">;
}

/** Packages of an index that cannot be installed from it, and were not among those of the last generation that could not. */
export async function checkInstallability(
  suite: SuiteSettings,
  last: LastSuite,
  target: Target,
  kept: readonly Kept[],
  overrides: TargetOverrides,
  { known, relations }: CheckStart,
  composing: ComposingIndex,
  world: World,
  request: RunRequest,
): Promise<Installability> {
  const before = new Map<ComponentName, StanzaTable>();
  const all = known && (await byChanges(last, target, known, composing));
  if (all !== undefined) return { broken: [], all, problems: [], before };
  try {
    return await compare(suite, last, target, kept, overrides, relations, world, request, before);
  } catch (error) {
    // Relations without end must stop a ban, which could leak; a guard that only advises is done without.
    if (!(error instanceof MergeError) || error.code !== "INDEX_TOO_LARGE") throw error;
    const text = `Cannot tell what can be installed from suite "${suite.name}" for ${target.architecture}: ${error.message}`;
    return { broken: [], all: undefined, before, problems: [problem("warning", "INDEX_TOO_LARGE", text, { suite: suite.name })] };
  }
}

async function compare(
  suite: SuiteSettings,
  last: LastSuite,
  target: Target,
  kept: readonly Kept[],
  overrides: TargetOverrides,
  relations: RelationFeed | undefined,
  world: World,
  request: RunRequest,
  before: Map<ComponentName, StanzaTable>,
): Promise<Installability> {
  const { kind, architecture } = target;
  const published = publishedIndices(last, target);
  /** Undefined when one of the indices cannot be read. */
  const oldStanzas = async (): Promise<readonly RelationStanza[] | undefined> => {
    for (const { path, component } of published) {
      const table = before.get(component) ?? (await lastTable(last, path, fieldsOf(kind, suite, true), world));
      if (table === undefined) return undefined;
      before.set(component, table);
    }
    return [...before.values()].flatMap((table) => Array.from({ length: table.count }, (_, stanza): RelationStanza => ({ table, stanza })));
  };
  const stanzas = relationsOf(kept, overrides);
  const { broken: now, partly } = await uninstallable(stanzas, architecture, world, relations);
  const all = { names: now.map(({ name }) => name), partly };
  // An architecture that is new has no generation to compare with.
  if (published.length === 0) return { broken: [], all, problems: [], before };
  const digests = digestsOf(published);
  const remembered = async (): Promise<readonly string[] | undefined> =>
    (await readBreakage(world.state, suite.name, architecture, digests))?.names;
  const foundAnew = async (): Promise<readonly string[] | undefined> => {
    const old = await oldStanzas();
    return old && (await uninstallable(old, architecture, world)).broken.map(({ name }) => name);
  };
  // A full run goes by the published indices themselves, as long as they can be read.
  const [first, second] = request.full ? [foundAnew, remembered] : [remembered, foundAnew];
  const names = now.length === 0 ? [] : ((await first()) ?? (await second()));
  if (names === undefined) {
    const text = `Cannot tell what could be installed from suite "${suite.name}" for ${architecture} before: its published index is damaged or gone`;
    return { broken: [], all, problems: [problem("warning", "TREE_UNSOUND", text, { suite: suite.name })], before };
  }
  const known = new Set(names);
  const found = now.filter(({ name }) => !known.has(name));
  const { more, problems } = suite.policy.debcheck
    ? await secondOpinion(suite, stanzas, oldStanzas, new Set(all.names), kept, architecture, world.debcheck)
    : { more: [], problems: [] };
  const broken = [...found, ...more].flatMap(({ stanza, name, chain, relation }) => {
    const one = kept[stanza];
    if (one === undefined) return [];
    const version = fieldText(one.input.table, one.stanza, VERSION) ?? "";
    return [{ package: name, type: kind.type, architecture, version, mirror: one.input.mirror, chain, relation }];
  });
  return { broken, all, problems, before };
}

/** Undefined when there are new ones, or that cannot be said by what changed alone. */
async function byChanges(
  last: LastSuite,
  target: Target,
  known: KnownBreakage,
  { movements, relations }: ComposingIndex,
): Promise<KnownBreakage | undefined> {
  const moved = await movements.all();
  // Of a component that is no longer there nobody tells what is gone with it.
  if (moved === undefined || !publishedIndices(last, target).every(({ component }) => moved.has(component))) return undefined;
  const changed = new Set([...moved.values()].flatMap((one) => one.changed));
  const provided = new Set([...moved.values()].flatMap((one) => [...one.provided]));
  const blocks = await relations.done();
  try {
    return await stillUninstallable(blocks, target.architecture, known, { changed, provided });
  } catch (error) {
    if (!(error instanceof MergeError) || error.code !== "INDEX_TOO_LARGE") throw error;
    return undefined;
  }
}

/** Of the shortest stanzas that archives have. */
const FEW_BYTES = FEW_STANZAS * 500;

/** To be called before the index is read. Nothing is begun where nobody will ask. */
export async function openCheck(
  { suite, last, intakes }: Pick<MergeOrder, "suite" | "last" | "intakes">,
  target: Target,
  world: World,
  { full }: RunRequest,
): Promise<CheckStart> {
  const { kind, architecture } = target;
  const { policy } = suite;
  if (kind.type !== "deb" || policy.uninstallable === "off") return {};
  // The other opinion is asked about all packages, and a full run goes by the indices themselves.
  const published = policy.debcheck || full ? [] : publishedIndices(last, target);
  const known = published.length === 0 ? undefined : await readBreakage(world.state, suite.name, architecture, digestsOf(published));
  if (known !== undefined) return { known };
  const wanted = intakes.flatMap((intake) => intake.wanted).filter((one) => one.kind === kind && one.architecture === architecture);
  const isLarge = wanted.reduce((sum, { plain }) => sum + (plain?.bytes ?? 0), 0) >= FEW_BYTES;
  return isLarge ? { relations: await openFeed(architecture, world) } : {};
}

interface PublishedIndex {
  readonly path: string;
  readonly component: ComponentName;
  readonly sha256: string;
}

const digestsOf = (published: readonly PublishedIndex[]): IndexDigests => new Map(published.map(({ path, sha256 }) => [path, sha256]));

/** The last generation's indices of one architecture, over the components that it had. */
function publishedIndices(last: LastSuite, target: Target): readonly PublishedIndex[] {
  return (last.record?.indices ?? []).flatMap(({ path, sha256 }) => {
    const index = readIndexPath(path);
    if (index?.kind !== target.kind || index.architecture !== target.architecture) return [];
    return [{ path, component: parseComponentName(index.component), sha256 }];
  });
}

/** Notes what cannot be installed from the indices that are about to be published. */
export async function rememberBreakage(suite: SuiteSettings, merged: MergedSuite, state: Folder): Promise<void> {
  for (const [architecture, all] of merged.allUninstallable) {
    const own = merged.indices.filter((index) => index.kind.type === "deb" && index.architecture === architecture);
    await writeBreakage(state, suite.name, architecture, new Map(own.map(({ path, plain }) => [path, plain.digests.SHA256])), all);
  }
}

/** What dose-debcheck finds beyond our own closure: packages whose dependencies conflict with each other. */
async function secondOpinion(
  suite: SuiteSettings,
  stanzas: readonly RelationStanza[],
  oldStanzas: () => Promise<readonly RelationStanza[] | undefined>,
  told: ReadonlySet<string>,
  kept: readonly Kept[],
  architecture: string,
  debcheck: Debcheck,
): Promise<{ readonly more: readonly Uninstallable[]; readonly problems: readonly Problem[] }> {
  const now = await debcheck.uninstallable(relationsAsPackages(stanzas), architecture);
  const where = { suite: suite.name };
  const unheard = (because: string) => {
    const text = `Cannot ask dose-debcheck about suite "${suite.name}": ${because}, only the built-in check was done`;
    return { more: [], problems: [problem("warning", "DEBCHECK_MISSING", text, where)] };
  };
  if (now.kind === "missing") return unheard("it is not installed");
  if (now.kind === "failed") return unheard(now.because);
  const news = [...now.broken].filter(([name]) => !told.has(name));
  if (news.length === 0) return { more: [], problems: [] };
  const old = await oldStanzas();
  if (old === undefined) return unheard("the last generation's index is damaged or gone");
  const before = await debcheck.uninstallable(relationsAsPackages(old), architecture);
  if (before.kind !== "checked") return unheard(before.kind === "failed" ? before.because : "it is not installed");
  const places = new Map(kept.map((one, position) => [fieldText(one.input.table, one.stanza, NAME) ?? "", position]));
  const more = news.flatMap(([name, relation]): readonly Uninstallable[] => {
    const stanza = places.get(name);
    return stanza === undefined || before.broken.has(name) ? [] : [{ stanza, name, chain: [name], relation }];
  });
  return { more, problems: [] };
}
