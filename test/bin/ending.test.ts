/** Runs that are told to end, that fall over, that nobody listens to, that come too often: tree, lock and children are in order afterwards. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { spawnSync } from "node:child_process";
import { chmod, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { CliResult } from "../support/cli-child.ts";
import { hang } from "../support/fault-answers.ts";
import { needs, whereIs } from "../support/needs.ts";
import { descendantsOf, type Running, survivorsOf } from "../support/processes.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { deb, newWorld, RECENTLY, type TestWorld, upstream } from "../support/world.ts";

const state = (number: number) =>
  upstream()
    .debs(Array.from({ length: 400 }, (_, position) => deb(`pkg${position}`, `${number}`)))
    .at(new Date(RECENTLY.getTime() + number * 1000));
const XZ = { config: { publish: { compress: { gz: 1, xz: 6 } } } };

/** The number of the whole state that is published. */
async function seen(world: TestWorld): Promise<number> {
  const versions = new Set((await world.packages()).map((line) => line.split(" ")[1]));
  assert.equal((await world.packages()).length, 400);
  assert.equal(versions.size, 1);
  return Number([...versions][0]);
}

/** A xz that never comes to an end. */
async function withHangingXz(): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "xz"), "#!/bin/sh\nexec sleep 60\n");
  await chmod(join(folder, "xz"), 0o755);
  return `${folder}:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
}

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  const end = performance.now() + 30_000;
  while (!(await holds())) {
    assert.ok(performance.now() < end, "the moment never came");
    await sleep(3);
  }
};

interface Moment {
  readonly name: string;
  readonly signal: NodeJS.Signals;
  readonly env?: () => Promise<Readonly<Record<string, string>>>;
  /** Waits for the moment. */
  come(child: ChildProcess, world: TestWorld): Promise<unknown>;
  /** Without such a child the moment is none. */
  readonly child?: string;
  readonly hangs?: RegExp;
}

const isStaging = async (world: TestWorld): Promise<boolean> =>
  (await readdir(join(world.output, ".generations"))).some((name) => name.startsWith(".new-"));

const compressing = (signal: NodeJS.Signals): Moment => ({
  name: "while xz runs",
  signal,
  env: async () => ({ PATH: await withHangingXz() }),
  come: (child) => until(async () => (await descendantsOf(child.pid ?? 0)).some(({ name }) => name === "sleep")),
  child: "sleep",
});

const publishing = (signal: NodeJS.Signals, delayMs: number): Moment => ({
  name: `${delayMs} ms after the stage was begun`,
  signal,
  come: async (_, world) => {
    await until(() => isStaging(world));
    await sleep(delayMs);
  },
});

const MOMENTS: readonly Moment[] = [
  { name: "at the very start", signal: "SIGTERM", come: () => sleep(150) },
  {
    name: "while a Release is awaited",
    signal: "SIGTERM",
    hangs: /InRelease/,
    come: (_, world) => until(async () => asked(world, /InRelease/)),
  },
  {
    name: "while an index is awaited",
    signal: "SIGHUP",
    hangs: /Packages/,
    come: (_, world) => until(async () => asked(world, /Packages/)),
  },
  compressing("SIGTERM"),
  compressing("SIGINT"),
  compressing("SIGHUP"),
  publishing("SIGTERM", 0),
  publishing("SIGINT", 15),
  publishing("SIGTERM", 40),
  publishing("SIGHUP", 80),
];

const asked = (world: TestWorld, path: RegExp): boolean =>
  world
    .mirror("base")
    .requests.slice(marks.get(world) ?? 0)
    .some((one) => path.test(one.path));
/** Requests before the run that is looked at. */
const marks = new WeakMap<TestWorld, number>();

test("P02: TERM, INT and HUP at many moments end a run within 5 s, with its children, its lock free and the tree whole", async (t) => {
  if (!needs(t, "xz", "flock")) return;
  const world = await newWorld(t, { base: state(0) }, { ...XZ, mirrors: { base: { timeout: "60s" } } });
  assert.equal((await world.cli(["merge"])).status, 0);
  let number = 0;
  for (const moment of MOMENTS) {
    const before = await seen(world);
    await world.publish("base", state(++number));
    const mirror = world.mirror("base");
    mirror.rules = moment.hangs === undefined ? [] : [[moment.hangs, hang]];
    marks.set(world, mirror.requests.length);
    let children: readonly Running[] = [];
    let stopped = 0;
    const { status, signal } = await world.cli(["merge"], {
      ...(moment.env === undefined ? {} : { env: await moment.env() }),
      onStart: async (child) => {
        await moment.come(child, world);
        children = await descendantsOf(child.pid ?? 0);
        stopped = performance.now();
        child.kill(moment.signal);
      },
    });
    const what = `${moment.signal} ${moment.name}: status ${status}, signal ${signal}`;
    assert.ok(performance.now() - stopped < 5000, what);
    // One that was told before it listened is ended by the signal itself; one that was through with its work may have ended well.
    const now = await seen(world);
    assert.ok(status !== 0 ? now === before || now === number : now === number, `${what}: ${now}`);
    assert.ok(
      signal === moment.signal || status === { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 }[moment.signal as "SIGTERM"] || status === 0,
      what,
    );
    if (moment.child !== undefined) {
      assert.ok(
        children.some(({ name }) => name === moment.child),
        what,
      );
      assert.notEqual(status, 0, what);
    }
    assert.deepEqual(await survivorsOf(children), [], what);
    assert.equal(spawnSync(whereIs("flock") ?? "", ["--nonblock", join(world.state, "lock"), "true"]).status, 0, what);
  }
  world.mirror("base").rules = [];
  const { status, stderr } = await world.cli(["merge"]);
  assert.equal(status, 0, stderr);
  assert.equal(await seen(world), number);
  assert.equal((await world.cli(["verify"])).status, 0);
});

/** Node is told to fall over when it gets this signal. */
const fallingOver = (code: string): Readonly<Record<string, string>> => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`process.on("SIGUSR2", () => { ${code} });`)}`,
});

