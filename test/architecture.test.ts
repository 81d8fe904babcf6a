/** The shape of the code, kept by reading its import statements: who may import whom, and where the world may be touched. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import test from "node:test";
import { CODES } from "../lib/errors.ts";

const ROOT = join(import.meta.dirname, "..");
const BASE = ["lib/archive", "lib/errors.ts", "lib/ports.ts", "lib/settings.ts"];
/** Formats of files, each by itself. */
const FORMATS = ["lib/deb822", "lib/contents", "lib/appstream", "lib/pdiff", "lib/lzma"];
const STEPS = ["fetch", "verify", "delta", "merge", "closure", "override", "compose", "release", "publish", "report"].map(
  (step) => `lib/${step}`,
);

/** Longest source file; a longer one has a second duty inside. */
const MOST_LINES = 400;

interface Import {
  readonly from: string;
  /** Path below the root, or the package's name. */
  readonly to: string;
  readonly statement: string;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

const text = (file: string): string => readFileSync(join(ROOT, file), "utf8");

function importsOf(file: string): readonly Import[] {
  const found = text(file).matchAll(
    /(?:^|\n)(?:import|export)\s[^;]*?from\s+"([^"]+)"|import\(\s*"([^"]+)"\s*\)|(?:^|\n)import\s+"([^"]+)"/g,
  );
  return [...found].map((match) => {
    const target = match[1] ?? match[2] ?? match[3] ?? "";
    return { from: file, to: target.startsWith(".") ? normalize(join(dirname(file), target)) : target, statement: match[0].trim() };
  });
}

const inside = (file: string, places: readonly string[]): boolean => places.some((place) => file === place || file.startsWith(`${place}/`));
const ours = (name: string): boolean => /^(lib|bin|config|test)\//.test(name);

/** Imports of our own files that lead out of what is allowed. */
function strays(folder: string, allowed: readonly string[]): readonly string[] {
  return filesBelow(folder)
    .flatMap(importsOf)
    .filter(({ to }) => ours(to) && !inside(to, allowed))
    .map(({ from, to }) => `${from} imports ${to}`);
}

test("architecture: this test sees every import that the code has", () => {
  for (const file of ["lib", "bin", "config", "test"].flatMap(filesBelow).filter((name) => name !== "test/architecture.test.ts")) {
    const seen = importsOf(file).filter(({ statement }) => !statement.startsWith("import("));
    assert.equal(seen.length, text(file).match(/^(?:import|export|\}).*\bfrom "|^import "/gm)?.length ?? 0, file);
  }
});

test("architecture: every file of lib has a place that a rule speaks of", () => {
  const places = [...BASE, ...STEPS, ...FORMATS, "lib/kinds", "lib/state", "lib/io", "lib/pipeline", "lib/pipeline.ts"];
  assert.deepEqual(
    filesBelow("lib").filter((file) => !inside(file, places)),
    [],
  );
});

test("architecture: errors, ports and settings import nothing above them", () => {
  const found = ["lib/errors.ts", "lib/ports.ts", "lib/settings.ts"].flatMap(importsOf).filter(({ to }) => !inside(to, BASE));
  assert.deepEqual(found, []);
});

test("architecture: nothing that ships imports a test", () => {
  const found = ["lib", "bin", "config"].flatMap(filesBelow).flatMap(importsOf);
  assert.deepEqual(
    found.filter(({ to }) => inside(to, ["test"])),
    [],
  );
});

for (const [what, folder, allowed] of [
  ["the vocabulary imports nothing above it", "lib/archive", BASE],
  ...FORMATS.map((format) => [`${format} imports the vocabulary only`, format, [...BASE, format]] as const),
  ["kinds import formats and what is below", "lib/kinds", [...BASE, ...FORMATS, "lib/kinds"]],
  ["state imports no step", "lib/state", [...BASE, ...FORMATS, "lib/kinds", "lib/state"]],
  ...STEPS.map((step) => [`no other step is imported by ${step}`, step, [...BASE, ...FORMATS, "lib/kinds", step]] as const),
  ["adapters implement ports and know no step", "lib/io", [...BASE, "lib/io"]],
  ["the config makes settings and knows no step and no adapter", "config", [...BASE, "config"]],
] as const) {
  test(`architecture: ${what}`, () => assert.deepEqual(strays(folder, allowed), []));
}

