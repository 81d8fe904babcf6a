/**
 * What a mirror says beyond its own packages: that the system needs them, that installers take them unasked, that they stand for what others
 * carry or push it aside. A limited mirror may not, a watched one is told of. Stanzas of a limited mirror that have another's name never came here.
 */
import type { MirrorName } from "../archive/names.ts";
import { type FieldEdit, fieldValue } from "../deb822/edit.ts";
import { parseGroup, splitGroups } from "../deb822/relations.ts";
import type { IndexKind } from "../kinds/index-kind.ts";
import type { Kept } from "./candidate.ts";

/** A kept stanza of a mirror that is not full, and what it says beyond itself. */
export interface LimitedStanza {
  readonly kept: Kept;
  /** Taken out, such as `Essential: yes` or `Provides: libc6`. */
  readonly what: readonly string[];
  /** Told and left: all of it for a watched mirror, relations that a package may need for a limited one. */
  readonly stays: readonly string[];
}

/** Fields by which a package makes itself needed; dpkg and apt act on `yes`. */
const VITAL = ["Essential", "Protected", "Important"];
/** Priorities that debootstrap and the installer take unasked. */
const UNASKED = new Set(["required", "important", "standard"]);
/** Fields by which an archive steers tasksel, build tools, phased updates and command-not-found. */
const STEERING = [
  "Task",
  "Build-Essential",
  "Phased-Update-Percentage",
  "Cnf-Extra-Commands",
  "Cnf-Ignore-Commands",
  "Cnf-Priority-Bonus",
  "Cnf-Visible-Pkgname",
];
/** Relations that keep another package away, or take its files over. */
const PUSHING = ["Conflicts", "Breaks", "Replaces"];

/**
 * @param owned names that mirrors offer in this index which are not limited, with the mirror
 * @returns the same stanzas, those of limited mirrors with what is to be changed in them
 */
export function limitMirrors(
  kind: IndexKind,
  kept: readonly Kept[],
  owned: ReadonlyMap<string, MirrorName>,
): { readonly kept: readonly Kept[]; readonly limited: readonly LimitedStanza[] } {
  if (kind.type === "source" || !kept.some(({ input }) => input.limited || input.watched === true)) return { kept, limited: [] };
  const limited: LimitedStanza[] = [];
  const changed = kept.map((one) => {
    if (!one.input.limited && one.input.watched !== true) return one;
    const { edits, what, stays } = privilegesOf(one, owned);
    if (edits.length === 0 && stays.length === 0) return one;
    if (!one.input.limited) {
      limited.push({ kept: one, what: [], stays: [...what, ...stays] });
      return one;
    }
    const cut = edits.length === 0 ? one : { ...one, edits: [...(one.edits ?? []), ...edits] };
    limited.push({ kept: cut, what, stays });
    return cut;
  });
  return { kept: changed, limited };
}

interface Privileges {
  /** What takes `what` out. */
  readonly edits: readonly FieldEdit[];
  readonly what: readonly string[];
  readonly stays: readonly string[];
}

function privilegesOf({ input: { table, mirror }, stanza }: Kept, owned: ReadonlyMap<string, MirrorName>): Privileges {
  const text = table.bytes.toString("latin1", table.starts[stanza], table.ends[stanza]);
  const edits: FieldEdit[] = [];
  const what: string[] = [];
  const isForeign = (name: string): boolean => {
    const owner = owned.get(name.toLowerCase());
    return owner !== undefined && owner !== mirror;
  };
  for (const field of [...VITAL, ...STEERING]) {
    const value = fieldValue(text, field)?.trim();
    if (value === undefined || (VITAL.includes(field) && value.toLowerCase() === "no")) continue;
    edits.push({ field, remove: true });
    what.push(`${field}: ${quoted(value)}`);
  }
  const priority = fieldValue(text, "Priority")?.trim() ?? "";
  if (UNASKED.has(priority.toLowerCase())) {
    edits.push({ field: "Priority", value: "optional" });
    what.push(`Priority: ${priority}`);
  }
  const provides = fieldValue(text, "Provides");
  const provided = provides === undefined ? [] : foreignNames(provides, isForeign);
  if (provided === undefined) {
    // Clients may read more into it than we do.
    edits.push({ field: "Provides", remove: true });
    what.push(`Provides: ${quoted((provides ?? "").trim())}, which cannot be read`);
  } else if (provided.length > 0) {
    edits.push({ field: "Provides", without: isForeign });
    what.push(...provided.map((name) => `Provides: ${name}`));
  }
  const stays = PUSHING.flatMap((field) => {
    const value = fieldValue(text, field);
    if (value === undefined) return [];
    const names = foreignNames(value, isForeign) ?? [`${quoted(value.trim())}, which cannot be read`];
    return names.map((name) => `${field}: ${name}`);
  });
  return { edits, what, stays };
}

/** Names of others in a relation field, each once; undefined when some of it cannot be read. */
function foreignNames(value: string, isForeign: (name: string) => boolean): readonly string[] | undefined {
  const groups = splitGroups(value).map(parseGroup);
  const names = new Set<string>();
  for (const group of groups) {
    if (group === undefined) return undefined;
    for (const { name } of group) if (isForeign(name)) names.add(name);
  }
  return [...names];
}

const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);
