/** The guard against packages that can no longer be installed: what a merge breaks, compared with the last generation. */
import { type ComponentName, parseComponentName } from "../archive/names.ts";
import type { RelationStanza } from "../closure/relation-fields.ts";
import { relationsAsPackages } from "../closure/relation-text.ts";
import type { Uninstallable } from "../closure/uninstallable.ts";
import { fieldText, type StanzaTable } from "../deb822/stanza-table.ts";
import { MergeError, type Problem, problem } from "../errors.ts";
import { NAME, VERSION } from "../kinds/index-kind.ts";
import { readIndexPath } from "../kinds/registry.ts";
import type { Kept } from "../merge/candidate.ts";
import type { Debcheck, Folder } from "../ports.ts";
import type { UninstallableReport } from "../report/report.ts";
import type { SuiteSettings } from "../settings.ts";
import { type IndexDigests, readBreakage, writeBreakage } from "../state/known-breakage.ts";
import { type LastSuite, lastTable } from "./last-generation.ts";
import type { MergedSuite } from "./merge-suite.ts";
import { relationsOf, type TargetOverrides } from "./override-edits.ts";
import { FEW_STANZAS, openFeed, type RelationFeed, uninstallable } from "./relation-feed.ts";
import { fieldsOf, type Target } from "./suite-targets.ts";
import type { MirrorIntake } from "./take-in.ts";
import type { RunRequest, World } from "./world.ts";

export interface Installability {
  /** What the last generation did not have. */
  readonly broken: readonly UninstallableReport[];
  /** Every name that cannot be installed, to be known in the next run; undefined when that could not be found out. */
  readonly names: readonly string[] | undefined;
  readonly problems: readonly Problem[];
  /** The last generation's indices, when they had to be read: by component. */
  readonly before: Map<ComponentName, StanzaTable>;
}

/** Packages of an index that cannot be installed from it, and were not among those of the last generation that could not. */
export async function checkInstallability(
  suite: SuiteSettings,
  last: LastSuite,
  target: Target,
  kept: readonly Kept[],
  overrides: TargetOverrides,
  relations: RelationFeed | undefined,
  world: World,
  request: RunRequest,
): Promise<Installability> {
  const before = new Map<ComponentName, StanzaTable>();
  try {
    return await compare(suite, last, target, kept, overrides, relations, world, request, before);
  } catch (error) {
    // Relations without end must stop a ban, which could leak; a guard that only advises is done without.
    if (!(error instanceof MergeError) || error.code !== "INDEX_TOO_LARGE") throw error;
    const text = `Cannot tell what can be installed from suite "${suite.name}" for ${target.architecture}: ${error.message}`;
    return { broken: [], names: undefined, before, problems: [problem("warning", "INDEX_TOO_LARGE", text, { suite: suite.name })] };
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
  const now = await uninstallable(stanzas, architecture, world, relations);
  const names = now.map(({ name }) => name);
  // An architecture that is new has no generation to compare with.
  if (published.length === 0) return { broken: [], names, problems: [], before };
  const digests: IndexDigests = new Map(published.map(({ path, sha256 }) => [path, sha256]));
  const remembered = (): Promise<ReadonlySet<string> | undefined> => readBreakage(world.state, suite.name, architecture, digests);
  const foundAnew = async (): Promise<ReadonlySet<string> | undefined> => {
    const old = await oldStanzas();
    return old && new Set((await uninstallable(old, architecture, world)).map(({ name }) => name));
  };
  // A full run goes by the published indices themselves, as long as they can be read.
  const [first, second] = request.full ? [foundAnew, remembered] : [remembered, foundAnew];
  const known = now.length === 0 ? new Set<string>() : ((await first()) ?? (await second()));
  if (known === undefined) {
    const text = `Cannot tell what could be installed from suite "${suite.name}" for ${architecture} before: its published index is damaged or gone`;
    return { broken: [], names, problems: [problem("warning", "TREE_UNSOUND", text, { suite: suite.name })], before };
  }
  const found = now.filter(({ name }) => !known.has(name));
  const { more, problems } = suite.policy.debcheck
    ? await secondOpinion(suite, stanzas, oldStanzas, new Set(names), kept, architecture, world.debcheck)
    : { more: [], problems: [] };
  const broken = [...found, ...more].flatMap(({ stanza, name, chain, relation }) => {
    const one = kept[stanza];
    if (one === undefined) return [];
    const version = fieldText(one.input.table, one.stanza, VERSION) ?? "";
    return [{ package: name, type: kind.type, architecture, version, mirror: one.input.mirror, chain, relation }];
  });
  return { broken, names, problems, before };
}

/** Of the shortest stanzas that archives have. */
const FEW_BYTES = FEW_STANZAS * 500;

/** While the index is read, its relations are read in another thread; undefined where that does not pay, or nobody will ask. */
export async function openCheck(
  { policy }: SuiteSettings,
  intakes: readonly MirrorIntake[],
  { kind, architecture }: Target,
  world: World,
): Promise<RelationFeed | undefined> {
  if (kind.type !== "deb" || policy.uninstallable === "off") return undefined;
  const wanted = intakes.flatMap((intake) => intake.wanted).filter((one) => one.kind === kind && one.architecture === architecture);
  return wanted.reduce((sum, { plain }) => sum + (plain?.bytes ?? 0), 0) < FEW_BYTES ? undefined : openFeed(architecture, world);
}

/** The last generation's indices of one architecture, over the components that it had. */
function publishedIndices(last: LastSuite, target: Target): readonly { path: string; component: ComponentName; sha256: string }[] {
  return (last.record?.indices ?? []).flatMap(({ path, sha256 }) => {
    const index = readIndexPath(path);
    if (index?.kind !== target.kind || index.architecture !== target.architecture) return [];
    return [{ path, component: parseComponentName(index.component), sha256 }];
  });
}

/** Notes what cannot be installed from the indices that are about to be published. */
export async function rememberBreakage(suite: SuiteSettings, merged: MergedSuite, state: Folder): Promise<void> {
  for (const [architecture, names] of merged.uninstallableNames) {
    const own = merged.indices.filter((index) => index.kind.type === "deb" && index.architecture === architecture);
    await writeBreakage(state, suite.name, architecture, new Map(own.map(({ path, plain }) => [path, plain.digests.SHA256])), names);
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
