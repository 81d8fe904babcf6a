/** Every guard holds, says what it holds for, and can be lowered once: exit 9, an untouched tree, the changes in the report all the same. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import type { World } from "../../lib/pipeline/world.ts";
import { assertPublished } from "../support/refused.ts";
import { deb, newWorld, type RunOptions, type TestWorld, upstream, type WorldOptions } from "../support/world.ts";

const calm = upstream()
  .deb({ ...deb("app", "1"), Depends: "lib (>= 1)" })
  .deb(deb("lib", "1"))
  .deb(deb("a", "1"))
  .deb(deb("b", "1"))
  .deb(deb("c", "1"))
  .deb(deb("d", "1"))
  .deb(deb("e", "1"));
const later = "2026-10-01T12:00:00Z";

/** What a second run is held for, then lets pass. */
async function held(world: TestWorld, code: string, accept: RunOptions, wanted: RegExp): Promise<void> {
  const before = await world.tree({ inodes: true });
  const refused = await world.run();
  assert.deepEqual([refused.exit, refused.errors, refused.report?.suites[0]?.outcome], [9, [code], "held"]);
  assert.match(refused.problems.find((one) => one.code === code)?.message ?? "", wanted);
  assert.match(refused.problems.find((one) => one.code === code)?.hint ?? "", /keeps its last state$/);
  assert.deepEqual(await world.tree({ inodes: true }), before);
  const dry = await world.run({ dryRun: true });
  assert.deepEqual([dry.exit, dry.report?.outcome], [9, "failed"]);
  assert.deepEqual(dry.report?.suites[0]?.changes, refused.report?.suites[0]?.changes);
  const accepted = await world.run(accept);
  assert.deepEqual([accepted.exit, accepted.report?.outcome], [0, "published"]);
  assert.equal((await world.run()).report?.outcome, "unchanged");
}

const published = async (t: Parameters<typeof newWorld>[0], options: WorldOptions = {}): Promise<TestWorld> => {
  const world = await newWorld(t, { base: calm }, options);
  await assertPublished(world);
  return world;
};

test("guard: a suite that would lose much of itself", async (t) => {
  const world = await published(t);
  await world.publish("base", upstream().deb(deb("lib", "1")).deb(deb("a", "1")).at(later));
  await held(world, "SUITE_SHRANK", { acceptShrink: true }, /it would go from 7 stanzas to 2, which is 71.4% less, max-shrink is 20%$/);
});

test("guard: a ban that would take much of a suite, also when as much is added elsewhere", async (t) => {
  const world = await published(t);
  const more = ["n1", "n2", "n3", "n4", "n5"].reduce((plan, name) => plan.deb(deb(name, "1")), calm);
  await world.publish("base", more.at(later));
  await world.configure({ config: { policy: { ban: [{ package: "?" }] } } });
  await held(
    world,
    "SUITE_SHRANK",
    { acceptShrink: true },
    /its bans would take 5 of 7 published packages, which is 71.4%, max-shrink is 20%$/,
  );
});

test("guard: a first run with a ban that takes most is not held", async (t) => {
  const world = await newWorld(t, { base: calm }, { config: { policy: { ban: [{ package: "?" }] } } });
  await assertPublished(world);
  assert.deepEqual(await world.packages(), ["app 1", "lib 1"]);
});

for (const [what, release, wanted] of [
  ["Origin", { Origin: "Other" }, /would change Origin from "" to "Other", which apt refuses to follow by itself$/],
  ["Label", { Label: "Other" }, /Label from "" to "Other"/],
  ["Codename", { Codename: "other" }, /Codename from "merged" to "other"/],
  ["NotAutomatic", { NotAutomatic: "yes" }, /default pin goes from 500 to 1,/],
  ["ButAutomaticUpgrades", { NotAutomatic: "yes", ButAutomaticUpgrades: "yes" }, /default pin goes from 500 to 100,/],
] as const) {
  test(`guard: a change of ${what}`, async (t) => {
    const world = await published(t);
    await world.configure({ suites: { merged: { release } } });
    await held(world, "RELEASE_CHANGED", { acceptReleaseChange: true }, wanted);
  });
}

test("guard: Suite, Version and Description may change, as apt has it", async (t) => {
  const world = await published(t);
  await world.configure({ suites: { merged: { release: { Suite: "merged", Version: "9", Description: "new" } } } });
  await assertPublished(world, { now: "2026-10-03" });
});

