/** All that one ban takes out of the suites, with chains, from stored bytes. */
import type { SuiteName } from "../archive/names.ts";
import { MergeError } from "../errors.ts";
import { ruleText } from "../merge/rule-text.ts";
import type { BannedReport } from "../report/report.ts";
import type { BanRule, Settings } from "../settings.ts";
import { policyFindings } from "./policy-findings.ts";
import { viewSuites } from "./suite-view.ts";
import type { World } from "./world.ts";

export interface ExplainedRule {
  readonly suite: string;
  readonly rule: string;
  readonly place: string;
  readonly dependents: BanRule["dependents"];
  readonly reason?: string;
  readonly banned: readonly BannedReport[];
  /** They stay. */
  readonly needsBanned: readonly BannedReport[];
}

/**
 * @param wanted a rule as reports write it (`package systemd-sysv`), its pattern alone, or its place (`policy.ban[0]`)
 * @throws MergeError USAGE when no suite has such a ban; STORE_LACKS when no merge has filled the store yet
 */
export async function explainBan(
  wanted: string,
  suiteName: SuiteName | undefined,
  settings: Settings,
  world: World,
): Promise<readonly ExplainedRule[]> {
  const fits = (ban: BanRule): boolean => [ruleText(ban), ban.pattern, ban.place].includes(wanted);
  const suites = settings.suites.filter(({ name }) => suiteName === undefined || name === suiteName);
  if (!suites.some(({ policy }) => policy.bans.some(fits))) {
    const known = [...new Set(suites.flatMap(({ policy }) => policy.bans.map(ruleText)))];
    const text =
      known.length === 0 ? "the config has no bans" : `the bans are ${known.map((rule) => `"${rule}"`).join(", ")}, it must be one of them`;
    throw new MergeError("USAGE", `Cannot explain the ban "${wanted}": ${text}`);
  }
  const found: ExplainedRule[] = [];
  for (const view of await viewSuites(settings, world, (suite) => suites.includes(suite) && suite.policy.bans.some(fits))) {
    const { suite, targets } = view;
    const banned: BannedReport[] = [];
    const needsBanned: BannedReport[] = [];
    for (const target of targets) {
      const { gathered } = await view.loaded(target);
      const findings = policyFindings(target, gathered, await view.decided(target), suite);
      banned.push(...findings.banned);
      needsBanned.push(...findings.needsBanned);
    }
    for (const ban of suite.policy.bans.filter(fits)) {
      const rule = ruleText(ban);
      const own = (list: readonly BannedReport[]): readonly BannedReport[] => list.filter((one) => one.rule === rule);
      const { place, dependents, reason } = ban;
      const facts = { suite: suite.name, rule, place, dependents, ...(reason === undefined ? {} : { reason }) };
      found.push({ ...facts, banned: own(banned), needsBanned: own(needsBanned) });
    }
  }
  return found;
}
