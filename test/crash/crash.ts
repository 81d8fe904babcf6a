/**
 * Every fault at every call: `npm run test:crash`. Kills a merge at each call that changes the disk, and lets each call on its files fail, one in
 * a run; after each, the tree is the old or the new one and one run repairs it. Some thousand runs: half an hour on two cores.
 *
 *     node test/crash/crash.ts [--only GROUP] [--every N] [--lanes N] [--in FOLDER]
 *
 * Without a folder it works where the system keeps temporary files; in a file system that is in memory (/dev/shm) it is faster.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { whereIs } from "../support/needs.ts";
import { injectAll, type Verdict, watch } from "./lanes.ts";
import { prepareScene } from "./scene.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    every: { type: "string", default: "1" },
    lanes: { type: "string", default: "2" },
    in: { type: "string", default: tmpdir() },
  },
});

/** What has been found of one kind of fault. */
interface Tally {
  injected: number;
  missed: number;
  old: number;
  new: number;
  failed: number;
}

if (whereIs("strace") === undefined) throw new Error("Cannot inject faults: strace is not installed");
const folder = await mkdtemp(join(values.in, "amt-crash-"));
const tallies = new Map<string, Tally>();
let slowest = 0;
try {
  const scene = await prepareScene(folder);
  const all = (await watch(scene)).filter(({ group }) => values.only === undefined || group === values.only);
  const faults = all.filter((_, position) => position % Number(values.every) === 0);
  console.log(`${faults.length} faults, of ${all.length} that the run can meet`);
  const started = performance.now();
  let done = 0;
  await injectAll(scene, faults, Number(values.lanes), (verdict) => {
    count(verdict);
    if (verdict.failure !== undefined) console.log(`FAILED ${verdict.failure.message}`);
    if (++done % 100 === 0) console.log(`${done} of ${faults.length} after ${Math.round((performance.now() - started) / 1000)} s`);
  });
} finally {
  await rm(folder, { recursive: true, force: true });
}

const rows = [...tallies].map(([kind, tally]) => ({ kind, ...tally }));
console.table(rows);
const sum = (of: "injected" | "missed" | "failed"): number => rows.reduce((total, row) => total + row[of], 0);
console.log(
  `${sum("injected")} faults injected, ${sum("missed")} missed, ${sum("failed")} failed; longest repair ${(slowest / 1000).toFixed(1)} s`,
);
if (sum("failed") > 0) process.exitCode = 1;

function count({ fault, hit, stray, seen, failure, repairMs }: Verdict): void {
  const kind = `${fault.group} ${fault.effect}`;
  const tally = tallies.get(kind) ?? { injected: 0, missed: 0, old: 0, new: 0, failed: 0 };
  if (hit && !stray) tally.injected++;
  else tally.missed++;
  tally[seen]++;
  if (failure !== undefined) tally.failed++;
  tallies.set(kind, tally);
  slowest = Math.max(slowest, repairMs);
}
