/** Indices that nothing changed for stand: they are neither read nor made again, and all is said of them that was said when they were made. */
import assert from "node:assert/strict";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Archive } from "../support/archive.ts";
import { assertAsFromNothing, findings } from "../support/as-from-nothing.ts";
import { numbers } from "../support/numbers.ts";
import { assertPublished, assertRefused } from "../support/refused.ts";
import { deb, newWorld, type RunOptions, type RunResult, type TestWorld, upstream } from "../support/world.ts";

const AMD64 = "main/binary-amd64/Packages";
const ARM64 = "main/binary-arm64/Packages";
const SOURCES = "main/source/Sources";

/** What a mirror has, each part of which can change alone. */
interface Parts {
  readonly amd64: Readonly<Record<string, string>>;
  readonly arm64: Readonly<Record<string, string>>;
  readonly sources: Readonly<Record<string, string>>;
  /** Long descriptions. */
  readonly texts: number;
  /** Paths. */
  readonly contents: number;
}

const NAMES = ["app", "banned", "desktop", "editor", "fork", "lib", "tool"];

const FIRST: Parts = {
  amd64: Object.fromEntries(NAMES.map((name) => [name, "1"])),
  arm64: Object.fromEntries(NAMES.map((name) => [name, "1"])),
  sources: Object.fromEntries(NAMES.map((name) => [name, "1"])),
  texts: 1,
  contents: 1,
};

function archiveOf(parts: Parts, generation: number): Archive {
  const binaries = (architecture: string, versions: Readonly<Record<string, string>>) =>
    Object.entries(versions).map(([name, version]) => ({
      ...{ Package: name, Version: version, Architecture: architecture, Description: `${name} does it` },
      ...(name === "desktop" ? { Depends: "banned" } : {}),
      ...(name === "app" ? { Depends: "lib (>= 1)", Recommends: "banned" } : {}),
    }));
  const both = ["amd64", "arm64"].map((architecture) => `Contents-${architecture}`);
  const whole = upstream({ architectures: ["amd64", "arm64"] })
    .debs([...binaries("amd64", parts.amd64), ...binaries("arm64", parts.arm64)])
    .index("main/i18n/Translation-en", NAMES.map((name) => translation(name, parts.texts)).join("\n"))
    .at(new Date(Date.parse("2026-10-01T00:00:00Z") + generation * 1000));
  const sourced = Object.entries(parts.sources).reduce((all, [name, version]) => all.source({ Package: name, Version: version }), whole);
  const lines = NAMES.map((name) => `usr/bin/${name}${parts.contents}  misc/${name}\n`).join("");
  return both.reduce((all, file) => all.index(`main/${file}`, lines), sourced);
}

/** MD5 of `NAME does it` and a newline is what Packages say when they give none. */
const translation = (name: string, edition: number): string =>
  `Package: ${name}\nDescription-md5: ${DIGESTS.get(name)}\nDescription-en: ${name} does it\n in edition ${edition}\n`;

const { createHash } = await import("node:crypto");
const DIGESTS = new Map(NAMES.map((name) => [name, createHash("md5").update(`${name} does it\n`).digest("hex")]));

const OPTIONS = {
  suites: {
    merged: {
      architectures: ["amd64", "arm64", "source"],
      indices: ["packages", "sources", "translation", "contents"],
    },
  },
  config: {
    policy: {
      ban: [{ package: "banned", report: ["recommends"] }, { package: "no-such-package" }],
      pin: [
        { package: "lib", mirror: "base" },
        { package: "tool", mirror: "overlay", until: { package: "tool", version: "9" } },
      ],
    },
    publish: { compress: { gz: 1 }, pdiffs: { keep: 3 } },
  },
  overrides: {
    "10.yaml": [
      "- match: { package: editor }\n  set: { Section: editors }\n  reason: it is one\n",
      "- match: { package: none }\n  set: { Section: misc }\n  reason: nobody\n",
      "- match: { package: tool, architecture: arm64 }\n  set: { Priority: extra }\n  reason: there only\n",
    ].join(""),
  },
} as const;

