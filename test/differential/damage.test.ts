/** Whatever a mirror or an operator's editor makes of a file, the answer is a value or a problem of the closed table, soon: never a bug (exit 70). */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { loadSettings } from "../../config/load.ts";
import { readOverrideRules } from "../../config/override-rules.ts";
import { parseComponentName, parseSuiteName } from "../../lib/archive/names.ts";
import { scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { CODES, MergeError, MergeErrors, type Problem } from "../../lib/errors.ts";
import type { IndexKind } from "../../lib/kinds/index-kind.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { sources } from "../../lib/kinds/sources.ts";
import { mergeProblems } from "../../lib/merge/problems.ts";
import { readOverrides } from "../../lib/override/override-files.ts";
import { AMD64, deb, input, mergeIndex, source } from "../merge/inputs.ts";
import { clearsign, newKey } from "../support/keys.ts";
import { type Mutant, mutate } from "../support/mutate.ts";
import { numbers } from "../support/numbers.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { ask, NOW, releaseText, SIGNED_AT, writeKeyring } from "../verify/world.ts";
import { rounds, SEED } from "./rounds.ts";

/** One file may cost so much time of a processor; a sound one costs a few milliseconds. */
const LIMIT_MS = 2_000;

const spentMs = (): number => process.cpuUsage().user / 1000;

type Pick = (below: number) => number;

/** What came of one file: codes of problems, or nothing to say. */
type Outcome = readonly string[];

const known = (error: unknown): Outcome => {
  if (error instanceof MergeErrors && error.errors.length > 0) return error.errors.map(({ code }) => code);
  if (error instanceof MergeError) return [error.code];
  throw error;
};

/** Tries damaged files, one after the other, and proves that some are good and some are not. */
async function tryAll(
  count: number,
  make: (pick: Pick) => Mutant | Promise<Mutant>,
  use: (bytes: Buffer) => Outcome | Promise<Outcome>,
): Promise<ReadonlyMap<string, number>> {
  const pick = numbers(SEED);
  const counts = new Map<string, number>();
  for (let number = 0; number < count; number++) {
    const { name, bytes } = await make(pick);
    const told = (): string => `file ${number}, FUZZ_SEED=${SEED}, ${name}: ${bytes.toString("base64")}`;
    const start = spentMs();
    let codes: Outcome;
    try {
      codes = await Promise.resolve(use(bytes)).catch(known);
    } catch (error) {
      try {
        codes = known(error);
      } catch (bug) {
        throw new Error(`${bug instanceof Error ? bug.stack : String(bug)}\n${told()}`, { cause: bug });
      }
    }
    assert.ok(spentMs() - start < LIMIT_MS, `takes longer than ${LIMIT_MS} ms: ${told()}`);
    for (const code of codes) assert.ok(Object.hasOwn(CODES, code) && code !== "BUG", `${code}: ${told()}`);
    for (const code of codes.length === 0 ? ["good"] : new Set(codes)) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  assert.ok(counts.size > 1 && (counts.get("good") ?? 0) > 0, JSON.stringify([...counts]));
  return counts;
}

const tell = (counts: ReadonlyMap<string, number>): string => [...counts].map(([code, count]) => `${code} ${count}`).join(", ");

const ODD_DATES = ["Thu, 01 Jan 1970 00:00:00 UTC", "Tue, 31 Feb 2026 06:00:00 UTC", "99999999999", "Tue, 10 Feb 2026 06:00:00 +0100", ""];
const RELEASE_LINES = [
  ...ODD_DATES.flatMap((date) => [`Date: ${date}`, `Valid-Until: ${date}`]),
  "SHA256:",
  "MD5Sum:",
  "SHA512: x",
  ` ${"b".repeat(64)} 10 main/binary-amd64/Packages`,
  ` ${"b".repeat(64)} 99999999999999999999 main/binary-amd64/Packages`,
  ` ${"b".repeat(64)} -1 main/binary-amd64/Packages`,
  ` ${"b".repeat(64)} 10 ../../etc/passwd`,
  ` ${"b".repeat(64)} 10`,
  " b 10 main/x",
  "Suite: unstable",
  "constructor: x",
  "__proto__: x",
  " continued",
  "",
  " ",
  "no colon",
];

test("a Release that is damaged before it was signed is read or refused by a code", async (t) => {
  const key = await newKey();
  const keyring = await writeKeyring(key);
  const make = async (pick: Pick): Promise<Mutant> => {
    const { name, bytes } = mutate(Buffer.from(releaseText()), pick, RELEASE_LINES);
    // The signer of clear text knows lines that end in LF.
    return { name, bytes: await clearsign(bytes, [key], SIGNED_AT) };
  };
  const use = async (bytes: Buffer): Promise<Outcome> => {
    const { code } = await ask(bytes, keyring, { now: NOW });
    return code === "trusted" ? [] : [code];
  };
  t.diagnostic(tell(await tryAll(rounds(400), make, use)));
});

test("an InRelease that is damaged after it was signed is believed or refused by a code", async (t) => {
  const key = await newKey();
  const keyring = await writeKeyring(key);
  const signed = await clearsign(releaseText(), [key], SIGNED_AT);
  const lines = [
    "-----BEGIN PGP SIGNATURE-----",
    "-----END PGP SIGNATURE-----",
    "Hash: SHA1",
    "- -",
    "",
    "=AAAA",
    "Comment: x",
    ...RELEASE_LINES,
  ];
  const use = async (bytes: Buffer): Promise<Outcome> => {
    const { code } = await ask(bytes, keyring, { now: NOW });
    return code === "trusted" ? [] : [code];
  };
  t.diagnostic(tell(await tryAll(rounds(400), (pick) => mutate(signed, pick, lines), use)));
});

const STANZA_LINES = [
  "Package: evil",
  "Version: 99999999999999999999:1",
  "Version: ~",
  "Architecture: all",
  "Filename: ../evil",
  "Directory: /",
  "Size: 99999999999999999999",
  "Depends: b (",
  "Provides:",
  "Package-List:",
  "Extra-Source-Only: yes",
  "Source: x (1)",
  "Checksums-Sha256:",
  " x y z",
  "constructor: x",
  "",
  " ",
  "\t.",
  "no colon",
];

/** A merge of a damaged index over a sound one. */
function merged(kind: IndexKind, bytes: Buffer, lower: readonly Buffer[]): Outcome {
  const table = scanStanzas(bytes, kind.fields, { mirror: "top", suite: "stable", file: kind.fileName });
  const index = mergeIndex(kind, AMD64, [{ ...input("top", 0, [], { kind }), table }, input("low", 1, lower, { kind })], "priority");
  return mergeProblems(kind, AMD64, index, "merged").map(({ code }: Problem) => code);
}

for (const [kind, make] of [
  [packages, deb],
  [sources, source],
] as const) {
  test(`a damaged ${kind.fileName} is merged, in part or not at all, and a problem says so`, async (t) => {
    const stanzas = [make("a", "1.0", { Depends: "b (>= 1), c | d", "X-Note": "one\n two" }), make("b", "2:1~rc1-3"), make("c", "1")];
    const whole = Buffer.concat(stanzas.flatMap((stanza) => [stanza, Buffer.from("\n")]));
    const use = (bytes: Buffer): Outcome => merged(kind, bytes, stanzas);
    t.diagnostic(tell(await tryAll(rounds(300), (pick) => mutate(whole, pick, STANZA_LINES), use)));
  });
}

const CONFIG = `state: state
output: tree
sign: []
mirrors:
  debian: { url: http://c.example/debian, signed-by: debian.gpg, timeout: 30s, check-valid-until: true }
  vendor:
    url: [http://v.example/apt, /srv/vendor]
    signed-by: { keyring: vendor.gpg, fingerprints: [0123456789ABCDEF0123456789ABCDEF01234567] }
    pool: VENDOR
suites:
  daedalus:
    from:
      - debian/bookworm
      - { mirror: vendor, suite: ./, component: main }
    components: [main, contrib]
    architectures: [amd64, source]
    release: { Origin: Example, Version: "5.0" }
    valid-for: 7d
policy:
  pin:
    - { package: "linux-*", mirror: debian }
  ban:
    - { package: systemd-sysv, dependents: drop, reason: "\${WHY:-not carried}" }
  max-shrink: 20%
publish: { compress: { gz: 9 }, digests: [SHA256], by-hash: { keep: 3d } }
`;
const YAML_LINES = [
  "suites: []",
  "mirrors: null",
  "state: [x]",
  "? [a, b]",
  "- &a x",
  "*a",
  "<<: *a",
  "!!binary x",
  "!x y",
  "%YAML 9",
  "---",
  "...",
  "constructor: x",
  "__proto__: { x: 1 }",
  '"',
  "'",
  "{",
  "]",
  "|",
  "  - .inf",
  "  x: 0x10",
  "policy: { winner: x }",
  "\t- tab",
  "  valid-for: 99999999999d",
  "output: ${",
];

test("a damaged config is settings or problems that the table knows", async (t) => {
  const folder = await temporaryFolder();
  const path = join(folder, "aptmerge.yaml");
  const use = async (bytes: Buffer): Promise<Outcome> => {
    await writeFile(path, bytes);
    return (await loadSettings(path, {})).warnings.map(({ code }) => code);
  };
  t.diagnostic(tell(await tryAll(rounds(250), (pick) => mutate(Buffer.from(CONFIG), pick, YAML_LINES), use)));
});

const RULES = `- match: { package: "gnome-*", suite: daedalus, mirror: debian, architecture: amd64, version: "<< 44" }
  set: { Priority: optional }
  remove: [Task]
  drop-relations: { Recommends: [systemd], Suggests: ["systemd*"] }
  reason: no systemd here
- match: { package: [a, b], type: source }
  set: { Section: net }
`;

test("a damaged YAML file of overrides is rules or OVERRIDE_MALFORMED", async (t) => {
  const use = (bytes: Buffer): Outcome => readOverrideRules(bytes.toString("utf8"), "rules.yaml").errors.map(({ code }) => code);
  t.diagnostic(tell(await tryAll(rounds(200), (pick) => mutate(Buffer.from(RULES), pick, YAML_LINES), use)));
});

test("damaged override files of Debian's formats are rules or OVERRIDE_MALFORMED", async (t) => {
  const suite = parseSuiteName("daedalus");
  const components = [parseComponentName("main")];
  const texts = new Map([
    ["override.daedalus.main", "a optional net\nb required admin\n# note\nlibc6 important libs\n"],
    ["override.daedalus.main.src", "a net\nb admin\n"],
    ["override.daedalus.extra.main", "a Task server\nb Build-Essential yes\n"],
  ]);
  let name = "";
  const make = (pick: Pick): Mutant => {
    const [file, text] = [...texts][pick(texts.size)] ?? ["", ""];
    name = file;
    return mutate(Buffer.from(text), pick, [
      "a",
      "a b c d e f",
      "a Package evil",
      "a X: y",
      "# x",
      "",
      "a optional",
      "constructor optional net",
    ]);
  };
  const use = (bytes: Buffer): Outcome => readOverrides(suite, components, [{ name, bytes }]).errors.map(({ code }) => code);
  t.diagnostic(tell(await tryAll(rounds(150), make, use)));
});
