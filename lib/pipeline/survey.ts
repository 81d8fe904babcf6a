/**
 * What the contests of a suite go by that shows in other indices only: who has won the sources (`sources: strict`), and which pins have come
 * to their end (`until`), which names full mirrors have in other architectures. Reads indices a further time, only for policies that ask for it,
 * and only those that changed.
 */
import { sha256Of } from "../archive/digests.ts";
import { type Architecture, type MirrorName, type Sha256, SOURCE } from "../archive/names.ts";
import { compareVersions } from "../archive/version.ts";
import { fieldText } from "../deb822/stanza-table.ts";
import { type IndexKind, NAME, VERSION } from "../kinds/index-kind.ts";
import { kindNamed } from "../kinds/registry.ts";
import type { IndexInput } from "../merge/candidate.ts";
import { type ContestRules, contestRules, type Findings, isOf, NO_FINDINGS, NONE } from "../merge/contest-rules.ts";
import type { Gathered } from "../merge/gather.ts";
import { decideIndex } from "../merge/merge-index.ts";
import { sourceOf } from "../merge/needed-sources.ts";
import { ownedSources, sourceOwners } from "../merge/source-owners.ts";
import type { PinRule, SuiteSettings } from "../settings.ts";
import { loadTarget } from "./decide-target.ts";
import { SOURCES_TARGET, type Target, targetsOf } from "./suite-targets.ts";

/** Answers for each index what its contests go by. */
export interface Survey {
  findingsFor(target: Target): Findings;
  /** Of all of that. */
  digestFor(target: Target): Sha256;
}

/**
 * What was found before in an index, from the same of all that it is made of.
 *
 * @param find gives plain values
 * @param terms what else its answer depends on
 */
export type Recall = <Found>(target: Target, what: string, find: () => Promise<Found>, terms?: unknown) => Promise<Found>;

/** For who keeps nothing. */
export const findAnew: Recall = (_target, _what, find) => find();

export async function surveySuite(
  suite: SuiteSettings,
  load: (target: Target) => Promise<readonly IndexInput[]>,
  recall: Recall,
): Promise<Survey> {
  const strict = suite.policy.sources === "strict";
  const pins = suite.policy.pins.filter(({ until }) => until !== undefined);
  const limited = suite.from.some(({ mirror }) => mirror.privilege !== "full") && suite.architectures.length > 1;
  if (!strict && !limited && pins.length === 0) return { findingsFor: () => NO_FINDINGS, digestFor: () => sha256Of("") };

  const owned = limited ? await ownedInAny(suite, load, recall) : NO_FINDINGS.owned;
  const ended = pins.length > 0 ? await pinsEnded(pins, suite, load, recall) : new Map<Architecture, ReadonlySet<PinRule>>();
  const of = (architecture: Architecture): ReadonlySet<PinRule> => ended.get(architecture) ?? NO_FINDINGS.ended;
  const positionsOf = (architecture: Architecture): readonly number[] =>
    [...of(architecture)].map((pin) => suite.policy.pins.indexOf(pin)).sort((left, right) => left - right);
  const findOwners = async () => {
    const loaded = loadTarget(SOURCES_TARGET, await load(SOURCES_TARGET), suite, { ...NO_FINDINGS, ended: of(SOURCE) });
    return ownedSources(loaded.gathered, decideIndex(loaded.gathered, loaded.rules));
  };
  const sources = strict ? await recall(SOURCES_TARGET, "owners", findOwners, positionsOf(SOURCE)) : undefined;
  const owners = sources && sourceOwners(sources);
  const common = JSON.stringify([sources, [...owned].map(([type, names]) => [type, [...names]])]);
  return {
    findingsFor: ({ architecture }) => ({ ended: of(architecture), owners, owned }),
    digestFor: ({ architecture }) => sha256Of(JSON.stringify([common, positionsOf(architecture)])),
  };
}

