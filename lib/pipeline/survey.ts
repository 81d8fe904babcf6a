/**
 * What the contests of a suite go by that shows in other indices only: who has won the sources (`sources: strict`), and which pins have come
 * to their end (`until`), which names full mirrors have in other architectures. Reads indices a further time, and only for policies that ask for it.
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
import { type SourceOwners, sourceOwners } from "../merge/source-owners.ts";
import type { PinRule, SuiteSettings } from "../settings.ts";
import { loadTarget } from "./decide-target.ts";
import { SOURCES_TARGET, type Target, targetsOf } from "./suite-targets.ts";

/** Answers for each index what its contests go by. */
export interface Survey {
  findingsFor(target: Target): Findings;
  /** Of all of that. */
  digestFor(target: Target): Sha256;
}

export async function surveySuite(suite: SuiteSettings, load: (target: Target) => Promise<readonly IndexInput[]>): Promise<Survey> {
  const strict = suite.policy.sources === "strict";
  const pins = suite.policy.pins.filter(({ until }) => until !== undefined);
  const limited = suite.from.some(({ mirror }) => mirror.privilege === "limited") && suite.architectures.length > 1;
  if (!strict && !limited && pins.length === 0) return { findingsFor: () => NO_FINDINGS, digestFor: () => sha256Of("") };

  const owned = limited ? await ownedInAny(suite, load) : NO_FINDINGS.owned;
  const ended = pins.length > 0 ? await pinsEnded(pins, suite, load) : new Map<Architecture, ReadonlySet<PinRule>>();
  const of = (architecture: Architecture): ReadonlySet<PinRule> => ended.get(architecture) ?? NO_FINDINGS.ended;
  let owners: SourceOwners | undefined;
  if (strict) {
    const loaded = loadTarget(SOURCES_TARGET, await load(SOURCES_TARGET), suite, { ...NO_FINDINGS, ended: of(SOURCE) });
    owners = sourceOwners(loaded.gathered, decideIndex(loaded.gathered, loaded.rules));
  }
  const common = JSON.stringify([owners?.facts(), [...owned].map(([type, names]) => [type, [...names]])]);
  return {
    findingsFor: ({ architecture }) => ({ ended: of(architecture), owners, owned }),
    digestFor: ({ architecture }) => sha256Of(JSON.stringify([common, [...of(architecture)].map((pin) => suite.policy.pins.indexOf(pin))])),
  };
}

/** Names of full mirrors over all architectures of a type. */
async function ownedInAny(suite: SuiteSettings, load: (target: Target) => Promise<readonly IndexInput[]>): Promise<Findings["owned"]> {
  const owned = new Map<IndexKind["type"], Map<string, MirrorName>>();
  for (const target of targetsOf(suite)) {
    const { type } = target.kind;
    if (type === "source") continue;
    const rules = contestRules(target.kind, target.architecture, suite.policy, NO_FINDINGS);
    const names = owned.get(type) ?? new Map<string, MirrorName>();
    owned.set(type, names);
    for (const input of await load(target)) addOwned(input, rules, names);
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
): Promise<ReadonlyMap<Architecture, ReadonlySet<PinRule>>> {
  const packages = kindNamed("packages");
  const ended = new Map<Architecture, ReadonlySet<PinRule>>();
  const look = async (target: Target): Promise<ReadonlySet<PinRule>> =>
    endedIn(pins, target, loadTarget(target, await load(target), suite, NO_FINDINGS).gathered);
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
