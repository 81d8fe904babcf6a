/**
 * Expected trees, byte for byte. After a change that is meant to alter them:
 *
 *     UPDATE_GOLDEN=1 node --test test/golden/golden.test.ts          and read what git says has changed
 */
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { words } from "../../lib/archive/release.ts";
import { createCompressor } from "../../lib/io/compressor.ts";
import { openFolder } from "../../lib/io/disk-folder.ts";
import { OpenpgpChecker } from "../../lib/io/openpgp-checker.ts";
import { verifyPublishedIndices } from "../../lib/verify/published-indices.ts";
import { listPublishedSuites, type PublishedSuite, verifyPublishedSuite } from "../../lib/verify/published-suite.ts";
import { isolatedApt } from "../support/apt.ts";
import { gpgv } from "../support/gpgv.ts";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { type Published, publish } from "./publish.ts";
import { SCENARIOS } from "./scenarios.ts";
import { type Golden, snapshot } from "./snapshot.ts";

const FOLDER = import.meta.dirname;
const EXPECTED = ["tree", "layout.txt", "report.json"] as const;
const UPDATE = process.env["UPDATE_GOLDEN"] === "1";

for (const scenario of SCENARIOS) {
  const folder = join(FOLDER, scenario.name);
  test(`golden ${scenario.name}: ${scenario.shows}`, async (t) => {
    if (!needs(t, "xz", "gpgv")) return;
    const published = await publish(scenario, folder);
    const made = await snapshot(published);
    if (UPDATE) await write(folder, made);
    await t.test("the tree is the expected one, byte for byte", async () => compare(made, await read(folder)));
    let suites: ReadonlyMap<string, PublishedSuite> = new Map();
    await t.test("its files are what its Release lists, and gpgv accepts its signatures", async () => {
      suites = await proveSigned(published);
      assert.ok(suites.size > 0);
    });
    await t.test("a real apt reads it without complaint", async (t) => {
      if (needs(t, "apt-get")) for (const [suite, { release }] of suites) await readWithApt(published, suite, release);
    });
  });
}

test("every folder of test/golden is a scenario that is run", async () => {
  const entries = await readdir(FOLDER, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  assert.deepEqual(folders.sort(), SCENARIOS.map(({ name }) => name).sort());
});

function compare(made: Golden, expected: Golden): void {
  assert.deepEqual([...made.keys()].sort(), [...expected.keys()].sort(), "other files than expected");
  for (const [path, bytes] of expected) {
    const found = made.get(path);
    if (found?.equals(bytes) !== true) assert.equal(found?.toString("latin1"), bytes.toString("latin1"), `${path} differs`);
  }
}

async function proveSigned({ output, now }: Published): Promise<ReadonlyMap<string, PublishedSuite>> {
  const dists = await openFolder(await realpath(join(output, "dists")), { forReading: true });
  const keyFile = await realpath(join(output, "key.asc"));
  const keyring = await readFile(keyFile);
  const proven = new Map<string, PublishedSuite>();
  for (const suite of await listPublishedSuites(dists)) {
    const at = (name: string) => readFile(join(dists.root, suite, name));
    const release = await at("Release");
    const clear = await gpgv(keyring, await at("InRelease"));
    const beside = await gpgv(keyring, release, await at("Release.gpg"));
    assert.deepEqual([clear.good.length, beside.good], [1, clear.good], clear.stderr);
    assert.deepEqual(clear.text, release);
    const world = { signatures: new OpenpgpChecker(), now };
    const published = await verifyPublishedSuite(dists, suite, { files: [keyFile], pins: [] }, world);
    await verifyPublishedIndices(dists, suite, published, createCompressor());
    proven.set(suite, published);
  }
  return proven;
}

async function readWithApt({ output }: Published, suite: string, release: PublishedSuite["release"]): Promise<void> {
  const apt = await isolatedApt(await temporaryFolder(), { architectures: words(release, "Architectures").filter((one) => one !== "all") });
  // The trees are dated for ever, clocks are not.
  await apt.configure('Acquire::Check-Date "false"; Acquire::Check-Valid-Until "false";\n');
  const types = [...release.entries.keys()].some((path) => path.endsWith("/Sources")) ? ["deb", "deb-src"] : ["deb"];
  const components = words(release, "Components").join(" ");
  await apt.sources(...types.map((type) => `${type} [signed-by=${output}/key.asc] file:${output} ${suite} ${components}`));
  const update = await apt.update();
  assert.deepEqual([update.rc, update.complaints], [0, []], update.output);
}

async function read(folder: string): Promise<Golden> {
  const golden = new Map<string, Buffer>();
  for (const name of EXPECTED) {
    const entries = name === "tree" ? await readdir(join(folder, name), { recursive: true, withFileTypes: true }) : [];
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
    for (const path of name === "tree" ? files : [name]) golden.set(path, await readFile(join(folder, path)));
  }
  return golden;
}

async function write(folder: string, made: Golden): Promise<void> {
  for (const name of EXPECTED) await rm(join(folder, name), { recursive: true, force: true });
  for (const [path, bytes] of made) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
}