const OVERLAY: Parts = { ...FIRST, amd64: { fork: "2", lib: "2" }, arm64: { fork: "2" }, sources: { fork: "2" }, texts: 5, contents: 5 };

const newTree = (t: TestContext): Promise<TestWorld> => newWorld(t, { overlay: archiveOf(OVERLAY, 0), base: archiveOf(FIRST, 0) }, OPTIONS);

const at = (generation: number): Date => new Date(Date.parse("2026-10-02T00:00:00Z") + generation * 60_000);

/** The run, and how many files it decompressed. */
async function counted(world: TestWorld, options: RunOptions): Promise<RunResult & { readonly read: number }> {
  let read = 0;
  const result = await world.runIn(
    (real) => ({
      ...real,
      compressor: {
        ...real.compressor,
        decompress(...given) {
          read++;
          return real.compressor.decompress(...given);
        },
        decompressing(...given) {
          read++;
          return real.compressor.decompressing(...given);
        },
      },
    }),
    options,
  );
  return { ...result, read };
}

const inodeOf = async (world: TestWorld, path: string): Promise<number> => (await stat(join(world.output, "dists/merged", path))).ino;

test("standing: what nothing changed for is not read, and its files are those of the last generation", async (t) => {
  // A pin with an end would have all indices looked through for it.
  const config = { ...OPTIONS.config, policy: { ban: OPTIONS.config.policy.ban } };
  const world = await newWorld(t, { overlay: archiveOf(OVERLAY, 0), base: archiveOf(FIRST, 0) }, { ...OPTIONS, config });
  await assertPublished(world, { now: at(0) });
  const before = await Promise.all(
    [AMD64, ARM64, SOURCES, "main/i18n/Translation-en", "main/Contents-arm64"].map((path) => inodeOf(world, `${path}.gz`)),
  );
  await world.publish("base", archiveOf({ ...FIRST, amd64: { ...FIRST.amd64, editor: "2" } }, 1));
  const { exit, read, report, problems } = await counted(world, { now: at(1) });
  assert.equal(exit, 0, JSON.stringify(problems));
  const after = await Promise.all(
    [AMD64, ARM64, SOURCES, "main/i18n/Translation-en", "main/Contents-arm64"].map((path) => inodeOf(world, `${path}.gz`)),
  );
  const [suite] = report?.suites ?? [];
  assert.deepEqual(
    suite?.indices.filter(({ rebuilt }) => rebuilt).map(({ path }) => path),
    [AMD64],
  );
  assert.deepEqual(
    after.map((inode, position) => inode === before[position]),
    [false, true, false, true, true],
  );
  assert.equal(read, 4, "Packages of two mirrors; and Sources, which a binary of another version asks for");
});

test("standing: what a policy has to know of other indices is kept, so they are not read for it", async (t) => {
  const policy = { sources: "strict", pin: [{ package: "tool", mirror: "overlay", until: { package: "tool", version: "9" } }] };
  const mirrors = { overlay: { privilege: "limited" } };
  const archives = { overlay: archiveOf(OVERLAY, 0), base: archiveOf(FIRST, 0) };
  const world = await newWorld(t, archives, { ...OPTIONS, mirrors, config: { ...OPTIONS.config, policy } });
  await assertAsFromNothing(world, await world.run({ now: at(0) }), at(0));
  await world.publish("base", archiveOf({ ...FIRST, contents: 2 }, 1));
  const contents = await counted(world, { now: at(1) });
  assert.equal(contents.read, 4, "Contents alone");
  await world.publish("base", archiveOf({ ...FIRST, contents: 2, arm64: { ...FIRST.arm64, tool: "9" } }, 2));
  const packages = await counted(world, { now: at(2) });
  assert.equal(packages.read, 8, "of one architecture twice for the survey and once to be made, and Sources");
  await assertAsFromNothing(world, packages, at(2));
  await world.publish("base", archiveOf({ ...FIRST, contents: 2, sources: { ...FIRST.sources, fork: "3" } }, 3));
  await assertAsFromNothing(world, await world.run({ now: at(3) }), at(3));
});

