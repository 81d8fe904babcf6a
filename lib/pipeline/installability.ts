/** The guard against packages that can no longer be installed: what a merge breaks, compared with the last generation. */
import type { RelationStanza } from "../closure/relation-fields.ts";
import { relationsAsPackages } from "../closure/relation-text.ts";
import { findUninstallable, type Uninstallable } from "../closure/uninstallable.ts";
import { fieldText, type StanzaTable } from "../deb822/stanza-table.ts";
import { type Problem, problem } from "../errors.ts";
import { NAME, VERSION } from "../kinds/index-kind.ts";
import type { Kept } from "../merge/candidate.ts";
import type { Debcheck } from "../ports.ts";
import type { UninstallableReport } from "../report/report.ts";
import type { SuiteSettings } from "../settings.ts";
import { relationsOf, type TargetOverrides } from "./override-edits.ts";
import type { Target } from "./suite-targets.ts";

/**
 * Packages of an index that cannot be installed from it, and were not among those of the last generation that could not.
 *
 * @param before the last generation's indices of the same architecture, one for each component
 */
export async function newlyUninstallable(
  suite: SuiteSettings,
  { kind, architecture }: Target,
  kept: readonly Kept[],
  overrides: TargetOverrides,
  before: readonly StanzaTable[],
  debcheck: Debcheck,
): Promise<{ readonly broken: readonly UninstallableReport[]; readonly problems: readonly Problem[] }> {
  const stanzas = relationsOf(kept, overrides);
  const old = before.flatMap((table) => Array.from({ length: table.count }, (_, stanza): RelationStanza => ({ table, stanza })));
  const now = findUninstallable(stanzas, architecture);
  const known = now.length === 0 ? new Set<string>() : new Set(findUninstallable(old, architecture).map(({ name }) => name));
  const found = now.filter(({ name }) => !known.has(name));
  const { more, problems } = suite.policy.debcheck
    ? await secondOpinion(suite, stanzas, old, new Set(now.map(({ name }) => name)), kept, architecture, debcheck)
    : { more: [], problems: [] };
  const broken = [...found, ...more].flatMap(({ stanza, name, chain, relation }) => {
    const one = kept[stanza];
    if (one === undefined) return [];
    const version = fieldText(one.input.table, one.stanza, VERSION) ?? "";
    return [{ package: name, type: kind.type, architecture, version, mirror: one.input.mirror, chain, relation }];
  });
  return { broken, problems };
}

/** What dose-debcheck finds beyond our own closure: packages whose dependencies conflict with each other. */
async function secondOpinion(
  suite: SuiteSettings,
  stanzas: readonly RelationStanza[],
  old: readonly RelationStanza[],
  told: ReadonlySet<string>,
  kept: readonly Kept[],
  architecture: string,
  debcheck: Debcheck,
): Promise<{ readonly more: readonly Uninstallable[]; readonly problems: readonly Problem[] }> {
  const now = await debcheck.uninstallable(relationsAsPackages(stanzas), architecture);
  const where = { suite: suite.name };
  const unheard = (because: string) => {
    const text = `Cannot ask dose-debcheck about suite "${suite.name}": ${because}, only the built-in check was done`;
    return { more: [], problems: [problem("warning", "DEBCHECK_MISSING", text, where)] };
  };
  if (now.kind === "missing") return unheard("it is not installed");
  if (now.kind === "failed") return unheard(now.because);
  const news = [...now.broken].filter(([name]) => !told.has(name));
  if (news.length === 0) return { more: [], problems: [] };
  const before = await debcheck.uninstallable(relationsAsPackages(old), architecture);
  if (before.kind !== "checked") return unheard(before.kind === "failed" ? before.because : "it is not installed");
  const places = new Map(kept.map((one, position) => [fieldText(one.input.table, one.stanza, NAME) ?? "", position]));
  const more = news.flatMap(([name, relation]): readonly Uninstallable[] => {
    const stanza = places.get(name);
    return stanza === undefined || before.broken.has(name) ? [] : [{ stanza, name, chain: [name], relation }];
  });
  return { more, problems: [] };
}
