/** Rules of policy must speak of mirrors, suites and architectures that there are. */
import { suitesOf } from "./build-policy.ts";
import type { Say } from "./check-folders.ts";
import { doubtPairs } from "./check-policy-pairs.ts";
import { suggestion } from "./nearest.ts";
import { pathText, quoted } from "./quoting.ts";
import type { Config } from "./schema.ts";
import type { BanEntry, PinEntry } from "./schema-policy.ts";
import type { Draft } from "./schema-walk.ts";

type Path = readonly PropertyKey[];
type DraftSuite = Draft<Config["suites"][string]>;

/** A pin or a ban; what only one of them has, the other lacks. */
export type PolicyEntry = Draft<PinEntry> & Draft<BanEntry>;

/** A rule and where it stands. */
export interface Place {
  readonly list: "pin" | "ban";
  readonly path: Path;
  readonly entry: PolicyEntry;
  /** Names of suites that the rule is for. */
  readonly named: readonly string[];
  /** Those of them in which it is in force: an empty list of a suite's own clears the shared one. */
  readonly suites: readonly string[];
}

interface Around {
  readonly suites: ReadonlyMap<string, DraftSuite>;
  /** Every name under `mirrors`, also of mirrors that are faulty. */
  readonly mirrors: readonly string[];
  readonly refuse: Say;
  readonly doubt: Say;
}

/** @param suites in the order of the config */
export function checkPolicies(
  shared: Draft<Config["policy"]> | undefined,
  suites: ReadonlyMap<string, DraftSuite>,
  mirrors: readonly string[],
  refuse: Say,
  doubt: Say,
): void {
  const around = { suites, mirrors, refuse, doubt };
  const all = [...suites.keys()];
  const cleared = (name: string, list: Place["list"]): boolean => suites.get(name)?.policy?.[list]?.length === 0;
  const places = [
    ...placesOf(shared, ["policy"], all, (name, list) => !cleared(name, list)),
    ...all.flatMap((name) => placesOf(suites.get(name)?.policy, ["suites", name, "policy"], [name], () => true)),
  ];
  for (const place of places) {
    checkSuiteNames(place, around);
    checkMirror(place, around);
    checkArchitecture(place, around);
  }
  doubtPairs(places, doubt);
}

function placesOf(
  policy: Draft<Config["policy"]> | undefined,
  path: Path,
  suites: readonly string[],
  inForce: (suite: string, list: Place["list"]) => boolean,
): readonly Place[] {
  const found = (list: Place["list"], entries: readonly (PolicyEntry | undefined)[] | undefined): readonly Place[] =>
    (entries ?? []).flatMap((entry, position) => {
      if (entry === undefined) return [];
      const named = suitesOf(entry) ?? suites;
      return [{ list, path: [...path, list, position], entry, named, suites: named.filter((name) => inForce(name, list)) }];
    });
  return [...found("pin", policy?.pin), ...found("ban", policy?.ban)];
}

function checkSuiteNames({ path, entry }: Place, { suites, refuse }: Around): void {
  const own = path[0] === "suites" ? String(path[1]) : undefined;
  const known = own === undefined ? [...suites.keys()] : [own];
  const written = typeof entry.suite === "string" ? [entry.suite] : (entry.suite ?? []);
  for (const [position, name] of written.entries()) {
    if (name === undefined || known.includes(name)) continue;
    const here = [...path, "suite", ...(typeof entry.suite === "string" ? [] : [position])];
    const why =
      own === undefined
        ? `no suite is called ${quoted(name)}, ${suggestion(name, known)}`
        : `it stands in the policy of "${own}", it must be that suite`;
    refuse(here, `Cannot use ${pathText(here)}: ${why}`);
  }
}

function checkMirror({ path, entry, named, suites: inForce }: Place, { suites, mirrors, refuse, doubt }: Around): void {
  const { mirror: choice } = entry;
  if (choice?.mirror === undefined) return;
  const here = [...path, "mirror"];
  if (!mirrors.includes(choice.mirror)) {
    refuse(here, `Cannot use ${pathText(here)}: no mirror is called ${quoted(choice.mirror)}, ${suggestion(choice.mirror, mirrors)}`);
    return;
  }
  const fromsOf = (names: readonly string[]) => names.flatMap((name) => suites.get(name)?.from ?? []);
  // What is faulty there is told, and may be the very one that is meant.
  const isSound = fromsOf(named).every((from) => from?.suite !== undefined && from.mirror !== undefined && mirrors.includes(from.mirror));
  if (!isSound || fromsOf(named).length === 0) return;
  const isTaken = (names: readonly string[]): boolean =>
    fromsOf(names).some((from) => from?.mirror === choice.mirror && (choice.suite === undefined || from?.suite === choice.suite));
  const where = (names: readonly string[]): string => (names.length === 1 ? `suite "${names[0]}" takes` : "its suites take");
  const asked = choice.suite === undefined ? choice.mirror : `${choice.mirror}/${choice.suite}`;
  if (choice.suite !== undefined && !isTaken(named)) {
    const known = [...new Set(fromsOf(named).map((from) => `${from?.mirror}/${from?.suite}`))];
    refuse(here, `Cannot use ${pathText(here)}: ${where(named)} nothing from ${quoted(asked)}, ${suggestion(asked, known)}`);
  } else if (inForce.length > 0 && !isTaken(inForce)) {
    doubt(here, `${pathText(path)} does nothing: ${where(inForce)} nothing from mirror ${quoted(asked)}`);
  }
}

function checkArchitecture({ path, entry, named }: Place, { suites, refuse }: Around): void {
  const { architecture } = entry;
  if (architecture === undefined) return;
  const known = [...new Set(named.flatMap((name) => suites.get(name)?.architectures ?? []))];
  // A faulty one is told, and may be the very one that is meant.
  if (known.length === 0 || known.includes(undefined) || known.includes(architecture)) return;
  const here = [...path, "architecture"];
  const whose = named.length === 1 ? `an architecture of suite "${named[0]}"` : "an architecture of its suites";
  refuse(here, `Cannot use ${pathText(here)}: it is "${architecture}", it must be ${whose}: ${known.join(", ")}`);
}