test("standing: after any change the tree is that of a merge from nothing, and the report says the same", {
  timeout: 300_000,
}, async (t) => {
  const number = numbers(11);
  const world = await newTree(t);
  const mirrors: Record<"overlay" | "base", Parts> = { overlay: OVERLAY, base: FIRST };
  await assertAsFromNothing(world, await world.run({ now: at(0) }), at(0));
  const rebuilt = new Set<string>();
  let stood = 0;
  for (let generation = 1; generation <= 25; generation++) {
    const mirror = number(3) === 0 ? "overlay" : "base";
    const parts = mirrors[mirror];
    const what = (["amd64", "arm64", "sources", "texts", "contents"] as const)[number(5)] ?? "amd64";
    const name = NAMES[number(NAMES.length)] ?? "app";
    const value = parts[what];
    const next = typeof value === "number" ? value + 1 : { ...value, [name]: String(1 + number(9)) };
    mirrors[mirror] = { ...parts, [what]: next };
    await world.publish(mirror, archiveOf(mirrors[mirror], generation));
    const result = await world.run({ now: at(generation) });
    if (result.report?.outcome === "unchanged") continue; // the same version again
    await assertAsFromNothing(world, result, at(generation));
    for (const index of result.report?.suites[0]?.indices ?? [])
      if (index.rebuilt) rebuilt.add(index.path);
      else stood++;
  }
  assert.equal(rebuilt.size, 6, [...rebuilt].join());
  assert.ok(stood > 60, `${stood} indices stood`);
});

test("standing: binaries that need another source make Sources anew, though no mirror's Sources changed", async (t) => {
  const base = { ...FIRST, sources: { ...FIRST.sources, lib: "1" } };
  const world = await newWorld(
    t,
    { overlay: archiveOf({ ...OVERLAY, amd64: {}, arm64: {}, sources: { lib: "2" } }, 0), base: archiveOf(base, 0) },
    { ...OPTIONS, config: { publish: { compress: { gz: 1 } } } },
  );
  await assertPublished(world, { now: at(0) });
  assert.ok((await world.packages("merged", "main/source")).includes("lib 1"), "kept for the binaries");
  const without = (versions: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(versions).filter(([name]) => name !== "lib"));
  await world.publish("base", archiveOf({ ...base, amd64: without(base.amd64), arm64: without(base.arm64) }, 1));
  await assertAsFromNothing(world, await world.run({ now: at(1), acceptUninstallable: true }), at(1));
  assert.ok(!(await world.packages("merged", "main/source")).includes("lib 1"), "no binary needs it any more");
});

for (const [what, damage] of [
  ["a published file was changed", async (world) => writeFile(join(world.output, `dists/merged/${ARM64}.gz`), "no gzip")],
  ["a published file went", async (world) => rm(join(world.output, `dists/merged/${SOURCES}.gz`))],
  ["what is known of the indices was lost", async (world) => rm(join(world.state, "cache/outcomes"), { recursive: true })],
  ["all of the cache was lost", async (world) => rm(join(world.state, "cache"), { recursive: true })],
  ["what is known of the indices is damaged", (world) => spoil(world, ".json")],
  ["what they need of Sources is damaged", (world) => spoil(world, ".needs")],
  ["who has won is damaged", (world) => spoil(world, ".winners")],
  ["a patch went", async (world) => rm(join(world.output, `dists/merged/${ARM64}.diff`), { recursive: true, force: true })],
] as const satisfies readonly (readonly [string, (world: TestWorld) => Promise<void>])[]) {
  test(`standing: the next change makes all right when ${what}`, async (t) => {
    const world = await newTree(t);
    await assertPublished(world, { now: at(0) });
    await world.publish("base", archiveOf({ ...FIRST, arm64: { ...FIRST.arm64, editor: "2" } }, 1));
    await assertPublished(world, { now: at(1) });
    await damage(world);
    await world.publish("base", archiveOf({ ...FIRST, arm64: { ...FIRST.arm64, editor: "2" }, amd64: { ...FIRST.amd64, editor: "2" } }, 2));
    await assertAsFromNothing(world, await world.run({ now: at(2) }), at(2));
  });
}

