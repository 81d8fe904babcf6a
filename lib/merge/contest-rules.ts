/**
 * The policy of a suite, made ready for one merged index: which ban takes a candidate out, which pin speaks for it, and what else keeps it
 * from the contest. Patterns are compiled once; a candidate that no pattern fits costs a few look-ups.
 */

import { type NamePatterns, namePatterns } from "../archive/name-patterns.ts";
import type { Architecture, MirrorName } from "../archive/names.ts";
import { satisfies } from "../archive/version.ts";
import { fieldText } from "../deb822/stanza-table.ts";
import { type IndexKind, VERSION } from "../kinds/index-kind.ts";
import type { BanRule, MirrorChoice, PinRule, Policy, Winner } from "../settings.ts";
import type { IndexInput } from "./candidate.ts";
import { sourceOf } from "./needed-sources.ts";
import type { SourceOwners } from "./source-owners.ts";

/** What else a suite's contests go by, found out before the first of them. */
export interface Findings {
  /** Pins that have come to their `until`. */
  readonly ended: ReadonlySet<PinRule>;
  /** Only with `sources: strict`. */
  readonly owners: SourceOwners | undefined;
  /**
   * Names that full mirrors offer in any architecture, by type: a package for `all` that a limited mirror puts into one architecture's index is
   * a candidate for every client that reads this index beside another.
   */
  readonly owned: ReadonlyMap<IndexKind["type"], ReadonlyMap<string, MirrorName>>;
}

export const NO_FINDINGS: Findings = { ended: new Set(), owners: undefined, owned: new Map() };

/** No rule. */
export const NONE = -1;

export interface ContestRules {
  readonly winner: Winner;
  readonly pins: readonly PinRule[];
  readonly bans: readonly BanRule[];
  /** Names that full mirrors offer in other indices of the same type. */
  readonly owned: ReadonlyMap<string, MirrorName>;
  /** Sets `ban` and `pin` to positions in the lists above, or NONE: no object is made per stanza. */
  look(input: IndexInput, stanza: number, name: string): void;
  ban: number;
  pin: number;
  /**
   * Whether a pin speaks of the stanza by its own name. Only that gives a limited mirror a name of a full one: what it says of its Source is its
   * own word, and could be said of any package.
   */
  granted: boolean;
  /** Positions of the rules that fitted a stanza so far, whether they decided anything or not. */
  readonly fitted: { readonly ban: Set<number>; readonly pin: Set<number> };
  /** The mirror that has won the source of a binary, when its own mirror offers that source too and has lost it. */
  sourceLostTo(input: IndexInput, stanza: number): MirrorName | undefined;
}

interface Rule {
  readonly list: "ban" | "pin";
  readonly position: number;
  readonly rule: BanRule | PinRule;
}

export function contestRules(kind: IndexKind, architecture: Architecture, policy: Policy, findings: Findings): ContestRules {
  const ofIndex = <R extends BanRule | PinRule>(rules: readonly R[], list: Rule["list"]): readonly (readonly [string, Rule])[] =>
    rules.flatMap((rule, position) => {
      // What names a package speaks of binaries; a source is named by source rules alone.
      if (rule.by === "package" && kind.type === "source") return [];
      if (rule.architecture !== undefined && rule.architecture !== architecture) return [];
      if (list === "pin" && findings.ended.has(rule as PinRule)) return [];
      return [[rule.pattern.toLowerCase(), { list, position, rule }] as const];
    });
  const all = [...ofIndex(policy.bans, "ban"), ...ofIndex(policy.pins, "pin")];
  const byPackage = namePatterns(all.filter(([, { rule }]) => rule.by === "package"));
  const bySource = namePatterns(all.filter(([, { rule }]) => rule.by === "source"));
  const owners = kind.type === "source" ? undefined : findings.owners;

  const rules: ContestRules = {
    winner: policy.winner,
    pins: policy.pins,
    bans: policy.bans,
    owned: findings.owned.get(kind.type) ?? new Map(),
    ban: NONE,
    pin: NONE,
    granted: false,
    fitted: { ban: new Set(), pin: new Set() },
    look(input, stanza, name) {
      rules.ban = NONE;
      rules.pin = NONE;
      rules.granted = false;
      if (byPackage.size > 0) apply(byPackage, name, input, () => fieldText(input.table, stanza, VERSION) ?? "");
      if (bySource.size === 0) return;
      const source = kind.type === "source" ? undefined : sourceOf({ input, stanza });
      apply(bySource, source?.name ?? name, input, () => source?.version ?? fieldText(input.table, stanza, VERSION) ?? "");
    },
    sourceLostTo(input, stanza) {
      return owners?.lostTo(sourceOf({ input, stanza }).name, input.mirror);
    },
  };

  /** Clients read names in small letters: capitals evade no ban. */
  function apply(patterns: NamePatterns<Rule>, name: string, input: IndexInput, version: () => string): void {
    for (const { list, position, rule } of patterns.matching(name.toLowerCase())) {
      if (rule.mirror !== undefined && !isOf(rule.mirror, input)) continue;
      if (rule.version !== undefined && !satisfies(version(), rule.version)) continue;
      rules.fitted[list].add(position);
      if (list === "pin" && (rule.by === "package" || kind.type === "source")) rules.granted = true;
      if (rules[list] === NONE || position < rules[list]) rules[list] = position;
    }
  }
  return rules;
}

export const isOf = ({ mirror, suite }: MirrorChoice, input: Pick<IndexInput, "mirror" | "suite">): boolean =>
  mirror === input.mirror && (suite === undefined || suite === input.suite);
