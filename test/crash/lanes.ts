/** Injects faults one after the other, in a few folders at the same time, and judges what each leaves. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { argsFor, type Fault, faultsOf, nameOf, WATCHED } from "./faults.ts";
import { judgeRepair, judgeTree, type Seen } from "./judge.ts";
import { copyOf, type Scene } from "./scene.ts";
import { type RunEnd, type Thread, tracedRun } from "./traced-run.ts";

export interface Verdict {
  readonly fault: Fault;
  /** False when the run came to its end before: it made fewer calls than the one that was watched. */
  readonly hit: boolean;
  /** It hit a call that is none of ours. */
  readonly stray: boolean;
  readonly seen: Seen;
  readonly status: number | undefined;
  /** Of the run that repaired, with what is proven of it. */
  readonly repairMs: number;
  readonly failure: Error | undefined;
}

/** All faults that the scene's run can meet. */
export async function watch(scene: Scene): Promise<readonly Fault[]> {
  const folder = join(scene.folder, "watched");
  await copyOf(scene.prepared, folder);
  const threads: readonly Thread[] = ["main", "pool"];
  const end = await tracedRun(folder, 3, { threads, args: WATCHED, log: `${folder}.log` }, compileCacheOf(scene));
  assert.equal(end.status, 0, end.stderr);
  assert.equal(await judgeTree(folder, scene), "new");
  // A mirror that cannot be read holds its suites while others go on: shown elsewhere.
  return faultsOf(end.log, end.threadIds, [folder]);
}

/** @param tell called with each verdict as it comes */
export async function injectAll(scene: Scene, faults: readonly Fault[], lanes: number, tell: (verdict: Verdict) => void): Promise<void> {
  const waiting = [...faults];
  const lane = async (number: number): Promise<void> => {
    for (let fault = waiting.shift(); fault !== undefined; fault = waiting.shift()) tell(await inject(scene, fault, number));
  };
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
}

/** A call of Node's own was hit, such as one that wakes a thread: how many of them there are is not the same in each run. */
const TRIES = 3;

async function inject(scene: Scene, fault: Fault, lane: number): Promise<Verdict> {
  let verdict = await injectOnce(scene, fault, lane);
  for (let more = 1; more < TRIES && verdict.stray && verdict.failure === undefined; more++)
    verdict = await injectOnce(scene, { ...fault, when: fault.when + more }, lane);
  return verdict;
}

async function injectOnce(scene: Scene, fault: Fault, lane: number): Promise<Verdict> {
  const folder = join(scene.folder, `lane-${lane}`);
  await copyOf(scene.prepared, folder);
  const verdict = { fault, hit: false, stray: false, seen: "old" as Seen, status: undefined as number | undefined, repairMs: 0 };
  try {
    const end = await tracedRun(folder, 3, { threads: [fault.thread], args: argsFor(fault), log: `${folder}.log` }, compileCacheOf(scene));
    verdict.status = end.status;
    verdict.hit = fault.effect === "SIGKILL" ? end.signal === "SIGKILL" : end.log.includes("(INJECTED)");
    const refused = end.log.split("\n").find((line) => line.includes("(INJECTED)"));
    verdict.stray = refused !== undefined && !refused.includes(`${scene.folder}/`);
    verdict.seen = await judgeTree(folder, scene);
    judgeEnd(end, verdict, refused ?? fault.text);
    const started = performance.now();
    await judgeRepair(folder, scene, verdict.seen);
    verdict.repairMs = performance.now() - started;
    await rm(folder, { recursive: true });
    return { ...verdict, failure: undefined };
  } catch (thrown) {
    const because = thrown instanceof Error ? thrown.message : String(thrown);
    const text = `${nameOf(fault)} (exit ${verdict.status}, ${fault.text.slice(0, 300)}): ${because}`;
    return { ...verdict, failure: new Error(text, { cause: thrown }) };
  }
}

/**
 * 0: the fault did not matter, or came after the switch. 7: disk. A file that the operator brings and that cannot be read has a status of
 * its own: 3 config and keyring, 8 signing key.
 */
const OTHER_EXITS = [
  [/\/(aptmerge\.yaml|indices\/[^/"]*|indices|keyring\.asc)[">]/, 3],
  [/\/signing-key\.asc[">]/, 8],
] as const;

function judgeEnd(end: RunEnd, verdict: Pick<Verdict, "fault" | "hit" | "stray" | "seen">, call: string): void {
  const { fault, hit, stray, seen } = verdict;
  assert.deepEqual(end.leftOver, [], "children outlived the run");
  if (end.signal !== undefined) {
    // Node ends itself when it cannot wake its own threads.
    assert.ok(fault.effect === "SIGKILL" || (stray && end.signal === "SIGABRT"), `it was ended by ${end.signal}: ${end.stderr}`);
    return;
  }
  if (!hit || end.status === 0) {
    assert.deepEqual([end.status, seen], [0, "new"], end.stderr);
    return;
  }
  const others = OTHER_EXITS.filter(([path]) => path.test(call)).map(([, exit]) => exit);
  assert.ok([7, ...others].includes(end.status ?? -1), `exit status ${end.status}: ${end.stderr}`);
  assert.match(end.stderr, /^aptmerge: error [A-Z_]+: .+\n {2}hint: /m);
}

const compileCacheOf = (scene: Scene): string => join(scene.folder, "compile-cache");
