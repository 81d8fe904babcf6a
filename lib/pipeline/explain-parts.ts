/** Parts of an explanation that come from beside the contest: bans, overrides, the source, the published tree. */

import { compareVersions } from "../archive/version.ts";
import { fieldText } from "../deb822/stanza-table.ts";
import { NAME, PATH, VERSION } from "../kinds/index-kind.ts";
import type { Kept } from "../merge/candidate.ts";
import { type Contest, contestOf } from "../merge/contest.ts";
import { sourceOf } from "../merge/needed-sources.ts";
import { ruleText } from "../merge/rule-text.ts";
import type { ExplainedBan, ExplainedOverride, ExplainedSource, Explanation } from "../report/explanation.ts";
import type { SuiteSettings } from "../settings.ts";
import type { DecidedTarget, DependentStanza } from "./decide-target.ts";
import { lastTable, mirrorByPath } from "./last-generation.ts";
import { indexPath } from "./make-index.ts";
import { followsSources, SOURCES_TARGET, type Target } from "./suite-targets.ts";
import type { SuiteView } from "./suite-view.ts";
import type { World } from "./world.ts";

const nameOf = ({ input, stanza }: Pick<Kept, "input" | "stanza">): string => fieldText(input.table, stanza, NAME) ?? "";

/** Bans that speak of the name itself, then those that it falls to. */
export function explainBans(
  name: string,
  { left }: Contest,
  { dropped, told }: DecidedTarget,
  suite: SuiteSettings,
): readonly ExplainedBan[] {
  const found: ExplainedBan[] = [];
  const add = (ban: number, more: Pick<ExplainedBan, "chain" | "out"> & { readonly relation?: string }): void => {
    const rule = suite.policy.bans[ban];
    if (rule === undefined || found.some((one) => one.place === rule.place && one.chain.join() === more.chain.join())) return;
    found.push({ rule: ruleText(rule), place: rule.place, ...(rule.reason === undefined ? {} : { reason: rule.reason }), ...more });
  };
  for (const { left: why } of left) if (why.kind === "banned") add(why.ban, { chain: [name], out: true });
  const dependents = (list: readonly DependentStanza[], out: boolean): void => {
    for (const { kept, ban, chain, relation } of list) if (nameOf(kept) === name) add(ban, { chain, relation, out });
  };
  dependents(dropped, true);
  dependents(told, false);
  return found;
}

export function explainOverrides(name: string, winners: readonly Kept[], { overrides }: DecidedTarget): readonly ExplainedOverride[] {
  const found = winners.flatMap((one) => overrides.appliedTo(one, name) ?? []);
  const lines = found.flatMap(({ file, line, edits, inherit, does, reason }) => {
    const fields = [...edits, ...inherit.map((field) => ({ field }))];
    return fields.map((edit, position) => ({
      file,
      line,
      does: does[position] ?? "",
      field: edit.field,
      ...("value" in edit ? { value: edit.value } : {}),
      ...(reason === undefined ? {} : { reason }),
    }));
  });
  // Several versions of a name get the same.
  return [...new Map(lines.map((one) => [JSON.stringify(one), one])).values()];
}

/** What became of the sources of kept binaries, each once; nothing when the suite says nothing of sources. */
export async function explainSources(kept: readonly Kept[], view: SuiteView): Promise<readonly ExplainedSource[]> {
  const found = new Map<string, ExplainedSource>();
  for (const one of kept) {
    const source = await explainSource(one, view);
    if (source !== undefined) found.set(JSON.stringify(source), source);
  }
  return [...found.values()];
}

async function explainSource(winner: Kept, view: SuiteView): Promise<ExplainedSource | undefined> {
  const { suite } = view;
  if (!followsSources(suite)) return undefined;
  const { name, version } = sourceOf(winner);
  const { inputs, gathered, rules } = await view.loaded(SOURCES_TARGET);
  const { mirror } = winner.input;
  const fate = (text: string): ExplainedSource => ({ name, version, fate: text });
  if (!inputs.some((input) => input.mirror === mirror)) return fate(`"${mirror}" offers no Sources, so nothing is asked of it`);
  const contest = contestOf(gathered, rules, name);
  const { winners = [], losers = [] } = contest?.decision ?? {};
  const own = winners.find((one) => one.version === version);
  if (own !== undefined) return fate(`its stanza is that of "${own.input.mirror}", which wins the source`);
  if (contest?.aside.some((one) => one.version === version)) return fate("its stanza is kept as Extra-Source-Only");
  const [best] = winners;
  const won = best === undefined ? "no mirror wins the source" : `"${best.input.mirror}" wins the source with ${best.version}`;
  if (losers.some((one) => one.version === version))
    return fate(
      suite.policy.sources === "off"
        ? `not in the suite: ${won}`
        : `${won}; this version stays beside it (sources: ${suite.policy.sources})`,
    );
  return fate(`orphaned: ${won}, and no mirror offers this version`);
}

/** How what is published of a name differs from what is kept now. */
export async function explainPublished(
  name: string,
  winners: readonly Kept[],
  target: Target,
  { suite, last }: SuiteView,
  world: World,
): Promise<Explanation["published"]> {
  if (last.record === undefined) return undefined;
  const mirrorOf = mirrorByPath(last);
  const before: { readonly version: string; readonly mirror: string }[] = [];
  for (const component of suite.components) {
    const table = await lastTable(last, indexPath(target, component), target.kind.fields, world);
    for (let stanza = 0; stanza < (table?.count ?? 0); stanza++) {
      if (table === undefined || fieldText(table, stanza, NAME) !== name) continue;
      before.push({ version: fieldText(table, stanza, VERSION) ?? "", mirror: mirrorOf(fieldText(table, stanza, PATH) ?? "") });
    }
  }
  const now = winners.map((one) => ({ version: fieldText(one.input.table, one.stanza, VERSION) ?? "", mirror: one.input.mirror }));
  const told = (list: readonly { readonly version: string; readonly mirror: string }[]): readonly string[] =>
    [...list].sort((left, right) => compareVersions(left.version, right.version)).map(({ version, mirror }) => `${version} of ${mirror}`);
  const [old, fresh] = [told(before), told(now)];
  const change =
    old.join() === fresh.join()
      ? "no change since then"
      : fresh.length === 0
        ? "the next merge takes it out"
        : `the next merge makes it ${fresh.join(", ")}`;
  return { versions: old, change };
}
