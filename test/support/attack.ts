/** One attack on a mirror, struck twice: on a first run and on a published tree. Refused both times, and without a trace afterwards. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Archive } from "./archive.ts";
import type { Rule } from "./fault-server.ts";
import type { TestKey } from "./keys.ts";
import { assertPublished, assertRefused, errorOf } from "./refused.ts";
import { ARCHIVE_KEY, deb, newWorld, type TestWorld, upstream } from "./world.ts";

/** The mirror before the attack. */
export const CALM = upstream().deb(deb("hello", "1.0")).at("2026-10-01T00:00:00Z");
/** What it would serve next. */
export const LATER = upstream().deb(deb("hello", "2.0")).at("2026-10-01T12:00:00Z");

export interface Attack {
  /** What the mirror serves; by default its next state, sound. */
  readonly archive?: Archive;
  /** Made anew for each strike, because some count. */
  readonly rules?: () => readonly Rule[];
  /** Keys of the mirror's config during the attack. */
  readonly mirror?: object;
  /** Keys that the mirror's keyring holds beside the usual one. */
  readonly keyring?: readonly TestKey[];
  readonly code: string;
  readonly exit: number;
  /** Stand in the error's line. Mirror and suite must in any case. */
  readonly says: readonly RegExp[];
  /** Stands in what the operator is told to do. */
  readonly hint?: RegExp;
}

export async function assertFails(t: TestContext, attack: Attack): Promise<TestWorld> {
  const { archive = LATER, rules = () => [], mirror = {}, keyring = [], code, exit, says, hint = /./ } = attack;
  const world = await newWorld(t, { base: archive });
  const armored = [ARCHIVE_KEY, ...keyring].map((key) => key.publicArmored);
  await writeFile(join(world.folder, "keyrings/base.asc"), armored.join(""), { mode: 0o644 });
  const strike = async (): Promise<void> => {
    await world.configure({ mirrors: { base: mirror } });
    await world.publish("base", archive);
    world.mirror("base").rules = [...rules()];
    const stored = await storedFiles(world);
    const result = await assertRefused(world, code, exit);
    const error = errorOf(result);
    assert.deepEqual([error.mirror, error.suite], ["base", "stable"]);
    for (const pattern of [/base\/stable|suite "stable" of mirror "base"/, ...says]) assert.match(error.line, pattern);
    assert.match(error.hint, hint);
    // Nothing half, nothing unsigned: the store has grown by sound indices at most.
    const left = await storedFiles(world);
    if (/InRelease/.test(error.file ?? "")) assert.deepEqual(left, stored);
    for (const path of left)
      assert.equal(
        createHash("sha256")
          .update(await readFile(join(world.state, "store", path)))
          .digest("hex"),
        path.slice(-64),
      );
    world.mirror("base").rules = [];
    await world.configure({});
  };
  await strike();
  assert.deepEqual(await world.tree(), {});
  await world.publish("base", CALM);
  await assertPublished(world);
  await strike();
  await world.publish("base", LATER.at("2026-10-01T13:00:00Z"));
  await assertPublished(world);
  assert.deepEqual(await world.packages(), ["hello 2.0"]);
  return world;
}

/** Names of all that is stored. */
async function storedFiles(world: TestWorld): Promise<readonly string[]> {
  const found = await readdir(join(world.state, "store"), { recursive: true }).catch(() => []);
  return found.filter((path) => /[0-9a-f]{64}$/.test(path)).sort();
}
