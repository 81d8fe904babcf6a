/** Real apt clients follow a rollback, and the way on after it, without a complaint; also where they follow by patches. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { isolatedApt } from "../support/apt.ts";
import { needs } from "../support/needs.ts";
import { startPrinted } from "../support/nginx.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { deb, newWorld, RECENTLY, type RunResult, upstream } from "../support/world.ts";

const at = (minute: number): Date => new Date(RECENTLY.getTime() - 50 * 60_000 + minute * 60_000);

/** So many packages that patches are smaller than the index. */
const state = (minute: number) =>
  upstream()
    .debs(Array.from({ length: 600 }, (_, position) => deb(`package-${position}`, position % 97 === minute ? `${minute}.0` : "0.1")))
    .deb(deb("newest", `${minute}.0`))
    .at(at(minute));

test("apt sees the older content after a rollback, and newer content after that, without a complaint", async (t) => {
  if (!needs(t, "apt-get", "nginx")) return;
  const world = await newWorld(t, { base: state(1) }, { suites: { merged: { "valid-for": "20d" } } });
  const sound = async (running: Promise<RunResult>): Promise<void> => assert.deepEqual((await running).errors, []);
  const mergeAt = async (minute: number): Promise<void> => {
    await world.publish("base", state(minute));
    await sound(world.run({ now: at(minute) }));
  };
  for (const minute of [1, 2, 3, 4]) await mergeAt(minute);
  const nginx = await startPrinted(t, world.cli);
  if (nginx === undefined) return;
  const apt = await isolatedApt(await temporaryFolder());
  const keyring = await apt.keyFile("merged.asc", await readFile(join(world.output, "key.asc")));
  await apt.sources(`deb [signed-by=${keyring}] ${nginx.url} merged main`);
  let asked: readonly string[] = [];
  const newest = async (): Promise<string | undefined> => {
    const before = (await nginx.accessLog()).length;
    const { rc, complaints, output } = await apt.update();
    assert.deepEqual([rc, complaints], [0, []], output);
    asked = (await nginx.accessLog()).slice(before).map((line) => /"GET (\S+) /.exec(line)?.[1] ?? line);
    return (await apt.policy("newest")).get("newest")?.candidate;
  };

  assert.equal(await newest(), "4.0");
  await sound(world.rollBack({ now: at(5), generation: 3 }));
  assert.equal(await newest(), "3.0");
  await sound(world.run({ now: at(6) }));
  assert.equal(await newest(), "3.0");
  assert.equal(asked.length, 1, "nothing but InRelease");
  await sound(world.run({ now: at(7), full: true }));
  assert.equal(await newest(), "4.0");
  await sound(world.rollBack({ now: at(8), generation: 2 }));
  await sound(world.rollBack({ now: at(9), generation: 3 }));
  assert.equal(await newest(), "3.0");
  // Two more steps, so that patches are made again: the second can be followed by one.
  for (const minute of [10, 11]) {
    await mergeAt(minute);
    assert.equal(await newest(), `${minute}.0`);
  }
  assert.ok(
    asked.some((path) => path.includes("/Packages.diff/")),
    asked.join("\n"),
  );
});
