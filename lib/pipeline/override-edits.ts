/** What override files change in the kept stanzas of one merged index, and how the stanzas read afterwards. */
import type { ComponentName } from "../archive/names.ts";
import type { RelationStanza } from "../closure/relation-fields.ts";
import { editStanza, type FieldEdit } from "../deb822/edit.ts";
import { fieldText, OWN_LIMITS, scanStanzas } from "../deb822/stanza-table.ts";
import { ARCHITECTURE, NAME, VERSION } from "../kinds/index-kind.ts";
import type { Candidate, Decision, Kept } from "../merge/candidate.ts";
import { sourceOf } from "../merge/needed-sources.ts";
import { inherited } from "../override/inherit.ts";
import { type AppliedOverride, type IndexOverrides, noneUsed, type OverrideSet, type OverridesUsed } from "../override/override-set.ts";
import type { Target } from "./suite-targets.ts";

export interface TargetOverrides {
  /** Whether no rule speaks of any stanza. */
  readonly isEmpty: boolean;
  /** In the order in which they act; undefined when no rule speaks of the stanza. */
  appliedTo(one: Kept, name: string): readonly AppliedOverride[] | undefined;
  /** All that they change, with what they take from losing stanzas. */
  editsOf(one: Kept, name: string): readonly FieldEdit[] | undefined;
  /** What fitted a stanza so far. */
  readonly used: OverridesUsed;
}

/** @param decisions of the index: who lost a name can be inherited from */
export function targetOverrides(target: Target, set: OverrideSet, decisions: readonly Decision[]): TargetOverrides {
  const used = noneUsed();
  const byComponent = new Map<ComponentName, IndexOverrides>();
  const ofComponent = (component: ComponentName): IndexOverrides => {
    const known = byComponent.get(component) ?? set.forIndex(target.kind, component, used);
    byComponent.set(component, known);
    return known;
  };
  let losers: ReadonlyMap<string, readonly Candidate[]> | undefined;
  const losersOf = (name: string): readonly Candidate[] => {
    losers ??= new Map(decisions.map((decision) => [decision.name, decision.losers]));
    return losers.get(name) ?? [];
  };
  const appliedTo: TargetOverrides["appliedTo"] = (one, name) => {
    if (set.size === 0) return undefined;
    const { table, mirror, suite, component } = one.input;
    return ofComponent(component).appliedTo(name, () => ({
      version: fieldText(table, one.stanza, VERSION) ?? "",
      architecture: fieldText(table, one.stanza, ARCHITECTURE) ?? "",
      mirror,
      suite,
      source: target.kind.type === "source" ? { name, version: fieldText(table, one.stanza, VERSION) ?? "" } : sourceOf(one),
    }));
  };
  return {
    isEmpty: set.size === 0,
    used,
    appliedTo,
    editsOf: (one, name) =>
      appliedTo(one, name)?.flatMap(({ edits, inherit }) => [...edits, ...inherits(one, edits, inherit, losersOf(name))]),
  };
}

/** What a rule removes may be taken from a loser: the stanza is asked as the rule's own edits leave it. */
function inherits(one: Kept, edits: readonly FieldEdit[], fields: readonly string[], losers: readonly Candidate[]): readonly FieldEdit[] {
  return fields.length === 0 ? [] : inherited(editStanza(Buffer.from(bytesOf(one)), edits), losers.map(bytesOf), fields);
}

const bytesOf = ({ input: { table }, stanza }: Pick<Kept, "input" | "stanza">): Buffer =>
  table.bytes.subarray(table.starts[stanza], table.ends[stanza]);

/**
 * The kept stanzas as clients will read their relations: those that the policy or an override changes are edited, together, and scanned
 * again.
 */
export function relationsOf(kept: readonly Kept[], overrides: TargetOverrides): readonly RelationStanza[] {
  const edited: Buffer[] = [];
  const places = new Map<number, number>();
  for (const [position, one] of kept.entries()) {
    if (overrides.isEmpty && one.edits === undefined) continue;
    const name = fieldText(one.input.table, one.stanza, NAME) ?? "";
    const edits = [...(one.edits ?? []), ...(overrides.editsOf(one, name) ?? [])];
    if (edits.length === 0) continue;
    places.set(position, edited.length / 2);
    edited.push(editStanza(Buffer.from(bytesOf(one)), edits), Buffer.from("\n\n"));
  }
  if (places.size === 0) return kept.map(({ input, stanza }) => ({ table: input.table, stanza }));
  const fields = kept[0]?.input.table.fields ?? [];
  const table = scanStanzas(Buffer.concat(edited), fields, { mirror: "overrides", suite: "their", file: "result" }, OWN_LIMITS);
  return kept.map((one, position) => {
    const place = places.get(position);
    return place === undefined ? { table: one.input.table, stanza: one.stanza } : { table, stanza: place };
  });
}
