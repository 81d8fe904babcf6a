/** What the policy did in one merged index, in the words of the report. */
import { fieldText } from "../deb822/stanza-table.ts";
import { NAME, VERSION } from "../kinds/index-kind.ts";
import { describeReason, type Kept } from "../merge/candidate.ts";
import { forksBehind } from "../merge/fork-age.ts";
import { ruleText } from "../merge/rule-text.ts";
import type { BannedReport, BehindReport, LimitedReport, NamedStanza, NeedsBannedReport } from "../report/report.ts";
import type { SuiteSettings } from "../settings.ts";
import type { DecidedTarget, DependentStanza, LoadedTarget } from "./decide-target.ts";
import type { Target } from "./suite-targets.ts";

export interface PolicyFindings {
  readonly banned: readonly BannedReport[];
  readonly needsBanned: readonly NeedsBannedReport[];
  readonly behind: readonly BehindReport[];
  readonly limited: readonly LimitedReport[];
}

export function policyFindings(
  target: Target,
  loaded: LoadedTarget["gathered"],
  decided: DecidedTarget,
  suite: SuiteSettings,
): PolicyFindings {
  const { bans } = suite.policy;
  const named = ({ input, stanza }: Pick<Kept, "input" | "stanza">): NamedStanza => ({
    package: fieldText(input.table, stanza, NAME) ?? "",
    type: target.kind.type,
    architecture: target.architecture,
    version: fieldText(input.table, stanza, VERSION) ?? "",
    mirror: input.mirror,
  });
  const byRule = (ban: number): { rule: string; reason?: string } => {
    const rule = bans[ban];
    if (rule === undefined) throw new Error(`There is no ban ${ban}`);
    return { rule: ruleText(rule), ...(rule.reason === undefined ? {} : { reason: rule.reason }) };
  };
  const dependent = ({ kept, ban, chain, relation }: DependentStanza): NeedsBannedReport => ({
    ...named(kept),
    ...byRule(ban),
    chain,
    relation,
  });
  const direct = decided.merged.banned
    // What lost its contest only because of a ban is not banned.
    .filter(({ itself }) => itself)
    .map(({ candidate, ban }): BannedReport => {
      const one = named(candidate);
      return { ...one, ...byRule(ban), chain: [one.package] };
    });
  return {
    banned: [...direct, ...decided.dropped.map(dependent)],
    needsBanned: decided.told.map(dependent),
    behind: forksBehind(decided.merged.decisions).map(({ winner, newer, reason }) => ({
      ...named(winner),
      newer: { version: newer.version, mirror: newer.input.mirror },
      because: describeReason(reason),
    })),
    limited: [
      ...loaded.left.flatMap(({ entry, left }): readonly LimitedReport[] =>
        left.kind === "limited"
          ? [{ ...named({ input: loaded.inputOf(entry), stanza: loaded.stanzaOf(entry) }), what: `the name, which "${left.owner}" has` }]
          : [],
      ),
      ...decided.limited.flatMap(({ kept, what, stays }) => [
        ...what.map((text): LimitedReport => ({ ...named(kept), what: text })),
        ...stays.map((text): LimitedReport => ({ ...named(kept), what: text, stays: true })),
      ]),
    ],
  };
}
