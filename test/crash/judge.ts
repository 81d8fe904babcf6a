/** What must be true after a fault, and after the run that follows it. */
import assert from "node:assert/strict";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { createCompressor } from "../../lib/io/compressor.ts";
import { openFolder } from "../../lib/io/disk-folder.ts";
import { OpenpgpChecker } from "../../lib/io/openpgp-checker.ts";
import { verifyByHashFiles } from "../../lib/verify/by-hash-files.ts";
import { verifyPublishedIndices } from "../../lib/verify/published-indices.ts";
import { listPublishedSuites, verifyPublishedSuite } from "../../lib/verify/published-suite.ts";
import { below, type Snapshot, snapshot } from "../support/tree-snapshot.ts";
import { floorsOf, mergeIn, nowOf, type Scene } from "./scene.ts";

export type Seen = "old" | "new";

/** Names that only a run at work has a use for. */
const LEFTOVER = /(^|\/)(\.new-[0-9]+|\.[^/]+\.tmp-[0-9a-f]{12})(\/|$)/;

/** What clients see: the links at the root but for one whose rename was still to come, and all below the live generation. */
function seenIn(tree: Snapshot): Snapshot {
  const live = tree["current"]?.replace("link ", "") ?? "";
  const links = Object.entries(tree).filter(([path, what]) => !path.includes("/") && !LEFTOVER.test(path) && what.startsWith("link "));
  return { ...Object.fromEntries(links), ...below(tree, live) };
}

/** That clients see one of the two trees wholly, and that it proves itself. @returns which */
export async function judgeTree(folder: string, scene: Scene): Promise<Seen> {
  const now = seenIn(await snapshot(join(folder, "output")));
  const [old, next] = [seenIn(scene.before), seenIn(scene.after)];
  const seen = now["current"] === next["current"] ? "new" : "old";
  assertSame(now, seen === "new" ? next : old, `not wholly the ${seen} tree`);
  await assertSound(folder);
  for (const [path, date] of await floorsOf(folder)) {
    const least = seen === "new" ? scene.newFloors.get(path) : scene.floors.get(path);
    assert.ok(date >= (least ?? ""), `the floor in ${path} is ${date}, it must not be below ${least}`);
  }
  return seen;
}

/** That one run repairs all: the tree is to the byte what an undisturbed run leaves, and nothing else is left. */
export async function judgeRepair(folder: string, scene: Scene, seen: Seen): Promise<void> {
  const { report, told } = await mergeIn(folder, 3);
  assert.equal(report.exitCode, 0, told);
  assert.equal(await judgeTree(folder, scene), "new");
  await assertTidy(folder);
  const tree = await snapshot(join(folder, "output"));
  if (seen === "old") return assertSame(tree, scene.after, "the repaired tree is another than that of an undisturbed run");
  // It was published, and perhaps what nothing needs any more was not all removed: the next publish does that.
  const entries = await countState(folder);
  if (Object.keys(tree).length === Object.keys(scene.after).length && entries <= scene.stateEntries + REPORT) return;
  await mergeIn(folder, 4, { full: true });
  assert.deepEqual(generationsOf(await snapshot(join(folder, "output"))), [".generations/000003", ".generations/000004"]);
  assert.ok((await countState(folder)) <= scene.stateEntries + 2 * REPORT, `STATE has ${await countState(folder)} entries`);
}

/** A run more leaves a report more: a folder with two files. */
const REPORT = 3;

const countState = async (folder: string): Promise<number> => Object.keys(await snapshot(join(folder, "state"))).length;

const generationsOf = (tree: Snapshot): readonly string[] => Object.keys(tree).filter((path) => /^\.generations\/[^/]+$/.test(path));

async function assertTidy(folder: string): Promise<void> {
  const paths = [...Object.keys(await snapshot(join(folder, "state"))), ...Object.keys(await snapshot(join(folder, "output")))];
  assert.deepEqual(
    paths.filter((path) => LEFTOVER.test(path)),
    [],
  );
}

/** A whole tree is too long to be shown. */
function assertSame(found: Snapshot, wanted: Snapshot, message: string): void {
  const paths = [...new Set([...Object.keys(found), ...Object.keys(wanted)])].filter((path) => found[path] !== wanted[path]);
  const shown = paths.slice(0, 5).map((path) => `${path}: ${found[path] ?? "absent"}, not ${wanted[path] ?? "absent"}`);
  assert.equal(paths.length, 0, `${message}: ${shown.join("; ")}`);
}

/** What `aptmerge verify` does. */
async function assertSound(folder: string): Promise<void> {
  const output = join(folder, "output");
  const dists = await openFolder(await realpath(join(output, "dists")), { forReading: true });
  const keyring = { files: [await realpath(join(output, "key.asc"))], pins: [] };
  const suites = await listPublishedSuites(dists);
  assert.deepEqual(suites, ["merged", "other"]);
  for (const suite of suites) {
    const published = await verifyPublishedSuite(dists, suite, keyring, { signatures: new OpenpgpChecker(), now: nowOf(3) });
    await verifyByHashFiles(dists, suite);
    await verifyPublishedIndices(dists, suite, published, createCompressor());
  }
}
