/** What every attack must end in: its code, its exit status, and a published tree and trust records in which nothing moved. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Problem } from "../../lib/errors.ts";
import { type Snapshot, snapshot } from "./tree-snapshot.ts";
import type { RunOptions, RunResult, TestWorld } from "./world.ts";

/** Runs, and proves that the run was refused with exactly this error and touched nothing that clients see or that a floor is made of. */
export async function assertRefused(world: TestWorld, code: string, exit: number, options: RunOptions = {}): Promise<RunResult> {
  const before = [await world.tree({ inodes: true }), await floors(world)];
  const result = await world.run(options);
  assert.deepEqual([result.exit, result.errors], [exit, [code]], describe(result));
  assert.deepEqual([await world.tree({ inodes: true }), await floors(world)], before);
  return result;
}

/** The one error of a refused run: its line and its hint as they are printed. */
export function errorOf({ problems }: RunResult): Problem & { readonly line: string } {
  const [error, ...more] = problems.filter(({ severity }) => severity === "error");
  assert.ok(error !== undefined && more.length === 0, problems.map(({ code }) => code).join());
  return { ...error, line: `${error.severity} ${error.code}: ${error.message}` };
}

/** The trust records, byte for byte. */
const floors = (world: TestWorld): Promise<Snapshot> => snapshot(join(world.state, "trust"));

/** Runs, and proves that it published, with no error. */
export async function assertPublished(world: TestWorld, options: RunOptions = {}): Promise<RunResult> {
  const result = await world.run(options);
  assert.deepEqual([result.exit, result.report?.outcome], [0, "published"], describe(result));
  return result;
}

/** Runs, and proves that nothing was to do and no byte moved. */
export async function assertUnchanged(world: TestWorld, options: RunOptions = {}): Promise<RunResult> {
  const before = await world.tree({ inodes: true });
  const result = await world.run(options);
  assert.deepEqual([result.exit, result.report?.outcome], [0, "unchanged"], describe(result));
  assert.deepEqual(await world.tree({ inodes: true }), before);
  return result;
}

const describe = ({ problems, report }: RunResult): string =>
  [`outcome ${report?.outcome}`, ...problems.map(({ severity, code, message }) => `${severity} ${code}: ${message}`)].join("\n");
