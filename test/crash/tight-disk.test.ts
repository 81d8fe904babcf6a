/** A disk that is really full at some point of a merge: of bytes, of inodes; and a process that may open only so many files. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { runCli } from "../support/cli-child.ts";
import { mayMount, needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { judgeRepair, judgeTree, type Seen } from "./judge.ts";
import { copyOf, nowOf, prepareScene, type Scene } from "./scene.ts";

const HOLD = join(import.meta.dirname, "hold.ts");

/** A merge with the clock of the scene, begun by a script of sh that ends in `"$@"`. */
async function mergeBy(script: string, config: string): Promise<{ readonly status: number | undefined; readonly stderr: string }> {
  return runCli(["--config", config, "--quiet", "merge"], {
    wrapper: ["sh", "-c", `exec 3>/dev/null; ${script}`, "sh"],
    // It waits for nobody here.
    env: { NODE_OPTIONS: `--import=${HOLD}`, CRASH_GO: "/", CRASH_NOW_MS: String(nowOf(3).getTime()) },
  });
}

/** @returns which tree is there, after it and its repair were judged */
async function judged(scene: Scene, folder: string, status: number | undefined, stderr: string): Promise<Seen> {
  assert.ok([0, 7].includes(status ?? -1), `exit ${status}: ${stderr}`);
  const seen = await judgeTree(folder, scene);
  if (status === 0) assert.equal(seen, "new");
  await judgeRepair(folder, scene, seen);
  return seen;
}

/** Merges on a disk in memory with so much left, in a mount namespace: what it leaves is copied out. */
async function mergeOnSmallDisk(scene: Scene, options: string): Promise<Seen> {
  const folder = join(scene.folder, "small");
  const disk = join(scene.folder, "disk");
  await mkdir(disk, { recursive: true });
  await rm(folder, { recursive: true, force: true });
  const script = `set -e
    mount -t tmpfs -o ${options} none '${disk}'
    cp -a '${scene.prepared}/.' '${disk}'
    set +e; "$@"; status=$?; set -e
    cp -a '${disk}' '${folder}'
    exit $status`;
  const { status, stderr } = await mergeBy(`unshare -rm sh -c ${quoted(script)} sh "$@"`, join(disk, "aptmerge.yaml"));
  return judged(scene, folder, status, stderr);
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** What the prepared folder takes in memory: pages of 4 KiB, inodes. */
function sizeOf(folder: string): { readonly pages: number; readonly inodes: number } {
  const pages = execFileSync(
    "sh",
    [
      "-c",
      `find '${folder}' -type f -links 1 -printf '%s\\n' ; find '${folder}' -type f -links +1 -printf '%i %s\\n' | sort -u | cut -d' ' -f2`,
    ],
    {
      encoding: "utf8",
    },
  )
    .trim()
    .split("\n")
    .reduce((sum, bytes) => sum + Math.ceil(Number(bytes) / 4096), 0);
  // In memory each further hard link counts as one, too.
  const inodes = Number(execFileSync("sh", ["-c", `find '${folder}' | wc -l`], { encoding: "utf8" }));
  return { pages, inodes };
}

test("C08: a disk that fills up in the middle of a merge leaves the old tree, and the merge is repeated when there is room", async (t) => {
  if (!needs(t, "flock", "xz") || !mayMount(t)) return;
  const scene = await prepareScene(await temporaryFolder());
  const { pages } = sizeOf(scene.prepared);
  const seen: Seen[] = [];
  for (const left of [4, 14, 24, 34, 400]) seen.push(await mergeOnSmallDisk(scene, `size=${(pages + left) * 4}k`));
  t.diagnostic(seen.join());
  assert.deepEqual([seen[0], seen.at(-1)], ["old", "new"]);
});

test("C11: a disk that runs out of inodes in the middle of a merge leaves the old tree, and the merge is repeated when there are some", async (t) => {
  if (!needs(t, "flock", "xz") || !mayMount(t)) return;
  const scene = await prepareScene(await temporaryFolder());
  const { inodes } = sizeOf(scene.prepared);
  const seen: Seen[] = [];
  for (const left of [3, 20, 40, 400]) seen.push(await mergeOnSmallDisk(scene, `nr_inodes=${inodes + left}`));
  t.diagnostic(seen.join());
  assert.deepEqual([seen[0], seen.at(-1)], ["old", "new"]);
});

test("C11: a merge that may have few files open ends in 7 or publishes, and never tears the tree", async (t) => {
  if (!needs(t, "flock", "xz")) return;
  const scene = await prepareScene(await temporaryFolder());
  const folder = join(scene.folder, "few");
  const ends: string[] = [];
  for (const most of FEWEST) {
    await copyOf(scene.prepared, folder);
    const { status, stderr } = await mergeBy(`ulimit -n ${most}; exec "$@"`, join(folder, "aptmerge.yaml"));
    ends.push(`${most}: ${status} ${await judged(scene, folder, status, stderr)}`);
  }
  t.diagnostic(ends.join(", "));
});

/** With less, Node itself does not start. */
const FEWEST = [26, 28, 30, 40];
