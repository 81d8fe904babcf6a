/** Rules of policy must speak of mirrors, suites and architectures that there are; rules that cannot do what they seem to are doubted. */
import { formatVersionConstraint } from "../lib/archive/version.ts";
import { suitesOf } from "./build-policy.ts";
import type { Say } from "./check-folders.ts";
import { suggestion } from "./nearest.ts";
import { pathText, quoted } from "./quoting.ts";
import type { Config } from "./schema.ts";
import type { BanEntry, PinEntry } from "./schema-policy.ts";
import type { Draft } from "./schema-walk.ts";

type Path = readonly PropertyKey[];
type DraftSuite = Draft<Config["suites"][string]>;
type Entry = Draft<PinEntry> & Draft<BanEntry>;

interface Place {
  readonly list: "pin" | "ban";
  readonly path: Path;
  readonly entry: Entry;
  /** Names of suites for which the rule stands. */
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
  const places = [
    ...placesOf(shared, ["policy"], all),
    ...all.flatMap((name) => placesOf(suites.get(name)?.policy, ["suites", name, "policy"], [name])),
  ];
  for (const place of places) {
    checkSuiteNames(place, around);
    checkMirror(place, around);
    checkArchitecture(place, around);
  }
  doubtPairs(places, doubt);
}

function placesOf(policy: Draft<Config["policy"]> | undefined, path: Path, suites: readonly string[]): readonly Place[] {
  const found = (list: "pin" | "ban", entries: readonly (Entry | undefined)[] | undefined): readonly Place[] =>
    (entries ?? []).flatMap((entry, position) =>
      entry === undefined ? [] : [{ list, path: [...path, list, position], entry, suites: suitesOf(entry) ?? suites }],
    );
  return [...found("pin", policy?.pin), ...found("ban", policy?.ban)];
}

function checkSuiteNames({ path, entry }: Place, { suites, refuse }: Around): void {
  const own = path[0] === "suites" ? String(path[1]) : undefined;
  const known = own === undefined ? [...suites.keys()] : [own];
  for (const name of suitesOf(entry) ?? []) {
    if (known.includes(name)) continue;
    const here = [...path, "suite"];
    const why =
      own === undefined
        ? `no suite is called ${quoted(name)}, ${suggestion(name, known)}`
        : `it stands in the policy of "${own}", it must be that suite`;
    refuse(here, `Cannot use ${pathText(here)}: ${why}`);
  }
}

function checkMirror({ path, entry, suites: names }: Place, { suites, mirrors, refuse, doubt }: Around): void {
  const { mirror: choice } = entry;
  if (choice?.mirror === undefined) return;
  const here = [...path, "mirror"];
  if (!mirrors.includes(choice.mirror)) {
    refuse(here, `Cannot use ${pathText(here)}: no mirror is called ${quoted(choice.mirror)}, ${suggestion(choice.mirror, mirrors)}`);
    return;
  }
  const froms = names.flatMap((name) => suites.get(name)?.from ?? []).filter((from) => from !== undefined);
  const own = froms.filter(({ mirror }) => mirror === choice.mirror);
  const where = names.length === 1 ? `suite "${names[0]}" takes` : "its suites take";
  if (choice.suite !== undefined && !own.some(({ suite }) => suite === choice.suite)) {
    const known = [
      ...new Set(froms.flatMap(({ mirror, suite }) => (mirror === undefined || suite === undefined ? [] : [`${mirror}/${suite}`]))),
    ];
    const asked = `${choice.mirror}/${choice.suite}`;
    refuse(here, `Cannot use ${pathText(here)}: ${where} nothing from ${quoted(asked)}, ${suggestion(asked, known)}`);
  } else if (own.length === 0 && froms.length > 0) {
    doubt(here, `${pathText(path)} does nothing: ${where} nothing from mirror "${choice.mirror}"`);
  }
}

function checkArchitecture({ path, entry, suites: names }: Place, { suites, refuse }: Around): void {
  const { architecture } = entry;
  if (architecture === undefined) return;
  const known = [...new Set(names.flatMap((name) => suites.get(name)?.architectures ?? []).filter((one) => one !== undefined))];
  if (known.length === 0 || known.includes(architecture)) return;
  const here = [...path, "architecture"];
  refuse(here, `Cannot use ${pathText(here)}: it is "${architecture}", it must be one of its suites: ${known.join(", ")}`);
}

/** What a rule speaks of, without what it says about it. */
function subjectOf({ package: own, source, architecture, version }: Entry): string {
  const constraint =
    version?.operator === undefined || version.version === undefined
      ? ""
      : formatVersionConstraint({ operator: version.operator, version: version.version });
  return [own === undefined ? `source ${source}` : `package ${own}`, architecture ?? "", constraint].join("|");
}

const mirrorOf = ({ mirror }: Entry): string => (mirror === undefined ? "" : `${mirror.mirror}/${mirror.suite ?? ""}`);

/** Rules beside each other of which the later one cannot do what it seems to, and pins of what is banned. Globs that overlap are in order. */
function doubtPairs(places: readonly Place[], doubt: Say): void {
  const seen = new Map<string, Place>();
  const bans = new Map<string, Place[]>();
  const sound = places.filter(({ entry }) => entry.package !== undefined || entry.source !== undefined);
  for (const place of sound) {
    const { list, path, entry } = place;
    const subject = subjectOf(entry);
    if (list === "ban" && entry.mirror === undefined) bans.set(subject, [...(bans.get(subject) ?? []), place]);
    // A suite's own rule may well differ from the shared one.
    const key = JSON.stringify([path.slice(0, -1), subject, list === "ban" ? mirrorOf(entry) : ""]);
    const known = seen.get(key);
    if (known === undefined) seen.set(key, place);
    else if (meet(known, place)) {
      const first = pathText(known.path);
      if (list === "ban" || mirrorOf(known.entry) === mirrorOf(entry)) doubt(path, `${pathText(path)} says what ${first} says already`);
      else
        doubt(
          path,
          `${pathText(path)} contradicts ${first}, which comes first: it counts only where "${known.entry.mirror?.mirror}" lacks the name`,
        );
    }
  }
  for (const { list, path, entry, suites } of sound) {
    if (list === "ban") continue;
    const ban = bans.get(subjectOf(entry))?.find((one) => suites.every((name) => one.suites.includes(name)));
    if (ban !== undefined) doubt(path, `${pathText(path)} does nothing: ${pathText(ban.path)} bans all that it speaks of`);
  }
}

const meet = (left: Place, right: Place): boolean => left.suites.some((name) => right.suites.includes(name));
