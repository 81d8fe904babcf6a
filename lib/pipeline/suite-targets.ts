/** Which indices a suite is made of, and which it reads to be made. */
import { ALL, type Architecture, SOURCE } from "../archive/names.ts";
import { BUILT_USING_FIELDS, CONFLICT_FIELDS, RELATION_FIELDS, WEAK_FIELDS } from "../closure/relation-fields.ts";
import type { FollowerKind } from "../kinds/follower-kind.ts";
import { FOLLOWERS } from "../kinds/followers.ts";
import type { IndexKind } from "../kinds/index-kind.ts";
import { KINDS, kindNamed } from "../kinds/registry.ts";
import type { IndexKindName, SuiteSettings } from "../settings.ts";

/** One merged index over all its components: the unit in which names are contested. */
export interface Target {
  readonly kind: IndexKind;
  readonly architecture: Architecture;
}

/** Kinds that the suite carries beside its packages and sources. */
export const followersOf = (suite: SuiteSettings): readonly FollowerKind[] => FOLLOWERS.filter(({ name }) => suite.indices.includes(name));

/** In the order in which they are made: sources last, because they follow the binaries. */
export function targetsOf(suite: SuiteSettings): readonly Target[] {
  return KINDS.filter((kind) => suite.indices.includes(kind.name)).flatMap((kind) => {
    const architectures = kind.perArchitecture ? suite.architectures.filter((one) => one !== ALL) : suite.sources ? [SOURCE] : [];
    return architectures.map((architecture) => ({ kind, architecture }));
  });
}

/** Kinds that are fetched: with `sources: strict` also Sources that the suite does not carry. */
export function kindsRead(suite: SuiteSettings): { readonly kinds: readonly IndexKind[]; readonly sources: boolean } {
  const names = new Set<IndexKindName>(suite.indices);
  if (readsSources(suite)) names.add("sources");
  return { kinds: KINDS.filter((kind) => names.has(kind.name)), sources: suite.sources || readsSources(suite) };
}

const readsSources = (suite: SuiteSettings): boolean => suite.policy.sources === "strict";

export const SOURCES_TARGET: Target = { kind: kindNamed("sources"), architecture: SOURCE };

/** Whether a file of the kind that cannot be had must stop the suite: without Sources, strict would let everything pass. */
export const isEssential = (suite: SuiteSettings, kind: IndexKindName): boolean =>
  suite.essential.includes(kind) || (kind === "sources" && readsSources(suite));

/** Whether what packages need must be known to merge the suite. */
export function followsRelations(suite: SuiteSettings): boolean {
  return suite.policy.bans.some(({ dependents, reportWeak }) => dependents !== "keep" || reportWeak.length > 0);
}

/** Whether sources follow the binaries that were built from them. */
export const followsSources = (suite: SuiteSettings): boolean => suite.sources && suite.policy.sources !== "off";

/** What a Translation file knows a package by. */
export const DESCRIPTION_FIELDS = ["description-md5", "description"] as const;

/**
 * Fields whose places are noted when an index is scanned: each costs eight bytes a stanza, so only those that are asked for.
 *
 * @param relations whether what packages need will be looked at
 */
export function fieldsOf(kind: IndexKind, suite: SuiteSettings, relations: boolean): readonly string[] {
  if (kind.type === "source") return kind.fields;
  const weak = suite.policy.bans.some(({ reportWeak }) => reportWeak.length > 0);
  const all = [
    ...kind.fields,
    ...(relations ? RELATION_FIELDS : []),
    ...(relations && weak ? WEAK_FIELDS : []),
    ...(relations && suite.policy.debcheck ? CONFLICT_FIELDS : []),
    ...(followsSources(suite) ? BUILT_USING_FIELDS : []),
    ...(kind.type === "deb" && suite.indices.includes("translation") ? DESCRIPTION_FIELDS : []),
  ];
  return [...new Set(all)];
}
