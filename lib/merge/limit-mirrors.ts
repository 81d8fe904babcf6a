/**
 * What a limited mirror may not say: it may add packages, not make the system need them and not stand for what full mirrors carry. Its
 * stanzas of names that full mirrors have never came here.
 */
import type { MirrorName } from "../archive/names.ts";
import { type FieldEdit, fieldValue } from "../deb822/edit.ts";
import { parseGroup, splitGroups, withoutNames } from "../deb822/relations.ts";
import type { IndexKind } from "../kinds/index-kind.ts";
import type { Kept } from "./candidate.ts";

/** A stanza of a limited mirror that was kept with less than it says. */
export interface LimitedStanza {
  readonly kept: Kept;
  /** Such as `Essential: yes` or `Provides: libc6`. */
  readonly what: readonly string[];
}

/** Fields by which a package makes itself needed; dpkg and apt act on `yes`. */
const VITAL = ["Essential", "Protected", "Important"];

/**
 * @param owned names that full mirrors offer in this index, with the mirror
 * @returns the same stanzas, those of limited mirrors with what is to be changed in them
 */
export function limitMirrors(
  kind: IndexKind,
  kept: readonly Kept[],
  owned: ReadonlyMap<string, MirrorName>,
): { readonly kept: readonly Kept[]; readonly limited: readonly LimitedStanza[] } {
  if (kind.type === "source" || !kept.some(({ input }) => input.limited)) return { kept, limited: [] };
  const limited: LimitedStanza[] = [];
  const changed = kept.map((one) => {
    if (!one.input.limited) return one;
    const { edits, what } = limitsOf(one, owned);
    if (edits.length === 0) return one;
    const cut = { ...one, edits: [...(one.edits ?? []), ...edits] };
    limited.push({ kept: cut, what });
    return cut;
  });
  return { kept: changed, limited };
}

function limitsOf({ input: { table }, stanza }: Kept, owned: ReadonlyMap<string, MirrorName>): { edits: FieldEdit[]; what: string[] } {
  const text = table.bytes.toString("latin1", table.starts[stanza], table.ends[stanza]);
  const edits: FieldEdit[] = [];
  const what: string[] = [];
  for (const field of VITAL) {
    const value = fieldValue(text, field)?.trim();
    if (value === undefined || value.toLowerCase() === "no") continue;
    edits.push({ field, remove: true });
    what.push(`${field}: ${value}`);
  }
  if (fieldValue(text, "Priority")?.trim().toLowerCase() === "required") {
    edits.push({ field: "Priority", value: "optional" });
    what.push("Priority: required");
  }
  const provides = fieldValue(text, "Provides");
  if (provides !== undefined && splitGroups(provides).some((group) => parseGroup(group) === undefined)) {
    // Clients may read more into it than we do.
    edits.push({ field: "Provides", remove: true });
    what.push(`Provides: ${JSON.stringify(provides.trim()).slice(1, -1)}, which cannot be read`);
  } else if (provides !== undefined) {
    const dropped: string[] = [];
    const isOwned = (name: string): boolean => {
      const own = owned.has(name.toLowerCase());
      if (own) dropped.push(name);
      return own;
    };
    if (withoutNames(provides, isOwned) !== provides) {
      edits.push({ field: "Provides", without: (name) => owned.has(name.toLowerCase()) });
      what.push(...new Set(dropped.map((name) => `Provides: ${name}`)));
    }
  }
  return { edits, what };
}
