import assert from "node:assert/strict";
import { test } from "node:test";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const PATH = "main/Contents-amd64";
const two = () => upstream().deb(deb("editor")).deb(deb("pager"));

async function published(world: TestWorld): Promise<readonly string[]> {
  const release = await world.read("dists/merged/Release");
  return [...release.matchAll(/ (\S*Contents\S*)$/gm)].map(([, path = ""]) => path).filter((path) => !path.includes("gz"));
}

test("contents: older archives have one for all components at the top: each component takes its own", async (t) => {
  const both = { components: ["main", "universe"] };
  const base = upstream(both)
    .deb(deb("editor"))
    .deb(deb("game"), { component: "universe" })
    .index(
      "Contents-amd64",
      "usr/bin/editor  editors/editor\nusr/games/game  universe/games/game\nusr/lib/x  libs/x,universe/games/game\n",
    );
  const world = await newWorld(t, { base }, { suites: { merged: both } });
  assert.equal((await world.run()).exit, 0);
  assert.equal(await world.text(PATH), "usr/bin/editor  editors/editor\n");
  assert.equal(await world.text("universe/Contents-amd64"), "usr/games/game  universe/games/game\nusr/lib/x  universe/games/game\n");
});

test("contents: a file that is not in order is sorted, also when that shows late", async (t) => {
  const names = Array.from({ length: 60_000 }, (_, i) => `usr/share/${"x".repeat(80)}/${String(i).padStart(6, "0")}  editors/editor\n`);
  const late = [...names, "bin/late  utils/pager\n"].join("");
  const world = await newWorld(t, {
    base: two().index(PATH, late),
    other: upstream().deb(deb("more")).index(PATH, "bin/more  utils/more\n"),
  });
  const { exit, problems } = await world.run();
  assert.deepEqual([exit, problems], [0, []]);
  assert.equal(await world.text(PATH), ["bin/late  utils/pager\n", "bin/more  utils/more\n", ...names].join(""));
});

test("contents: lines that cannot be read are told, the others are merged", async (t) => {
  const world = await newWorld(t, { base: two().index(PATH, "usr/bin/editor  editors/editor\nnonsense\nusr/bin/pager  utils/pager\n") });
  const { exit, problems } = await world.run();
  assert.equal(exit, 0);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ["ENTRIES_UNREADABLE"],
  );
  assert.match(problems[0]?.message ?? "", /^Left 1 line of main\/Contents-amd64 of base\/stable out: of line 2, the first, /);
  assert.equal(await world.text(PATH), "usr/bin/editor  editors/editor\nusr/bin/pager  utils/pager\n");
});

test("contents: one that a mirror lists and does not have goes, those of other architectures stay", async (t) => {
  const architectures = ["amd64", "arm64"];
  const base = upstream({ architectures })
    .deb(deb("editor"))
    .index(PATH, "usr/bin/editor  editors/editor\n")
    .index("main/Contents-arm64", "usr/bin/x  editors/x\n")
    .tamper(`dists/stable/${PATH}.xz`, () => undefined);
  const world = await newWorld(t, { base }, { suites: { merged: { architectures } } });
  const { exit, warnings } = await world.run();
  assert.deepEqual([exit, warnings], [0, ["INDEX_ABSENT"]]);
  assert.deepEqual(await published(world), ["main/Contents-arm64"]);
});

test("contents: with other bytes than its Release lists nothing of it is published, though its blocks were made before that showed", async (t) => {
  const lie = (release: string): string => {
    const line = release.split("\n").find((one) => one.endsWith(` ${PATH}`)) ?? "";
    return release.replace(line, line.replace(/^ [0-9a-f]{4}/, " 0000"));
  };
  const world = await newWorld(t, { base: two().index(PATH, "usr/bin/editor  editors/editor\n").editRelease(lie) });
  const { exit, warnings } = await world.run();
  assert.deepEqual([exit, warnings], [0, ["INDEX_MISMATCH"]]);
  assert.deepEqual(await published(world), []);
  const leftovers = Object.keys(await world.tree()).filter((path) => path.includes("Contents"));
  assert.deepEqual(leftovers, [], "a part of a file is left");
  const again = await world.run({ now: "2026-10-03" });
  assert.equal(again.report?.outcome, "unchanged", "the same signed bytes are no better in the next run");
});

test("contents: `all` is an architecture of the suite when there is a Contents-all, and only then", async (t) => {
  const architecturesOf = async (world: TestWorld): Promise<string | undefined> =>
    /^Architectures: (.*)$/m.exec(await world.read("dists/merged/Release"))?.[1];
  const world = await newWorld(t, { base: two().index(PATH, "usr/bin/editor  editors/editor\n") });
  await world.run();
  assert.equal(await architecturesOf(world), "amd64");
  await world.publish("base", two().index("main/Contents-all", "usr/share/editor  editors/editor\n").at("2026-10-02"));
  await world.run({ now: "2026-10-03" });
  assert.equal(await architecturesOf(world), "amd64 all");
});

test("contents: gzip alone, unless the config has no gzip", async (t) => {
  for (const [compress, ending] of [
    [{ gz: 1, xz: 0 }, "gz"],
    [{ xz: 0 }, "xz"],
  ] as const) {
    const world = await newWorld(t, { base: two().index(PATH, "usr/bin/editor  editors/editor\n") }, { config: { publish: { compress } } });
    assert.equal((await world.run()).exit, 0);
    const release = await world.read("dists/merged/Release");
    assert.deepEqual(
      [...release.matchAll(/Contents-amd64\.(\w+)$/gm)].map(([, form]) => form),
      [ending],
    );
  }
});

test("contents: a section that a stanza inherits and that no list of locations can hold leaves the locations as they came", async (t) => {
  for (const section of ["net,games", "net games", "net\n games"]) {
    const world = await newWorld(
      t,
      {
        top: upstream().deb(deb("editor", "2")).index(PATH, "usr/bin/editor  editors/editor\n"),
        base: upstream().deb({ ...deb("editor", "1"), Section: section }),
      },
      { overrides: { "a.yaml": "- match: { package: editor }\n  remove: [Section]\n  inherit: [Section]\n" } },
    );
    const { exit, errors } = await world.run();
    assert.deepEqual([exit, errors, await world.text(PATH)], [0, [], "usr/bin/editor  editors/editor\n"], section);
    assert.match(await world.index(), /^Section: net/m);
  }
});
