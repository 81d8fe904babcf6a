/** What a ban takes out, for people. */

import { plain } from "./plain.ts";
import type { BannedReport } from "./report.ts";

interface ExplainedRule {
  readonly suite: string;
  readonly rule: string;
  readonly place: string;
  readonly dependents: string;
  readonly reason?: string;
  readonly banned: readonly BannedReport[];
  readonly needsBanned: readonly BannedReport[];
}

export function formatExplainedBans(rules: readonly ExplainedRule[]): string {
  return rules.map((rule) => `${linesOf(rule).map(plain).join("\n")}\n`).join("\n");
}

function linesOf({ suite, rule, place, dependents, reason, banned, needsBanned }: ExplainedRule): readonly string[] {
  const direct = banned.filter(({ chain }) => chain.length === 1);
  const indirect = banned.filter(({ chain }) => chain.length > 1);
  const lines = [`ban ${rule} (${place}) in suite ${suite}; dependents: ${dependents}${reason === undefined ? "" : `; ${reason}`}`];
  const list = (title: string, found: readonly BannedReport[]): void => {
    if (found.length === 0) return;
    const groups = grouped(found);
    lines.push(`  ${title}: ${groups.size}`);
    for (const [text, architectures] of groups) lines.push(`    ${text} [${architectures.join(" ")}]`);
  };
  list("banned", direct);
  list("go with it", indirect);
  list("stay, and need or want it", needsBanned);
  if (banned.length === 0 && needsBanned.length === 0) lines.push("  it takes nothing out");
  return lines;
}

/** Architectures in which the same happened share a line. */
function grouped(found: readonly BannedReport[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const { package: name, version, mirror, chain, relation, architecture } of found) {
    const text = chain.length === 1 ? `${name} ${version} of ${mirror}` : `${chain.join(" <- ")} (${relation}) ${version} of ${mirror}`;
    groups.set(text, [...(groups.get(text) ?? []), architecture]);
  }
  return groups;
}
