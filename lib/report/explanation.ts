/** Why a package is as it is in a merged suite, for people and for scripts. */
import { plain } from "./plain.ts";

export interface Explanation {
  readonly package: string;
  readonly suite: string;
  readonly type: "deb" | "udeb" | "source";
  readonly architecture: string;
  /** `policy.winner` of the suite. */
  readonly rule: string;
  /** Why the winner won, in words. */
  readonly reason: string;
  /** The pin that decided. */
  readonly pin?: { readonly rule: string; readonly place: string };
  /** In order of rank. */
  readonly candidates: readonly ExplainedCandidate[];
  readonly bans: readonly ExplainedBan[];
  readonly overrides: readonly ExplainedOverride[];
  /** What was taken from a limited mirror's winner, such as `Essential: yes`. */
  readonly limits: readonly string[];
  /** What the winner says beyond itself, of a mirror that is not full; absent when that is nothing. */
  readonly privileges?: readonly string[];
  /** What became of the sources that the winners were built from; empty where nothing is said of sources. */
  readonly sources: readonly ExplainedSource[];
  /** Binaries that are kept and built from it; of sources only, when they were asked for. */
  readonly binaries?: readonly ExplainedBinary[];
  /** What is published of the name, and how that differs from what wins now; absent when the suite is not published. */
  readonly published?: { readonly versions: readonly string[]; readonly change: string };
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
  /** kept: lost or never competed, and stays beside the winner; dropped: won, and goes with what is banned; left: was not let compete. */
  readonly outcome: "wins" | "kept" | "loses" | "refused" | "banned" | "dropped" | "left";
  readonly because: string;
}

export interface ExplainedBan {
  readonly rule: string;
  readonly place: string;
  readonly reason?: string;
  /** From the package to the banned one, both included. */
  readonly chain: readonly string[];
  readonly relation?: string;
  /** Whether the package is out; else it stays and only its need is told. */
  readonly out: boolean;
}

export interface ExplainedOverride {
  readonly file: string;
  readonly line: number;
  /** Such as `sets Priority: optional` or `drops systemd from Recommends`. */
  readonly does: string;
  readonly field: string;
  /** Of a field that is set. */
  readonly value?: string;
  readonly reason?: string;
}

export interface ExplainedSource {
  readonly name: string;
  readonly version: string;
  /** In words. */
  readonly fate: string;
}

export interface ExplainedBinary {
  readonly package: string;
  readonly architecture: string;
  readonly version: string;
  readonly mirror: string;
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

function formatOne(one: Explanation, architectures: readonly string[]): string {
  const { package: name, suite, type, rule, reason, pin } = one;
  const where = type === "source" ? "" : ` for ${architectures.join(", ")}`;
  const by = pin === undefined ? `winner: ${rule}` : `${pin.place}: pin ${pin.rule}`;
  const lines = [`${name} (${type}) in suite ${suite}${where}`, `  rule: ${by}; ${reason}`];
  for (const candidate of one.candidates) lines.push(...candidateLines(candidate, type));
  for (const { rule: ban, place, reason: why, chain, relation, out } of one.bans) {
    const itself = chain.length === 1;
    lines.push(`  ban ${ban} (${place})${why === undefined ? "" : `: ${why}`}`);
    if (itself) continue;
    lines.push(
      `          ${out ? "goes with it" : "stays, and needs or wants it"}: ${chain.join(" <- ")}${relation === undefined ? "" : ` (${relation})`}`,
    );
  }
  for (const text of one.limits) lines.push(`  limited mirror: ${text} is taken out`);
  for (const text of one.privileges ?? []) lines.push(`  privilege: ${text} stays`);
  for (const { file, line, does, reason: why } of one.overrides)
    lines.push(`  override ${file}:${line} ${does}${why === undefined ? "" : ` (${why})`}`);
  for (const source of one.sources) lines.push(`  source ${source.name} ${source.version}: ${source.fate}`);
  for (const { package: binary, architecture, version, mirror } of one.binaries ?? [])
    lines.push(`  binary ${binary} ${version} for ${architecture} of ${mirror}`);
  if (one.published !== undefined) {
    const { versions, change } = one.published;
    lines.push(`  published: ${versions.length === 0 ? "nothing" : versions.join(", ")}; ${change}`);
  }
  return `${lines.map(plain).join("\n")}\n`;
}

function candidateLines(one: ExplainedCandidate, type: Explanation["type"]): readonly string[] {
  const place = `${one.mirror}/${one.suite} ${one.component}`;
  const version = one.version === "" ? "" : ` ${one.version}`;
  const lines = [`  ${one.outcome.padEnd(7)} ${place}${version}: ${one.because}`];
  const digest = one.digest === "" || type === "source" ? "" : `  SHA256 ${one.digest.slice(0, 12)}…`;
  if (one.path !== "") lines.push(`          ${one.path}${digest}`);
  return lines;
}
