/** Rules of policy that cannot do what they seem to, as the config alone shows: told where that is certain. */
import { formatVersionConstraint } from "../lib/archive/version.ts";
import type { Say } from "./check-folders.ts";
import type { Place, PolicyEntry } from "./check-policy.ts";
import { pathText, quoted } from "./quoting.ts";

/**
 * Says of every rule at most one thing. Patterns are compared as they are written: globs that overlap are in order.
 *
 * @param places in the order in which rules of one list count
 */
export function doubtPairs(places: readonly Place[], doubt: Say): void {
  const bans = grouped(places.filter(({ list }) => list === "ban"));
  const before = new Map<string, Place[]>();
  for (const place of places) {
    const { list, path, entry } = place;
    const subject = subjectOf(entry);
    if (subject === undefined) continue;
    // A suite's own rule may well differ from the shared one.
    const key = JSON.stringify([path.slice(0, -1), subject]);
    const earlier = before.get(key) ?? [];
    const why = idleFault(place) ?? pairFault(place, earlier) ?? (list === "pin" ? banFault(place, bans.get(subject) ?? []) : undefined);
    if (why !== undefined) doubt(path, `${pathText(path)} ${why}`);
    earlier.push(place);
    before.set(key, earlier);
  }
}

/** What a rule goes by; undefined when that is faulty. */
const subjectOf = ({ package: own, source }: PolicyEntry): string | undefined =>
  own !== undefined ? `package ${own}` : source !== undefined ? `source ${source}` : undefined;

function grouped(places: readonly Place[]): ReadonlyMap<string, readonly Place[]> {
  const groups = new Map<string, Place[]>();
  for (const place of places) {
    const subject = subjectOf(place.entry);
    if (subject === undefined) continue;
    const group = groups.get(subject) ?? [];
    group.push(place);
    groups.set(subject, group);
  }
  return groups;
}

function idleFault({ list, entry, named, suites }: Place): string | undefined {
  if (named.length > 0 && suites.length === 0) return `does nothing: the suites that it is for clear the list with "${list}: []"`;
  if (entry.package !== undefined && entry.architecture === "source")
    return "does nothing: package speaks of binaries alone, in Sources a rule goes by source";
  return undefined;
}

/** What an earlier rule of the same list leaves of this one. */
function pairFault({ list, entry, suites }: Place, earlier: readonly Place[]): string | undefined {
  const before = earlier.filter((one) => hasAll(one.suites, suites) && isWider(one.entry, entry));
  const covering = before.find((one) => isMirrorWider(one.entry, entry) && (list === "ban" || !endsBefore(one.entry, entry)));
  if (covering !== undefined) {
    const first = pathText(covering.path);
    if (sense(covering.entry) === sense(entry)) return `says what ${first} says already`;
    return `does nothing: ${first} comes first and covers it`;
  }
  const other = list === "ban" ? undefined : before.find((one) => one.entry.until === undefined && !isMirrorWider(one.entry, entry));
  if (other === undefined) return undefined;
  const mirror = quoted(mirrorText(other.entry) ?? "");
  return `contradicts ${pathText(other.path)}, which comes first: it counts only where ${mirror} lacks the name`;
}

function banFault({ entry, suites }: Place, bans: readonly Place[]): string | undefined {
  const ban = bans.find((one) => hasAll(one.suites, suites) && isWider(one.entry, entry) && isMirrorWider(one.entry, entry));
  return ban === undefined ? undefined : `does nothing: ${pathText(ban.path)} bans all that it speaks of`;
}

const hasAll = (outer: readonly string[], inner: readonly string[]): boolean => inner.every((name) => outer.includes(name));

const versionText = ({ version }: PolicyEntry): string | undefined =>
  version?.operator === undefined || version.version === undefined
    ? undefined
    : formatVersionConstraint({ operator: version.operator, version: version.version });

/** Whether a rule with the same pattern speaks of every architecture and version of the other. */
const isWider = (outer: PolicyEntry, inner: PolicyEntry): boolean =>
  (outer.architecture === undefined || outer.architecture === inner.architecture) &&
  (outer.version === undefined || versionText(outer) === versionText(inner));

const mirrorText = ({ mirror }: PolicyEntry): string | undefined =>
  mirror === undefined ? undefined : mirror.suite === undefined ? mirror.mirror : `${mirror.mirror}/${mirror.suite}`;

/** Whether a rule speaks of every mirror and suite of the other. */
const isMirrorWider = ({ mirror: outer }: PolicyEntry, { mirror: inner }: PolicyEntry): boolean =>
  outer === undefined || (outer.mirror === inner?.mirror && (outer.suite === undefined || outer.suite === inner?.suite));

const untilText = ({ until }: PolicyEntry): string => JSON.stringify([until?.package, until?.version]);

/** Whether an earlier pin may come to its end while the later one goes on. */
const endsBefore = (first: PolicyEntry, second: PolicyEntry): boolean =>
  first.until !== undefined && !(untilText(first) === untilText(second) && mirrorText(first) === mirrorText(second));

/** All that a rule does, so that two can be seen to be one; a reason does nothing. */
const sense = (entry: PolicyEntry): string =>
  JSON.stringify([
    entry.architecture,
    versionText(entry),
    mirrorText(entry),
    untilText(entry),
    entry.dependents ?? "drop",
    [...(entry.report ?? [])].sort(),
  ]);
