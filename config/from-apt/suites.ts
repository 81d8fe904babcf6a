/** Which suites are merged into which: one merged suite per release, as apt would have mixed them by itself. */
import { isFlat, parseSuiteName, type SuiteName } from "../../lib/archive/names.ts";
import type { Member } from "./members.ts";

export interface PlannedSuite {
  readonly name: SuiteName;
  /** First wins a tie. */
  readonly from: readonly Member[];
  /** The member that gives the Release fields. */
  readonly base: Member;
  /** Not mixed with others because apt takes from it only what is asked for. */
  readonly apart: boolean;
}

const KINDS = ["security", "updates", "proposed", "release", "third-party"] as const;
type Kind = (typeof KINDS)[number];

/** What apt mixes with a release: its name with one of these behind it. */
const COMPANIONS: readonly (readonly [ending: string, kind: Kind])[] = [
  ["-security", "security"],
  ["/updates", "security"],
  ["-proposed-updates", "proposed"],
  ["-proposed", "proposed"],
  ["-updates", "updates"],
];
/** Suites that are NotAutomatic by custom; asked only where no Release is at hand. */
const APART_BY_NAME = /-backports(?:-|$)|^experimental$|^rc-buggy$/;

/** @param members in order of appearance; the merged suites keep it */
export function planSuites(members: readonly Member[]): readonly PlannedSuite[] {
  const releases = new Set(members.filter((member) => !isFlat(member.suite) && !isApart(member)).map((member) => String(member.suite)));
  const groups = Map.groupBy(members, (member) => groupKey(member, releases));
  const taken = new Set<string>();
  return [...groups.values()].map((group) => {
    const base = pickBase(group, releases);
    const release = releaseOf(base, releases);
    const wanted = isFlat(base.suite) ? base.mirror.name : release;
    // A second group of the same name: two flat suites of one mirror, or a third party's NotAutomatic suite named like the release.
    const spare = [wanted, isFlat(base.suite) ? `${wanted}-${plainSuite(base.suite)}` : `${wanted}-${base.mirror.name}`];
    let name = spare.find((candidate) => !taken.has(candidate));
    for (let count = 2; name === undefined; count++) if (!taken.has(`${wanted}-${count}`)) name = `${wanted}-${count}`;
    taken.add(name);
    return { name: parseSuiteName(name), from: inOrder(group, base, releases), base, apart: isApart(base) };
  });
}

const plainSuite = (suite: string): string => suite.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "") || "flat";

function isApart(member: Member): boolean {
  if (member.fields === undefined) return APART_BY_NAME.test(member.suite);
  return member.fields.get("notautomatic")?.toLowerCase() === "yes";
}

/** The release that a suite belongs to: itself, unless it is the companion of one that the sources name too. */
function releaseOf(member: Member, releases: ReadonlySet<string>): string {
  if (isApart(member)) return member.suite;
  for (const [ending] of COMPANIONS) {
    const release = member.suite.slice(0, -ending.length);
    if (member.suite.endsWith(ending) && releases.has(release)) return release;
  }
  return member.suite;
}

function kindOf(member: Member, releases: ReadonlySet<string>): Kind {
  if (releaseOf(member, releases) === member.suite) return "release";
  return COMPANIONS.find(([ending]) => member.suite.endsWith(ending))?.[1] ?? "release";
}

/** NotAutomatic suites mix only with those that apt treats alike. */
function groupKey(member: Member, releases: ReadonlySet<string>): string {
  const flavour = isApart(member) ? `apart ${member.fields?.get("butautomaticupgrades") ?? ""}` : "mixed";
  return JSON.stringify([flavour, releaseOf(member, releases), isFlat(member.suite) ? member.mirror.name : ""]);
}

/** The distribution's own suite rather than a third party's of the same name: the one that its security and updates suites belong to. */
function pickBase(group: readonly Member[], releases: ReadonlySet<string>): Member {
  const candidates = group.filter((member) => kindOf(member, releases) === "release");
  const companions = group.filter((member) => kindOf(member, releases) !== "release");
  const owned = (member: Member): boolean =>
    companions.some((other) => other.mirror === member.mirror || (origin(other) !== undefined && origin(other) === origin(member)));
  const [first] = [...candidates.filter(owned), ...candidates, ...group];
  if (first === undefined) throw new Error("a group of suites has no member");
  return first;
}

const origin = (member: Member): string | undefined => member.fields?.get("origin");

function inOrder(group: readonly Member[], base: Member, releases: ReadonlySet<string>): readonly Member[] {
  const rank = (member: Member): number => {
    const kind = kindOf(member, releases);
    const foreign = origin(member) !== undefined && origin(base) !== undefined && origin(member) !== origin(base);
    return KINDS.indexOf(member !== base && (kind === "release" || foreign) ? "third-party" : kind);
  };
  return group.toSorted((a, b) => rank(a) - rank(b));
}
