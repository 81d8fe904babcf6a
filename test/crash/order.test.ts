/**
 * What a power loss leaves is what was made durable before it. A kill cannot show that, the order of the calls can: file and folders first, then the
 * rename that makes them seen, then the folder of the rename.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCli } from "../support/cli-child.ts";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { snapshot } from "../support/tree-snapshot.ts";
import { copyOf, prepareScene } from "./scene.ts";

interface Call {
  readonly name: string;
  /** Absolute paths in its arguments, in their order. */
  readonly paths: readonly string[];
  /** Lines of the log at which it began and had ended. */
  readonly began: number;
  readonly ended: number;
}

const CALLS = "fsync,fdatasync,rename,renameat,renameat2,link,linkat,symlink,symlinkat,write,pwrite64,writev,mkdir,unlink,openat";

/** Calls that did what was asked for, in the order of their beginning. */
function parseCalls(log: string): readonly Call[] {
  const calls: Call[] = [];
  const open = new Map<string, { readonly name: string; readonly text: string; readonly began: number }>();
  const add = (name: string, text: string, began: number, ended: number): void => {
    if (/ = -1 E[A-Z]+ /.test(text)) return;
    // A descriptor is shown as 23</path>, a path as "/path".
    const paths = [...text.matchAll(/(?:^|[ ,(])\d+<(\/[^>]*)>|"(\/[^"]*)"/g)].map(([, descriptor, path]) => descriptor ?? path ?? "");
    calls.push({ name, paths, began, ended });
  };
  for (const [line, text] of log.split("\n").entries()) {
    const [, id = "", rest = ""] = /^(\d+) +(.*)/s.exec(text) ?? [];
    const resumed = /^<\.\.\. (\w+) resumed>(.*)/s.exec(rest);
    const begun = /^(\w+)\((.*)/s.exec(rest);
    if (resumed !== null) {
      const before = open.get(id);
      if (before !== undefined) add(before.name, `${before.text}${resumed[2]}`, before.began, line);
      open.delete(id);
    } else if (begun !== null) {
      const [, name = "", body = ""] = begun;
      if (body.endsWith("<unfinished ...>")) open.set(id, { name, text: body.replace("<unfinished ...>", ""), began: line });
      else add(name, body, line, line);
    }
  }
  return calls;
}

interface WatchedMerge {
  readonly folder: string;
  readonly calls: readonly Call[];
}

let watched: Promise<WatchedMerge> | undefined;

/** One for all tests; undefined where none can be had. */
async function watchedMerge(t: TestContext): Promise<WatchedMerge | undefined> {
  if (!needs(t, "strace", "flock", "xz")) return undefined;
  watched ??= watchMerge();
  return watched;
}

async function watchMerge(): Promise<WatchedMerge> {
  const scene = await prepareScene(await temporaryFolder());
  const folder = join(scene.folder, "watched");
  await copyOf(scene.prepared, folder);
  const log = `${folder}.log`;
  const wrapper = ["strace", "-f", "-qq", "-y", "-s", "0", "-o", log, "-e", `trace=${CALLS}`];
  const { status, stderr } = await runCli(["--config", join(folder, "aptmerge.yaml"), "merge"], { wrapper });
  assert.equal(status, 0, stderr);
  return { folder, calls: parseCalls(await readFile(log, "latin1")) };
}

test("P07: all of a generation is durable before the rename that shows it, and that rename before the run goes on", async (t) => {
  const merge = await watchedMerge(t);
  if (merge === undefined) return;
  const { folder, calls } = merge;
  const output = join(folder, "output");
  const stage = join(output, ".generations/.new-000003");
  const renames = calls.filter(({ name }) => name.startsWith("rename"));
  const numbered = renames.find(({ paths }) => paths[0] === stage) ?? assert.fail("no stage was given its number");
  const switched = renames.find(({ paths }) => paths[1] === join(output, "current")) ?? assert.fail("nothing was switched");
  const syncs = calls.filter(({ name }) => name === "fsync" || name === "fdatasync");
  const synced = (path: string, after: number, before: number): boolean =>
    syncs.some(({ paths, began, ended }) => paths[0] === path && began > after && ended < before);

  assert.equal(numbered.paths[1], join(output, ".generations/000003"));
  const made = Object.entries(await snapshot(join(output, ".generations/000003"))).filter(([, what]) => !what.startsWith("link"));
  assert.ok(made.length > 50);
  for (const path of [stage, ...made.map(([below]) => join(stage, below))]) {
    // After the last change of its content: a file is written, a folder gets entries.
    const last = Math.max(
      0,
      ...calls
        .filter(({ name, paths }) =>
          /^(p?write(64|v)?)$/.test(name) ? paths[0] === path : /^(link|symlink|mkdir)/.test(name) && dirname(paths.at(-1) ?? "") === path,
        )
        .map(({ ended }) => ended),
    );
    assert.ok(synced(path, last, numbered.began), `${path} is not durable before its generation is there`);
  }
  assert.ok(
    synced(join(output, ".generations"), numbered.ended, switched.began),
    "the generation's own name is not durable before the switch",
  );
  const after = calls.filter(({ began, paths }) => began > switched.ended && paths[0]?.startsWith(`${folder}/`));
  assert.deepEqual(
    [after[0]?.name, after[1]?.name, after[1]?.paths[0]],
    ["openat", "fsync", output],
    "the switch is not made durable at once",
  );
});

test("P07: what is put in the place of another file is durable before, and its folder after", async (t) => {
  const merge = await watchedMerge(t);
  if (merge === undefined) return;
  const { folder, calls } = merge;
  const syncs = calls.filter(({ name }) => name === "fsync");
  let files = 0;
  for (const { name, paths, began, ended } of calls) {
    const [from = "", to = ""] = paths;
    if (!name.startsWith("rename") || !to.startsWith(`${folder}/`)) continue;
    const isLink = calls.some((call) => call.name.startsWith("symlink") && call.paths.includes(from));
    // The generation as a whole is looked at above.
    if (!isLink && !basename(from).startsWith(".new-")) {
      files++;
      assert.ok(
        syncs.some((sync) => sync.paths[0] === from && sync.ended < began),
        `${from} is renamed before it is durable`,
      );
    }
    assert.ok(
      syncs.some((sync) => sync.paths[0] === dirname(to) && sync.began > ended),
      `the folder of ${to} is not made durable`,
    );
  }
  assert.ok(files > 10, `${files} files were replaced`);
});

test("P07: the floor is durable before the tree that it belongs to is shown", async (t) => {
  const merge = await watchedMerge(t);
  if (merge === undefined) return;
  const { folder, calls } = merge;
  const switched = calls.find(({ name, paths }) => name.startsWith("rename") && paths[1] === join(folder, "output/current"));
  for (const suite of ["stable", "extra"]) {
    const record = join(folder, `state/trust/base/${suite}.json`);
    const raised = calls.find(({ name, paths }) => name.startsWith("rename") && paths[1] === record) ?? assert.fail(record);
    const durable = calls.find(({ name, paths, began }) => name === "fsync" && paths[0] === dirname(record) && began > raised.ended);
    assert.ok((durable?.ended ?? Infinity) < (switched?.began ?? 0), record);
  }
});
