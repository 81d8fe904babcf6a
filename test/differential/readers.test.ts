/** Our readers of indices, versions and dates beside those of apt and python-debian. Where they differ, ours refuses; the kinds are listed. */
import assert from "node:assert/strict";
import test from "node:test";
import { formatReleaseDate, parseReleaseDate } from "../../lib/archive/dates.ts";
import { compareVersions, isVersion } from "../../lib/archive/version.ts";
import { fieldText, scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { MergeError } from "../../lib/errors.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { numbers } from "../support/numbers.ts";
import { hostileIndex } from "./hostile-indices.ts";
import { decoded, hasModules, judges } from "./judges.ts";
import { rounds, SEED } from "./rounds.ts";

const FIELDS = ["package", "version", "architecture", "filename", "size", "sha256"] as const;

type Version = readonly (string | null)[];

interface Read {
  /** What an apt client sees of each version, or the error that ends it. */
  readonly apt: readonly Version[];
  readonly error: string | null;
  /** Values by stanza, as base64; what ends the reading is no list. */
  readonly debian: readonly (Version | { readonly error: string })[];
}

interface Taken {
  /** As a client sees them; the first of each version, as a merge has it. */
  readonly versions: readonly Version[];
  readonly refused: readonly string[];
  /** The file when all of it is sound, else its sound stanzas alone, as they are published. */
  readonly bytes: Buffer;
}

/** Undefined when the file is refused. */
function taken(bytes: Buffer): Taken | undefined {
  try {
    const table = scanStanzas(bytes, packages.fields, {});
    const versions = new Map<string, Version>();
    const refused: string[] = [];
    const sound: Buffer[] = [];
    for (let stanza = 0; stanza < table.count; stanza++) {
      const fault = table.faults.get(stanza) ?? packages.fault(table, stanza, false);
      const [name = "", ...rest] = FIELDS.map((field) => fieldText(table, stanza, packages.fields.indexOf(field)) ?? "");
      // dpkg takes names in small letters.
      const key = `${name.toLowerCase()} ${rest[0]} ${rest[1]}`;
      if (fault !== undefined || !["amd64", "all"].includes(rest[1] ?? "") || versions.has(key)) {
        refused.push(fault ?? "another architecture, or the same version again");
        continue;
      }
      versions.set(key, [name.toLowerCase(), ...rest]);
      sound.push(
        bytes.subarray(table.starts[stanza], table.ends[stanza]),
        Buffer.from(bytes[(table.ends[stanza] ?? 0) - 1] === 0x0a ? "\n" : "\n\n"),
      );
    }
    return { versions: [...versions.values()], refused, bytes: refused.length === 0 ? bytes : Buffer.concat(sound) };
  } catch (error) {
    if (error instanceof MergeError) return undefined;
    throw error;
  }
}

test("every stanza that we take of a hostile index is read alike by an apt client and by python-debian, and none stops them", async (t) => {
  if (!(await hasModules(t, "apt_pkg", "debian"))) return;
  const pick = numbers(SEED);
  const made = Array.from({ length: rounds(120) }, () => hostileIndex(pick));
  const cases = made.flatMap(({ name, bytes }) => {
    const ours = taken(bytes);
    return ours === undefined ? [] : [{ name, ...ours }];
  });
  const asks = cases.map(({ bytes }) => ({ file: bytes.toString("base64"), fields: FIELDS, debian: true }));
  const answers = await judges<Read>("stanzas", asks);
  const wrong: string[] = [];
  for (const [position, { name, bytes, versions, refused }] of cases.entries()) {
    const say = (found: string): void => {
      wrong.push(`${name}: ${found}; refused: ${refused.join(", ")} (FUZZ_SEED=${SEED}): ${bytes.toString("base64")}`);
    };
    const theirs = answers[position];
    if (theirs === undefined || theirs.error !== null) say(`apt says ${theirs?.error}`);
    const seen = new Set(theirs?.apt.map((version) => JSON.stringify(version)));
    for (const version of versions) if (!seen.has(JSON.stringify(version))) say(`apt does not see ${version.join(" ")}`);
    const read = new Set(theirs?.debian.map((stanza) => JSON.stringify(Array.isArray(stanza) ? small(stanza) : stanza)));
    for (const version of versions) if (!read.has(JSON.stringify(version))) say(`python-debian does not read ${version.join(" ")}`);
  }
  assert.deepEqual(wrong, []);
  const inPart = cases.filter(({ refused }) => refused.length > 0).length;
  t.diagnostic(`${cases.length - inPart} taken whole, ${inPart} in part, ${made.length - cases.length} refused`);
  assert.ok(inPart > 0 && inPart < cases.length && cases.length < made.length);
});

const small = (values: Version): Version =>
  values.map((value, position) => {
    const text = value === null ? "" : decoded(value).toString("latin1").trim();
    return position === 0 ? text.toLowerCase() : text;
  });

const VERSION_PIECES = [
  "0",
  "1",
  "9",
  "10",
  "00",
  "1.0",
  "a",
  "Z",
  "~",
  "~~",
  "+",
  ".",
  "-",
  "-0",
  "-1",
  ":",
  "1:",
  "0:",
  "rc1",
  "dfsg",
  "+b1",
].concat(["~bpo12+1", "12345678901234567890", "2147483647:", "_", " ", "\u00e9"]);

test("versions that we take are in the order in which apt has them", async (t) => {
  if (!(await hasModules(t, "apt_pkg"))) return;
  const pick = numbers(SEED);
  const one = (): string => Array.from({ length: 1 + pick(5) }, () => VERSION_PIECES[pick(VERSION_PIECES.length)]).join("");
  const near = (version: string): string => {
    const at = pick(version.length + 1);
    return version.slice(0, at) + (VERSION_PIECES[pick(VERSION_PIECES.length)] ?? "") + version.slice(at + pick(2));
  };
  const pairs: (readonly [string, string])[] = [];
  while (pairs.length < rounds(30_000)) {
    const left = one();
    const right = pick(2) === 0 ? one() : near(left);
    if (isVersion(left) && isVersion(right)) pairs.push([left, right]);
  }
  const [answers = []] = await judges<readonly number[]>("versions", [pairs]);
  const wrong = pairs.filter(([left, right], position) => compareVersions(left, right) !== Math.sign(answers[position] ?? Number.NaN));
  assert.deepEqual(wrong, [], `FUZZ_SEED=${SEED}`);
});

const DATE_PIECES: readonly (readonly string[])[] = [
  ["Tue, ", "Sun, ", "", "Tue ", "tue, ", "Tuesday, ", " "],
  ["10", "1", "01", "31", "30", "0", "32", " 5"],
  [" ", "  ", "-"],
  ["Feb", "Jan", "Dec", "feb", "February", "02", "Fub"],
  [" "],
  ["2026", "26", "1970", "2038", "2100", "9999", "1969", "+026"],
  [" ", "\t"],
  ["06:00:00", "23:59:59", "24:00:00", "23:59:60", "6:0:0", "6:00:00", "06:00", "06:60:00", "-6:00:00"],
  [" UTC", " GMT", " Z", " +0000", "", " +0100", " -0000", " utc", " CET", " UTC x", " EST"],
];

test("every Date that we read apt reads as the same instant", async (t) => {
  if (!(await hasModules(t, "apt_pkg"))) return;
  const pick = numbers(SEED);
  const made = Array.from({ length: rounds(20_000) }, () =>
    DATE_PIECES.map((choices) => (pick(2) === 0 ? choices[0] : choices[pick(choices.length)])).join(""),
  );
  const ours = made.map((text) => parseReleaseDate(text));
  const [answers = []] = await judges<readonly (number | null)[]>("times", [made]);
  const wrong = made.flatMap((text, position) => {
    const [own, theirs] = [ours[position], answers[position]];
    // Without a day of the week apt takes no date: it passes over such a Date with a warning, and refuses such a Valid-Until, as we do.
    if (theirs === null && /^ *[0-9]/.test(text)) return [];
    return own === undefined || own.getTime() / 1000 === theirs ? [] : [`${text}: ours ${formatReleaseDate(own)}, apt ${theirs}`];
  });
  assert.deepEqual([...new Set(wrong)], [], `FUZZ_SEED=${SEED}`);
  assert.ok(ours.filter((date) => date !== undefined).length > made.length / 100);
});