/** A tree, a state of the mirror beyond it, and indices of that state which never come: a run stays at work. */
async function hangingWorld(t: TestContext): Promise<TestWorld> {
  const world = await newWorld(t, { base: state(0) }, { mirrors: { base: { timeout: "60s" } } });
  assert.equal((await world.cli(["merge"])).status, 0);
  await world.publish("base", state(1));
  world.mirror("base").rules = [[/Packages/, hang]];
  marks.set(world, world.mirror("base").requests.length);
  return world;
}

async function fallen(world: TestWorld, env: Readonly<Record<string, string>>): Promise<CliResult> {
  return world.cli(["merge"], {
    env,
    onStart: async (child) => {
      await until(async () => asked(world, /Packages/));
      child.kill("SIGUSR2");
    },
  });
}

for (const [name, code] of [
  ["an exception that nobody catches", 'throw new Error("out of the blue")'],
  ["a rejection that nobody handles", 'Promise.reject(new Error("out of the blue"))'],
] as const) {
  test(`P05: ${name} ends the run with 70, is told as a bug, and the tree stays`, async (t) => {
    const world = await hangingWorld(t);
    const before = await world.tree({ inodes: true });
    const { status, stderr } = await fallen(world, fallingOver(code));
    assert.equal(status, 70, stderr);
    assert.match(stderr, /^aptmerge: error BUG: out of the blue\n {2}hint: .*\nError: out of the blue\n {4}at /m);
    assert.deepEqual(await world.tree({ inodes: true }), before);
    world.mirror("base").rules = [];
    assert.equal((await world.cli(["merge"])).status, 0);
    assert.equal(await seen(world), 1);
  });
}

test("P05: a run that gets no more memory does not end with 0, and the tree stays", async (t) => {
  const world = await hangingWorld(t);
  const before = await world.tree({ inodes: true });
  // It fills its heap when it is at work.
  const hungry = fallingOver("const all = []; for (;;) all.push(new Array(1000).fill(Math.random()));");
  const { status, signal, stderr } = await fallen(world, { NODE_OPTIONS: `${hungry["NODE_OPTIONS"]} --max-old-space-size=64` });
  assert.ok(signal === "SIGABRT" || status === 134, `${status} ${signal} ${stderr}`);
  assert.match(stderr, /heap out of memory/);
  assert.deepEqual(await world.tree({ inodes: true }), before);
  world.mirror("base").rules = [];
  assert.equal((await world.cli(["merge"])).status, 0);
});

test("P06: a stderr on a full disk does not fail the run", async (t) => {
  const world = await newWorld(t, { base: state(0) }, { config: { sign: [] } });
  const { status } = await world.cli(["--verbose", "merge"], { wrapper: ["/bin/sh", "-c", 'exec "$@" 2>/dev/full', "sh"] });
  assert.equal(status, 0);
  assert.equal(await seen(world), 0);
});

test("P08: starts that find another run at work are counted, and the next run warns of many", async (t) => {
  if (!needs(t, "flock")) return;
  const world = await newWorld(t, { base: state(0) }, { mirrors: { base: { timeout: "60s" } } });
  const mirror = world.mirror("base");
  for (const starts of [2, 3]) {
    mirror.rules = [[/InRelease/, hang]];
    marks.set(world, mirror.requests.length);
    await world.cli(["merge"], {
      onStart: async (child) => {
        await until(async () => asked(world, /InRelease/));
        for (let start = 0; start < starts; start++) {
          const { status, stderr } = await world.cli(["merge"]);
          assert.equal(status, 75);
          assert.match(stderr, new RegExp(`another run \\(pid ${child.pid}`));
        }
        child.kill("SIGTERM");
      },
    });
    mirror.rules = [];
    const { status, stderr } = await world.cli(["merge"]);
    assert.equal(status, 0);
    const told = /^aptmerge: warning RUNS_SKIPPED: (\d+) starts since "20\d\d-.*Z" found the run before still at work/m.exec(stderr)?.[1];
    assert.equal(told, starts < 3 ? undefined : `${starts}`, stderr);
    // Told once.
    assert.equal((await world.cli(["merge"])).stderr, "");
  }
});
