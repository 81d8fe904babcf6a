/** Why a package is as it is in a merged suite, for people and for scripts. */
import { plain } from "./text.ts";

export interface Explanation {
  readonly package: string;
  readonly suite: string;
  readonly type: "deb" | "udeb" | "source";
  readonly architecture: string;
  /** `policy.winner` of the suite. */
  readonly rule: string;
  /** Why the winner won, in words. */
  readonly reason: string;
  /** In order of rank. */
  readonly candidates: readonly ExplainedCandidate[];
  readonly overrides: readonly { readonly file: string; readonly line: number; readonly field: string; readonly value: string }[];
}

export interface ExplainedCandidate {
  readonly mirror: string;
  readonly suite: string;
  readonly rank: number;
  readonly component: string;
  readonly version: string;
  readonly digest: string;
  /** In the merged archive. */
  readonly path: string;
  /** kept: lost or never competed, and stays beside the winner. */
  readonly outcome: "wins" | "kept" | "loses" | "refused";
  readonly because: string;
}

export function formatExplanations(name: string, explanations: readonly Explanation[]): string {
  if (explanations.length === 0) return `No mirror of the chosen suites has a package "${plain(name)}".\n`;
  // Architectures in which the same happened are told together.
  const groups = new Map<string, { first: Explanation; architectures: string[] }>();
  for (const one of explanations) {
    const body = JSON.stringify({ ...one, architecture: "" });
    const group = groups.get(body);
    if (group === undefined) groups.set(body, { first: one, architectures: [one.architecture] });
    else group.architectures.push(one.architecture);
  }
  const parts = [...groups.values()].map(({ first, architectures }) => formatOne(first, architectures));
  return parts.join("\n");
}

function formatOne(
  { package: name, suite, type, rule, reason, candidates, overrides }: Explanation,
  architectures: readonly string[],
): string {
  const where = type === "source" ? "" : ` for ${architectures.join(", ")}`;
  const lines = [`${name} (${type}) in suite ${suite}${where}`, `  rule: winner: ${rule}; ${reason}`];
  for (const one of candidates) {
    const place = `${one.mirror}/${one.suite} ${one.component}`;
    const version = one.version === "" ? "" : ` ${one.version}`;
    lines.push(`  ${one.outcome.padEnd(7)} ${place}${version}: ${one.because}`);
    if (one.path !== "")
      lines.push(`          ${one.path}${one.digest === "" || type === "source" ? "" : `  SHA256 ${one.digest.slice(0, 12)}…`}`);
  }
  for (const { file, line, field, value } of overrides) lines.push(`  override ${file}:${line} sets ${field}: ${value}`);
  return `${lines.map(plain).join("\n")}\n`;
}
