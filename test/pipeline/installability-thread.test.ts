/** What can be installed from a large index is found out in another thread; where there is no room for one, in this. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { World } from "../../lib/pipeline/world.ts";
import type { Aside } from "../../lib/ports.ts";
import { assertPublished } from "../support/refused.ts";
import { deb, newWorld, type RunResult, upstream } from "../support/world.ts";

const many = upstream().debs(Array.from({ length: 5000 }, (_, position) => deb(`p${position}`)));
const grown = many.deb({ ...deb("f", "1"), Depends: "gone" }).at("2026-10-01T12:00:00Z");

/** A world that counts what it is asked to do aside. */
function counting(run: (real: Aside) => Aside["run"]): { readonly change: (world: World) => World; readonly names: string[] } {
  const names: string[] = [];
  const change = (world: World): World => {
    const next = run(world.aside);
    const aside: Aside = {
      prepare: () => {},
      run(task, input, transfer) {
        names.push(task.name);
        return next(task, input, transfer);
      },
    };
    return { ...world, aside };
  };
  return { change, names };
}

const found = ({ exit, errors, report }: RunResult): unknown => [exit, errors, report?.suites[0]?.uninstallable];

test("guard: a large index is looked through in another thread, and here when there is no room for one", async (t) => {
  const world = await newWorld(t, { base: many });
  await assertPublished(world);
  await world.publish("base", grown);
  const aside = counting((real) => real.run);
  const full = counting(() => () => Promise.reject(new Error("EAGAIN")));
  const [first, second] = [await world.runIn(aside.change), await world.runIn(full.change)];
  assert.deepEqual([aside.names, full.names], [["uninstallablePacked"], ["uninstallablePacked"]]);
  assert.deepEqual([first.exit, first.errors, first.report?.suites[0]?.uninstallable.length], [9, ["PACKAGES_UNINSTALLABLE"], 1]);
  assert.deepEqual(found(second), found(first));
});

test("guard: relations without end are told also when they are met in another thread", async (t) => {
  const endless = Array.from({ length: 5000 }, (_, position) => ({
    ...deb(`p${position}`),
    Provides: "x (= 99999)",
    Depends: `x (>= ${position})`,
  }));
  const world = await newWorld(t, { base: upstream().debs(endless) });
  const aside = counting((real) => real.run);
  const { exit, warnings } = await world.runIn(aside.change);
  assert.deepEqual([exit, warnings, aside.names], [0, ["INDEX_TOO_LARGE"], ["uninstallablePacked"]]);
});