test("guard: a package that can no longer be installed", async (t) => {
  const world = await published(t);
  await world.publish("base", calm.deb({ ...deb("app", "2"), Depends: "lib (>= 2)" }).at(later));
  // Both versions of app are offered; the older one could still be installed, were its name not counted by all its stanzas.
  await assertPublished(world, { now: "2026-10-03" });
  const broken = upstream()
    .deb({ ...deb("app", "3"), Depends: "lib (>= 2)" })
    .deb({ ...deb("a", "2"), Depends: "app" });
  const rest = ["lib", "b", "c", "d", "e"].reduce((plan, name) => plan.deb(deb(name, "1")), broken);
  await world.publish("base", rest.at("2026-10-01T18:00:00Z"));
  await held(
    world,
    "PACKAGES_UNINSTALLABLE",
    { acceptUninstallable: true },
    /2 packages could not be installed from it, which the last generation did not have: a for amd64 \(by app: Depends: lib \(>= 2\)\), app for amd64 \(Depends: lib \(>= 2\)\)$/,
  );
});

test("guard: what could not be installed before holds nothing", async (t) => {
  const broken = calm.deb({ ...deb("x", "1"), Depends: "gone" });
  const world = await newWorld(t, { base: broken });
  await assertPublished(world);
  await world.publish("base", broken.deb(deb("y", "1")).at(later));
  await assertPublished(world, { now: "2026-10-03" });
});

test("guard: a component that is renamed is compared with what it was", async (t) => {
  const world = await published(t, { config: { policy: { "max-shrink": "100%" } } });
  await world.publish("base", calm.deb({ ...deb("f", "1"), Depends: "gone" }).at(later));
  const from = [{ mirror: "base", suite: "stable", components: { main: "core" } }];
  await world.configure({ suites: { merged: { from, components: ["core"] } } });
  const { errors, report } = await world.run();
  assert.deepEqual(errors, ["PACKAGES_UNINSTALLABLE"]);
  assert.deepEqual(
    report?.suites[0]?.uninstallable.map(({ package: name }) => name),
    ["f"],
  );
});

test("guard: a limited mirror's own broken package is told and holds nothing", async (t) => {
  const vendor = upstream().deb(deb("own", "1"));
  const world = await newWorld(t, { vendor, base: calm }, { mirrors: { vendor: { privilege: "limited" } } });
  await assertPublished(world);
  await world.publish("vendor", vendor.deb({ ...deb("own2", "1"), Depends: "nothing" }).at(later));
  const { exit, report, warnings } = await world.run();
  assert.deepEqual([exit, report?.outcome, warnings], [0, "published", ["PACKAGES_UNINSTALLABLE"]]);
});

test("guard: relations without end are told, and stop no suite that bans nothing", async (t) => {
  const world = await published(t);
  const many = Array.from({ length: 3300 }, (_, position) => ({
    ...deb(`p${position}`),
    Provides: "x (= 99999)",
    Depends: `x (>= ${position})`,
  }));
  await world.publish("base", calm.debs(many).at(later));
  const { exit, warnings } = await world.run();
  assert.deepEqual([exit, warnings], [0, ["INDEX_TOO_LARGE"]]);
  await world.publish("base", calm.deb({ ...deb("f", "1"), Depends: "gone" }).at("2026-10-01T18:00:00Z"));
  assert.equal((await world.run({ acceptShrink: true })).exit, 0);
});

test("a stanza of 256 fields to which we add one is read again in the next run", async (t) => {
  const fields = Object.fromEntries(Array.from({ length: 240 }, (_, position) => [`X-${position}`, "a"]));
  const own = calm.deb({ ...deb("wide", "1"), ...fields });
  const overrides = {
    "a.yaml": `- match: { package: wide }\n  set: { ${Array.from({ length: 30 }, (_, position) => `Y-${position}: b`).join(", ")} }\n`,
  };
  const world = await newWorld(t, { base: own }, { overrides });
  await assertPublished(world);
  assert.ok(((await world.index()).split("\n\n").find((stanza) => stanza.startsWith("Package: wide")) ?? "").split("\n").length > 256);
  await world.publish("base", own.deb(deb("more", "1")).at(later));
  await assertPublished(world, { now: "2026-10-03" });
});

test("guard: an architecture that is new has nothing to be compared with", async (t) => {
  const both = upstream({ architectures: ["amd64", "arm64"] })
    .deb(deb("a", "1"))
    .deb({ ...deb("x", "1"), Architecture: "arm64", Depends: "gone" });
  const world = await newWorld(t, { base: both });
  await assertPublished(world);
  await world.configure({ suites: { merged: { architectures: ["amd64", "arm64"] } } });
  await assertPublished(world, { now: "2026-10-03" });
});

