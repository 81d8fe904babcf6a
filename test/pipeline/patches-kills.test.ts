/** Whatever dies and whatever breaks in the cache: a patch that is published is right, says apt. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { Archive } from "../support/archive.ts";
import { numbers } from "../support/numbers.ts";
import { needsRred, provePatches } from "../support/patches-by-apt.ts";
import { deb, newWorld, RECENTLY, type TestWorld, upstream } from "../support/world.ts";

const PATHS = ["main/binary-amd64/Packages", "main/Contents-amd64"];
const PROGRAM = join(import.meta.dirname, "../../bin/aptmerge");
const GENERATIONS = 8;
const PACKAGES = 500;
const PUSH_MS = 60_000;

const nameOf = (position: number): string => `package-${String(position).padStart(4, "0")}`;

const archiveOf = (versions: ReadonlyMap<string, number>, generation: number): Archive =>
  upstream()
    .debs([...versions].map(([name, version]) => deb(name, String(version))))
    .index(
      "main/Contents-amd64",
      [...versions]
        .map(([name, version]) => `usr/bin/${name}-${version} utils/${name}\n`)
        .sort()
        .join(""),
    )
    .at(new Date(RECENTLY.getTime() + (generation - GENERATIONS) * PUSH_MS));

/** Ends a merge wherever it is. */
async function killedMerge(world: TestWorld, afterMs: number): Promise<void> {
  const child = spawn(PROGRAM, ["--config", world.configFile, "merge"], { stdio: "ignore", timeout: 60_000 });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  await Promise.race([ended, wait(afterMs)]);
  child.kill("SIGKILL");
  await ended;
}

/** Flips a bit of some files of the cache, cuts others off. */
async function damageCache(world: TestWorld, pick: (below: number) => number): Promise<void> {
  for (const entry of await readdir(join(world.state, "cache"), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || pick(3) > 0) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const at = pick(Math.max(1, bytes.length));
    if (pick(2) === 0) await truncate(path, at);
    else {
      if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ 1;
      await writeFile(path, bytes);
    }
  }
}

test("patches: runs that are killed, and a cache that is damaged, leave no wrong patch", async (t) => {
  if (!needsRred(t)) return;
  const pick = numbers(7);
  const versions = new Map(Array.from({ length: PACKAGES }, (_, position) => [nameOf(position), 1]));
  const policy = { uninstallable: "off", "max-shrink": "100%" };
  const world = await newWorld(t, { base: archiveOf(versions, 0) }, { suites: { merged: { policy } } });
  const states = new Map<string, Buffer[]>(PATHS.map((path) => [path, []]));
  let proven = 0;
  for (let generation = 1; generation <= GENERATIONS; generation++) {
    for (let change = pick(20); change >= 0; change--) {
      const name = nameOf(pick(PACKAGES));
      if (pick(5) === 0) versions.delete(name);
      else versions.set(name, (versions.get(name) ?? 0) + 1);
    }
    await world.publish("base", archiveOf(versions, generation));
    await killedMerge(world, 150 + pick(600));
    if (generation % 4 === 0) await damageCache(world, pick);
    const { status, stderr } = await world.cli(["merge"]);
    assert.equal(status, 0, stderr);
    for (const [path, known] of states) {
      known.push(Buffer.from(await world.text(path), "latin1"));
      if (existsSync(join(world.output, "dists/merged", `${path}.diff/Index`))) proven += await provePatches(world, known, path);
    }
  }
  assert.ok(proven >= GENERATIONS, `only ${proven} patches were published`);
});
