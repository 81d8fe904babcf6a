/**
 * Real apt clients update in a loop while generations are switched under them. One that fetches by-hash sees no error; one that is told not to may
 * have taken InRelease before a switch and asks for an index after it: then apt says so, keeps what it had, whole, and the next update is good.
 *
 * `npm run test:readers` makes 200 switches of it; READERS_SWITCHES says how many.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type IsolatedApt, isolatedApt } from "../support/apt.ts";
import type { Archive } from "../support/archive.ts";
import { needs } from "../support/needs.ts";
import { startPrinted } from "../support/nginx.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { deb, newWorld, upstream } from "../support/world.ts";

const SWITCHES = Number(process.env["READERS_SWITCHES"] ?? "12");
const PACKAGES = 300;
const COMPONENTS = ["main", "contrib"];
/** Dates go up by a second with each switch: from long enough ago, so that none lies in the future. */
const START = Math.floor(Date.now() / 1000) * 1000 - (SWITCHES + 60) * 1000;
const at = (number: number): Date => new Date(START + number * 1000);

/** Every stanza of both components carries the number. */
const state = (number: number): Archive =>
  COMPONENTS.reduce(
    (made, component) =>
      made.debs(
        Array.from({ length: PACKAGES }, (_, position) => deb(`${component}-${position}`, `${number}`)),
        { component },
      ),
    upstream({ components: COMPONENTS }),
  ).at(at(number));

interface Reader {
  readonly name: string;
  readonly apt: IsolatedApt;
  updates: number;
  readonly seen: Set<number>;
  readonly failures: string[];
}

/** The one number that both indices of the client have. */
async function numberOf(apt: IsolatedApt): Promise<number> {
  const versions = new Set<string>();
  let stanzas = 0;
  for (const name of await apt.listFiles()) {
    if (!name.endsWith("_Packages")) continue;
    for (const [, version = ""] of (await readFile(join(apt.root, "state/lists", name), "latin1")).matchAll(/^Version: (.*)$/gm)) {
      versions.add(version);
      stanzas++;
    }
  }
  assert.deepEqual([versions.size, stanzas], [1, PACKAGES * COMPONENTS.length], `mixed: ${[...versions].join()}`);
  return Number([...versions][0]);
}

test(`U01 U02: apt sees whole generations, and by-hash no error, during ${SWITCHES} switches`, async (t) => {
  if (!needs(t, "apt-get", "nginx")) return;
  const world = await newWorld(t, { base: state(0) }, { suites: { merged: { components: COMPONENTS } } });
  const publish = async (number: number): Promise<void> => {
    await world.publish("base", state(number));
    const { exit, problems } = await world.run({ now: at(number) });
    assert.equal(exit, 0, JSON.stringify(problems));
  };
  await publish(0);
  const nginx = await startPrinted(t, world.cli);
  if (nginx === undefined) return;

  let over = false;
  const reader = async (name: string, settings: string): Promise<Reader> => {
    const apt = await isolatedApt(await temporaryFolder());
    await apt.configure(settings);
    const keyring = await apt.keyFile("merged.asc", await readFile(join(world.output, "key.asc")));
    await apt.sources(`deb [signed-by=${keyring}] ${nginx.url} merged ${COMPONENTS.join(" ")}`);
    return { name, apt, updates: 0, seen: new Set(), failures: [] };
  };
  const readers = [await reader("by-hash", ""), await reader("without by-hash", 'Acquire::By-Hash "no";\n')];
  const loop = async (one: Reader): Promise<void> => {
    let last = -1;
    while (!over) {
      const { rc, complaints, output } = await one.apt.update();
      one.updates++;
      const failed = rc !== 0 || complaints.length > 0;
      if (failed) one.failures.push(output);
      const number = await numberOf(one.apt);
      if (failed && last >= 0) assert.equal(number, last, `${one.name} took a part of an update that failed`);
      assert.ok(number >= last, `${one.name} went back from ${last} to ${number}`);
      last = number;
      one.seen.add(number);
    }
  };
  const looping = Promise.all(readers.map(loop));
  try {
    for (let number = 1; number <= SWITCHES; number++) await publish(number);
  } finally {
    over = true;
    await looping;
  }
  for (const one of readers) {
    t.diagnostic(`${one.name}: ${one.updates} updates, ${one.seen.size} generations seen, ${one.failures.length} failed`);
    assert.ok(one.seen.size > 1, `${one.name} saw no switch`);
  }
  const [byHash, without] = readers;
  assert.deepEqual(byHash?.failures, []);
  for (const output of without?.failures ?? []) assert.match(output, /File has unexpected size|Hash Sum mismatch/);
  for (const { apt, name } of readers) {
    const { rc, complaints, output } = await apt.update();
    assert.deepEqual([rc, complaints, await numberOf(apt)], [0, [], SWITCHES], `${name}: ${output}`);
  }
});
