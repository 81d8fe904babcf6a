/** What an operator should be told of the policy of a suite: rules that did nothing, and mirrors that wanted more than they may have. */
import { type Problem, problem } from "../errors.ts";
import { ruleText } from "../merge/rule-text.ts";
import type { SuiteReport } from "../report/report.ts";
import type { BanRule, PinRule, SuiteSettings } from "../settings.ts";

/** What became of a suite's rules in its indices. */
export interface RulesUsed {
  /** Positions of rules that fitted a stanza. */
  readonly pin: ReadonlySet<number>;
  readonly ban: ReadonlySet<number>;
  /** Pins that have come to their `until`. */
  readonly ended: ReadonlySet<PinRule>;
}

/** A rule that fits nothing is most likely misspelt. */
export function idleRules(suite: SuiteSettings, used: RulesUsed): readonly Problem[] {
  const { bans, pins } = suite.policy;
  const where = { suite: suite.name };
  const idle = (what: string, rule: BanRule | PinRule): Problem =>
    problem(
      "warning",
      "RULE_UNUSED",
      `${rule.place}: No stanza of suite "${suite.name}" fits the ${what} "${ruleText(rule)}": it does nothing`,
      where,
    );
  const ended = ({ place, until, ...pin }: PinRule): Problem => {
    const text = `${place}: The pin "${ruleText({ ...pin, place, until })}" has ended in suite "${suite.name}": another mirror offers ${until?.package} ${until?.version} or higher`;
    return problem("info", "RULE_UNUSED", text, where, "Remove the pin when it has ended for every architecture");
  };
  return [
    ...bans.flatMap((ban, position) => (used.ban.has(position) ? [] : [idle("ban", ban)])),
    ...pins.flatMap((pin, position) => {
      if (used.ended.has(pin)) return [ended(pin)];
      return used.pin.has(position) ? [] : [idle("pin", pin)];
    }),
  ];
}

/** One line for all that limited mirrors offered and did not get, and one for what they and watched ones keep: the report names each. */
export function limitedSum(suite: SuiteSettings, limited: SuiteReport["limited"]): readonly Problem[] {
  const problems: Problem[] = [];
  const tell = (code: "MIRROR_LIMITED" | "MIRROR_PRIVILEGED", names: ReadonlySet<string>, what: string): void => {
    if (names.size === 0) return;
    const examples = `${[...names].slice(0, MOST_NAMED).join(", ")}${names.size > MOST_NAMED ? ", …" : ""}`;
    const count = names.size === 1 ? "1 package" : `${names.size} packages`;
    problems.push(problem("warning", code, `In suite "${suite.name}" ${count} of ${what}: ${examples}`, { suite: suite.name }));
  };
  const refused = limited.filter(({ stays }) => stays !== true);
  tell("MIRROR_LIMITED", new Set(refused.map((one) => `${one.package} of ${one.mirror}`)), "limited mirrors are left out or cut");
  const kept = limited.filter(({ stays }) => stays === true);
  const said = new Set(kept.map((one) => `${one.package} of ${one.mirror} (${one.what})`));
  tell("MIRROR_PRIVILEGED", said, "limited or watched mirrors act on more than themselves");
  return problems;
}

/** Names in one line. */
const MOST_NAMED = 5;