for (const [choice, codes] of [
  ["report", ["PACKAGES_UNINSTALLABLE"]],
  ["off", []],
] as const) {
  test(`guard: with uninstallable: ${choice} it is published, and ${choice === "off" ? "nothing is said" : "told as a warning"}`, async (t) => {
    const world = await published(t, { config: { policy: { uninstallable: choice } } });
    await world.publish("base", calm.deb({ ...deb("f", "1"), Depends: "gone" }).at(later));
    const { exit, warnings, report } = await world.run();
    assert.deepEqual([exit, report?.outcome, warnings], [0, "published", codes]);
    assert.equal(report?.suites[0]?.uninstallable.length, codes.length);
  });
}

/** Answers as dose-debcheck would: packages named `*-conflict` are broken. */
const judging = (world: World): World => ({
  ...world,
  debcheck: {
    uninstallable: async (packages) => {
      const names = packages.toString().match(/^Package: .*-conflict$/gm) ?? [];
      return { kind: "checked", broken: new Map(names.map((line) => [line.slice("Package: ".length), "conflict of x and y"])) };
    },
  },
});

test("guard: with debcheck, dose-debcheck's word counts too, also only for what is new", async (t) => {
  const config = { policy: { debcheck: true } };
  const world = await newWorld(t, { base: calm.deb(deb("old-conflict", "1")) }, { config });
  await assertPublished(world);
  await world.publish("base", calm.deb(deb("old-conflict", "1")).deb(deb("new-conflict", "1")).at(later));
  const { exit, errors, report } = await world.runIn(judging);
  assert.deepEqual([exit, errors], [9, ["PACKAGES_UNINSTALLABLE"]]);
  assert.deepEqual(
    report?.suites[0]?.uninstallable.map(({ package: name, relation }) => `${name}: ${relation}`),
    ["new-conflict: conflict of x and y"],
  );
});

for (const [what, outcome, wanted] of [
  [
    "is not installed",
    { kind: "missing" },
    /Cannot ask dose-debcheck about suite "merged": it is not installed, only the built-in check was done$/,
  ],
  ["fails", { kind: "failed", because: "it ended with 2: oops" }, /"merged": it ended with 2: oops, only the built-in check was done$/],
] as const) {
  test(`guard: a dose-debcheck that ${what} is told, and stops nothing`, async (t) => {
    const world = await newWorld(t, { base: calm }, { config: { policy: { debcheck: true } } });
    await assertPublished(world);
    await world.publish("base", calm.deb(deb("more", "1")).at(later));
    const { exit, problems } = await world.runIn((real) => ({ ...real, debcheck: { uninstallable: async () => outcome } }));
    assert.equal(exit, 0);
    assert.match(problems.find(({ code }) => code === "DEBCHECK_MISSING")?.message ?? "", wanted);
  });
}

test("guards: what several of them find is told in one run", async (t) => {
  const world = await published(t);
  await world.publish(
    "base",
    upstream()
      .deb({ ...deb("app", "1"), Depends: "lib (>= 1)" })
      .at(later),
  );
  await world.configure({ suites: { merged: { release: { Origin: "Other" } } } });
  const { exit, errors } = await world.run();
  assert.deepEqual([exit, errors], [9, ["SUITE_SHRANK", "RELEASE_CHANGED", "PACKAGES_UNINSTALLABLE"]]);
});

test("guards: a suite that is held does not hold the others", async (t) => {
  const suites = { merged: {}, other: {} };
  const world = await newWorld(t, { base: calm }, { suites });
  await assertPublished(world);
  await world.publish("base", calm.deb(deb("more", "1")).at(later));
  await world.configure({ suites: { merged: { release: { Origin: "Other" } }, other: {} } });
  const { exit, report } = await world.run();
  assert.deepEqual([exit, report?.outcome, report?.suites.map(({ outcome }) => outcome)], [9, "partial", ["held", "published"]]);
  assert.ok((await world.packages("other")).includes("more 1"));
  assert.ok(!(await world.packages("merged")).includes("more 1"));
});

test("guard: while a suite is held, the store keeps what its mirror has now and what is published, not each state between", async (t) => {
  const world = await published(t);
  const stored = async (): Promise<number> =>
    (await readdir(join(world.state, "store"), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length;
  const sizes: number[] = [];
  for (const number of [1, 2, 3]) {
    await world.publish("base", calm.deb({ ...deb("f", `${number}`), Depends: "gone" }).at(`2026-10-01T1${number}:00:00Z`));
    assert.deepEqual((await world.run()).errors, ["PACKAGES_UNINSTALLABLE"]);
    sizes.push(await stored());
  }
  assert.deepEqual(new Set(sizes).size, 1, sizes.join());
  // Nothing is fetched again for that.
  assert.equal((await world.run({ acceptUninstallable: true })).report?.suites[0]?.mirrors[0]?.files, 0);
});
