/**
 * What the contests of a suite go by that shows in other indices only: who has won the sources (`sources: strict`), and which pins have come
 * to their end (`until`). Reads indices a further time, and only for policies that ask for it.
 */
import { type Architecture, SOURCE } from "../archive/names.ts";
import { compareVersions } from "../archive/version.ts";
import { fieldText } from "../deb822/stanza-table.ts";
import { NAME, VERSION } from "../kinds/index-kind.ts";
import { kindNamed } from "../kinds/registry.ts";
import type { IndexInput } from "../merge/candidate.ts";
import { type Findings, isOf, NO_FINDINGS } from "../merge/contest-rules.ts";
import { decideIndex } from "../merge/merge-index.ts";
import { sourceOf } from "../merge/needed-sources.ts";
import { type SourceOwners, sourceOwners } from "../merge/source-owners.ts";
import type { PinRule, SuiteSettings } from "../settings.ts";
import { loadTarget } from "./decide-target.ts";
import { SOURCES_TARGET, type Target } from "./suite-targets.ts";

/** Answers for each index what its contests go by. */
export interface Survey {
  findingsFor(target: Target): Findings;
}

export async function surveySuite(suite: SuiteSettings, load: (target: Target) => Promise<readonly IndexInput[]>): Promise<Survey> {
  const strict = suite.policy.sources === "strict";
  const pins = suite.policy.pins.filter(({ until }) => until !== undefined);
  if (!strict && pins.length === 0) return { findingsFor: () => NO_FINDINGS };

  const packages = kindNamed("packages");
  const ended = new Map<Architecture, ReadonlySet<PinRule>>();
  if (pins.length > 0) {
    for (const architecture of suite.architectures)
      ended.set(architecture, pinsEnded(pins, await load({ kind: packages, architecture }), false));
    // A source pin also ends with the binaries that show its source.
    const inBinaries = [...ended.values()].flatMap((set) => [...set]);
    const inSources = suite.sources || strict ? pinsEnded(pins, await load(SOURCES_TARGET), true) : new Set<PinRule>();
    ended.set(SOURCE, new Set([...inBinaries, ...inSources].filter(({ by }) => by === "source")));
  }
  const of = (architecture: Architecture): ReadonlySet<PinRule> => ended.get(architecture) ?? NO_FINDINGS.ended;
  let owners: SourceOwners | undefined;
  if (strict) {
    const loaded = loadTarget(SOURCES_TARGET, await load(SOURCES_TARGET), suite, { ended: of(SOURCE), owners: undefined });
    owners = sourceOwners(loaded.gathered, decideIndex(loaded.gathered, loaded.rules));
  }
  return { findingsFor: ({ architecture }) => ({ ended: of(architecture), owners }) };
}

/** Pins whose package another mirror offers in the version that they wait for. */
function pinsEnded(pins: readonly PinRule[], inputs: readonly IndexInput[], sources: boolean): ReadonlySet<PinRule> {
  const found = new Set<PinRule>();
  const byName = new Map<string, PinRule[]>();
  for (const pin of pins) {
    const name = pin.until?.package ?? "";
    byName.set(name, [...(byName.get(name) ?? []), pin]);
  }
  const look = (name: string, version: string, by: PinRule["by"] | undefined, input: IndexInput): void => {
    for (const pin of byName.get(name) ?? []) {
      if ((by !== undefined && pin.by !== by) || isOf(pin.mirror, input) || pin.until === undefined) continue;
      if (compareVersions(version, pin.until.version) >= 0) found.add(pin);
    }
  };
  for (const input of inputs) {
    const { table } = input;
    for (let stanza = 0; stanza < table.count; stanza++) {
      const name = fieldText(table, stanza, NAME);
      if (name === undefined || table.faults.has(stanza)) continue;
      look(name, fieldText(table, stanza, VERSION) ?? "", sources ? "source" : undefined, input);
      if (sources || !pins.some(({ by }) => by === "source")) continue;
      const source = sourceOf({ input, stanza });
      if (source.name !== name) look(source.name, source.version, "source", input);
    }
  }
  return found;
}
