/** What can be installed from a large index is found out in another thread; where there is no room for one, in this. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { hashedWith } from "../../lib/closure/text-numbers.ts";
import type { World } from "../../lib/pipeline/world.ts";
import type { Aside } from "../../lib/ports.ts";
import { numbers } from "../support/numbers.ts";
import { assertPublished } from "../support/refused.ts";
import { deb, newWorld, type RunResult, upstream } from "../support/world.ts";

const many = upstream().debs(Array.from({ length: 5000 }, (_, position) => deb(`p${position}`)));
const grown = many.deb({ ...deb("f", "1"), Depends: "gone" }).at("2026-10-01T12:00:00Z");

/** A world that counts what it has others do aside. */
function counting(open: (real: Aside) => Aside["open"]): { readonly change: (world: World) => World; readonly names: string[] } {
  const names: string[] = [];
  const change = (world: World): World => {
    const next = open(world.aside);
    const aside: Aside = {
      run: () => Promise.reject(new Error("nothing else is done aside")),
      open(task, opening) {
        names.push(task.name);
        return next(task, opening);
      },
    };
    return { ...world, aside };
  };
  return { change, names };
}

/** A thread that ends before it answers. */
const dying =
  (real: Aside): Aside["open"] =>
  async (task, opening) => {
    const work = await real.open(task, opening);
    return {
      ...work,
      answer(question, transfer) {
        work.end();
        return work.answer(question, transfer);
      },
    };
  };

const found = ({ exit, errors, report }: RunResult): unknown => [exit, errors, report?.suites[0]?.uninstallable];

test("guard: a large index is looked through in another thread, and here when there is no room for one", async (t) => {
  const world = await newWorld(t, { base: many });
  await assertPublished(world);
  await world.publish("base", grown);
  const aside = counting((real) => real.open);
  const full = counting(() => () => Promise.reject(new Error("EAGAIN")));
  const died = counting(dying);
  const [first, ...others] = [await world.runIn(aside.change), await world.runIn(full.change), await world.runIn(died.change)];
  assert.deepEqual([aside.names, full.names, died.names], [["openRelations"], ["openRelations"], ["openRelations"]]);
  assert.deepEqual([first.exit, first.errors, first.report?.suites[0]?.uninstallable.length], [9, ["PACKAGES_UNINSTALLABLE"], 1]);
  for (const other of others) assert.deepEqual(found(other), found(first));
});

test("guard: relations without end are told also when they are met in another thread", async (t) => {
  const endless = Array.from({ length: 5000 }, (_, position) => ({
    ...deb(`p${position}`),
    Provides: "x (= 99999)",
    Depends: `x (>= ${position})`,
  }));
  const world = await newWorld(t, { base: upstream().debs(endless) });
  const aside = counting((real) => real.open);
  const { exit, warnings } = await world.runIn(aside.change);
  assert.deepEqual([exit, warnings, aside.names], [0, ["INDEX_TOO_LARGE"], ["openRelations"]]);
});

test("guard: what a large index needs is read in the other thread while it comes, and judged as it is decided and overridden", async (t) => {
  const described = (name: string, more: object = {}) => ({ ...deb(name), Description: "d".repeat(600), ...more });
  const large = Array.from({ length: 5000 }, (_, position) => described(`p${position}`, { Depends: `p${(position * 7) % 5000}` }));
  const archives = { vendor: upstream().deb(deb("v", "1")), base: upstream().debs(large) };
  const world = await newWorld(t, archives, { overrides: { "a.yaml": "[]\n" } });
  await assertPublished(world);
  // The vendor's p3 takes the place of the one that others need in a version.
  const needing = large.map((one) => (one.Package === "p9" ? { ...one, Depends: "p3 (>= 1)" } : one));
  await world.publish("base", upstream().debs(needing).at("2026-10-01T12:00:00Z"));
  await world.publish("vendor", upstream().deb(deb("v", "1")).deb(deb("p3", "0")).at("2026-10-01T12:00:00Z"));
  await writeFile(join(world.folder, "indices/a.yaml"), "- match: { package: p4 }\n  set: { Depends: 'p5, nobody' }\n");
  let parts = 0;
  const aside = counting((real) => async (task, opening) => {
    const work = await real.open(task, opening);
    return {
      ...work,
      give(part, transfer) {
        parts++;
        work.give(part, transfer);
      },
    };
  });
  const full = counting(() => () => Promise.reject(new Error("EAGAIN")));
  const [first, second] = [await world.runIn(aside.change), await world.runIn(full.change)];
  assert.deepEqual(aside.names, ["openRelations"]);
  assert.ok(parts >= 3, `${parts} parts`);
  const broken = first.report?.suites[0]?.uninstallable.map(({ package: name, relation }) => `${name}: ${relation}`) ?? [];
  // And who needs them, over many others.
  assert.ok(broken.length > 100, `${broken.length} packages`);
  assert.deepEqual(
    broken.filter((line) => /^p[49]:/.test(line)),
    ["p4: Depends: nobody", "p9: Depends: p3 (>= 1)"],
  );
  assert.deepEqual(found(second), found(first));
});

/** Some 16,000 names of one hash: each has one of two parts of equal effect in each of 14 places. */
function collidingNames(): (number: number) => string {
  const letters = "abcdefghijklmnopqrstuvwxyz";
  const number = numbers(5);
  const parts: (readonly [string, string])[] = [];
  for (let state = 0; parts.length < 14; ) {
    const seen = new Map<number, string>();
    for (;;) {
      const part = Array.from({ length: 8 }, () => letters[number(letters.length)]).join("");
      const hash = [...Buffer.from(part)].reduce(hashedWith, state);
      const other = seen.get(hash);
      seen.set(hash, part);
      if (other === undefined || other === part) continue;
      parts.push([other, part]);
      state = hash;
      break;
    }
  }
  return (wanted) => parts.map((pair, place) => pair[(wanted >> place) & 1]).join("");
}

test("guard: stanzas that are not kept cannot switch it off, however hard their relations are to tell apart", async (t) => {
  const name = collidingNames();
  const described = Array.from({ length: 7000 }, (_, position) => ({ ...deb(`p${position}`, "2"), Description: "d".repeat(400) }));
  const losing = described.map((one, position) => ({ ...one, Version: "1", Provides: `${name(2 * position)}, ${name(2 * position + 1)}` }));
  const world = await newWorld(t, { base: upstream().debs(described), low: upstream().debs(losing) });
  await assertPublished(world);
  const broken = described.map((one) => (one.Package === "p9" ? { ...one, Depends: "gone" } : one));
  await world.publish("base", upstream().debs(broken).at("2026-10-01T12:00:00Z"));
  const { exit, errors, warnings } = await world.run();
  assert.deepEqual([exit, errors, warnings], [9, ["PACKAGES_UNINSTALLABLE"], []]);
});