/** Names of full mirrors over all architectures of a type. */
async function ownedInAny(
  suite: SuiteSettings,
  load: (target: Target) => Promise<readonly IndexInput[]>,
  recall: Recall,
): Promise<Findings["owned"]> {
  const owned = new Map<IndexKind["type"], Map<string, MirrorName>>();
  for (const target of targetsOf(suite)) {
    const { type } = target.kind;
    if (type === "source") continue;
    const names = owned.get(type) ?? new Map<string, MirrorName>();
    owned.set(type, names);
    const find = async (): Promise<readonly (readonly [string, MirrorName])[]> => {
      const rules = contestRules(target.kind, target.architecture, suite.policy, NO_FINDINGS);
      const found = new Map<string, MirrorName>();
      for (const input of await load(target)) addOwned(input, rules, found);
      return [...found];
    };
    for (const [name, mirror] of await recall(target, "owned", find)) if (!names.has(name)) names.set(name, mirror);
  }
  return owned;
}

/** What is banned of a full mirror is free to be added by a limited one. */
function addOwned(input: IndexInput, rules: ContestRules, names: Map<string, MirrorName>): void {
  if (input.limited) return;
  for (let stanza = 0; stanza < input.table.count; stanza++) {
    const name = fieldText(input.table, stanza, NAME);
    if (name === undefined || names.has(name.toLowerCase())) continue;
    rules.look(input, stanza, name);
    if (rules.ban === NONE) names.set(name.toLowerCase(), input.mirror);
  }
}

/** By architecture of the index, `source` for Sources. */
async function pinsEnded(
  pins: readonly PinRule[],
  suite: SuiteSettings,
  load: (target: Target) => Promise<readonly IndexInput[]>,
  recall: Recall,
): Promise<ReadonlyMap<Architecture, ReadonlySet<PinRule>>> {
  const packages = kindNamed("packages");
  const ended = new Map<Architecture, ReadonlySet<PinRule>>();
  const look = async (target: Target): Promise<ReadonlySet<PinRule>> => {
    const find = async (): Promise<readonly number[]> => {
      const found = endedIn(pins, target, loadTarget(target, await load(target), suite, NO_FINDINGS).gathered);
      return [...found].map((pin) => pins.indexOf(pin));
    };
    const positions = new Set(await recall(target, "ended", find));
    return new Set(pins.filter((_, position) => positions.has(position)));
  };
  for (const architecture of suite.architectures) ended.set(architecture, await look({ kind: packages, architecture }));
  // A source pin also ends with the binaries that show its source.
  const inBinaries = [...ended.values()].flatMap((set) => [...set]);
  const inSources = suite.sources || suite.policy.sources === "strict" ? await look(SOURCES_TARGET) : new Set<PinRule>();
  ended.set(SOURCE, new Set([...inBinaries, ...inSources].filter(({ by }) => by === "source")));
  return ended;
}

/** Pins whose package another mirror offers in the version that they wait for: a stanza that may compete, and no limited mirror's word. */
function endedIn(pins: readonly PinRule[], { kind }: Target, gathered: Gathered): ReadonlySet<PinRule> {
  const sources = kind.type === "source";
  const found = new Set<PinRule>();
  const byName = new Map<string, PinRule[]>();
  for (const pin of pins) {
    const name = pin.until?.package ?? "";
    byName.set(name, [...(byName.get(name) ?? []), pin]);
  }
  const bySource = pins.some(({ by }) => by === "source");
  const look = (name: string, version: string, by: PinRule["by"] | undefined, input: IndexInput): void => {
    for (const pin of byName.get(name) ?? []) {
      if ((by !== undefined && pin.by !== by) || isOf(pin.mirror, input) || pin.until === undefined) continue;
      if (compareVersions(version, pin.until.version) >= 0) found.add(pin);
    }
  };
  for (const name of gathered.names) {
    const asked = byName.has(name);
    if (!asked && (sources || !bySource)) continue;
    for (const entry of gathered.entriesOf(name)) {
      const input = gathered.inputOf(entry);
      const stanza = gathered.stanzaOf(entry);
      if (input.limited) continue;
      if (asked) look(name, fieldText(input.table, stanza, VERSION) ?? "", sources ? "source" : undefined, input);
      if (sources || !bySource) continue;
      const source = sourceOf({ input, stanza });
      if (source.name !== name) look(source.name, source.version, "source", input);
    }
  }
  return found;
}