test("architecture: the pipeline gets the world handed in and imports no adapter", () => {
  const files = ["lib/pipeline.ts", ...filesBelow("lib/pipeline")];
  const found = files.flatMap(importsOf).filter(({ to }) => inside(to, ["lib/io", "bin", "config", "test"]));
  assert.deepEqual(found, []);
});

test("architecture: only lib/verify can vouch for bytes", () => {
  const files = ["lib", "bin", "config"].flatMap(filesBelow).filter((file) => !file.startsWith("lib/verify/"));
  const found = files
    .flatMap(importsOf)
    .filter(({ to, statement }) => to === "lib/archive/trusted.ts" && /\bvouch\b|\*|^import\(/.test(statement));
  assert.deepEqual(found, []);
});

/** Pure functions of Node's own modules; everything else of `node:` is the world. */
const PURE = new Set(["node:crypto", "node:zlib"]);

test("architecture: network, disk, processes, clock and terminal are touched in lib/io alone", () => {
  const found: string[] = [];
  for (const file of filesBelow("lib").filter((name) => !name.startsWith("lib/io/"))) {
    for (const { to } of importsOf(file)) if (to.startsWith("node:") && !PURE.has(to)) found.push(`${file} imports ${to}`);
    const code = text(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    // `performance.now()` measures how long a step took; it decides nothing.
    for (const match of code.matchAll(
      /\bprocess\.|\bconsole\.|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\bset(?:Timeout|Interval)\(|\bfetch\(/g,
    )) {
      found.push(`${file} uses ${match[0]}`);
    }
  }
  assert.deepEqual(found, []);
});

test("architecture: no order of output depends on a locale", () => {
  const found = ["lib", "bin", "config"].flatMap(filesBelow).filter((file) => /\.localeCompare\(|toLocale/.test(text(file)));
  assert.deepEqual(found, []);
});

test("architecture: every problem code is raised somewhere", () => {
  const code = ["lib", "bin", "config"]
    .flatMap(filesBelow)
    .filter((file) => file !== "lib/errors.ts")
    .map(text)
    .join("\n");
  assert.deepEqual(
    Object.keys(CODES).filter((name) => !code.includes(`"${name}"`)),
    [],
  );
});

test("architecture: every problem code has a test", () => {
  const tests = filesBelow("test")
    .filter((file) => file !== "test/architecture.test.ts")
    .map(text)
    .join("\n");
  assert.deepEqual(
    Object.keys(CODES).filter((name) => !new RegExp(`\\b${name}\\b`).test(tests)),
    [],
  );
});

test("architecture: no source file is so long that a second duty hides in it", () => {
  const long = ["lib", "bin", "config", "test"].flatMap(filesBelow).map((file) => [file, text(file).split("\n").length] as const);
  assert.deepEqual(
    long.filter(([, lines]) => lines > MOST_LINES),
    [],
  );
});

test("architecture: one file per command, named after it", () => {
  const main = text("bin/main.ts");
  for (const file of filesBelow("bin/commands")) {
    const name = file.replace(/^.*\/|\.ts$/g, "");
    assert.match(text(file), new RegExp(`new Command\\("${name}"\\)`), file);
    assert.ok(main.includes(`${name}Command(`), `bin/main.ts does not know ${name}`);
  }
});

test("architecture: a file's name tells its job, in small letters and dashes", () => {
  const files = ["lib", "bin", "config", "test"].flatMap(filesBelow).map((file) => file.replace(/^.*\//, ""));
  assert.deepEqual(
    files.filter((name) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.test|\.d)?\.ts$/.test(name)),
    [],
  );
  const says = /^(index|utils?|helpers?|managers?|common|misc|shared|types)\.|-(utils?|helpers?|managers?)\./;
  assert.deepEqual(
    files.filter((name) => says.test(name)),
    [],
  );
});