/** Flips a bit of each file with that ending. */
async function spoil(world: TestWorld, ending: string): Promise<void> {
  const folder = join(world.state, "cache/outcomes/merged");
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending));
  assert.ok(names.length > 0, "there is something to damage");
  for (const name of names) {
    const bytes = await readFile(join(folder, name));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(join(folder, name), bytes);
  }
}

test("standing: what a guard held is not taken for what is published", async (t) => {
  const world = await newTree(t);
  await assertPublished(world, { now: at(0) });
  const few = { ...FIRST, amd64: { app: "1", lib: "1" }, arm64: { app: "1", lib: "1" }, sources: { app: "1" } };
  await world.publish("base", archiveOf(few, 1));
  await assertRefused(world, "SUITE_SHRANK", 9, { now: at(1) });
  await world.publish("base", archiveOf({ ...few, contents: 2 }, 2));
  await assertRefused(world, "SUITE_SHRANK", 9, { now: at(2) });
  await assertAsFromNothing(world, await world.run({ now: at(3), acceptShrink: true }), at(3));
  assert.deepEqual(await world.packages(), ["app 1", "fork 2", "lib 1"]);
});

test("standing: other overrides and another policy make every index anew", async (t) => {
  const world = await newTree(t);
  await assertPublished(world, { now: at(0) });
  await writeFile(join(world.folder, "indices/10.yaml"), "- match: { package: tool }\n  set: { Section: tools }\n  reason: it is one\n");
  await assertAsFromNothing(world, await world.run({ now: at(1) }), at(1));
  assert.match(await world.index(), /^Section: tools$/m);
  await world.configure({ config: { ...OPTIONS.config, policy: { winner: "newest" } } });
  await assertAsFromNothing(world, await world.run({ now: at(2) }), at(2));
  assert.ok((await world.packages()).includes("banned 1"));
});

test("standing: a dry run says what a run would, and leaves what is known as it is", async (t) => {
  const world = await newTree(t);
  await assertPublished(world, { now: at(0) });
  await world.publish("base", archiveOf({ ...FIRST, amd64: { ...FIRST.amd64, editor: "2" } }, 1));
  const dry = await world.run({ now: at(1), dryRun: true });
  assert.equal(dry.report?.outcome, "would-publish");
  const result = await world.run({ now: at(1) });
  assert.deepEqual(findings(dry), findings(result));
  assert.deepEqual(dry.report?.suites[0]?.changes, result.report?.suites[0]?.changes);
  assert.deepEqual(
    result.report?.suites[0]?.changes.map(({ package: name, architecture, kind }) => [name, architecture, kind]),
    [["editor", "amd64", "upgraded"]],
  );
});

test("standing: an udeb or a component that comes later is written, and gaps are written empty", async (t) => {
  const one = upstream({ components: ["main", "contrib"] });
  const options = { suites: { merged: { components: ["main", "contrib"] } } };
  const world = await newWorld(t, { base: one.deb(deb("editor")).at(at(-60)) }, options);
  await assertPublished(world, { now: at(0) });
  await world.publish("base", one.deb(deb("editor")).deb(deb("game"), { component: "contrib" }).at(at(-59)));
  await assertAsFromNothing(world, await world.run({ now: at(1) }), at(1));
  assert.deepEqual(await world.packages("merged", "contrib/binary-amd64"), ["game 1.0"]);
});
