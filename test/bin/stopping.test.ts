/** Runs that end early, that meet, or that find no room: the published tree is the old one or the new one, whole, and nothing is left behind. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { hang, late } from "../support/fault-answers.ts";
import { mayMount } from "../support/needs.ts";
import { deb, newWorld, RECENTLY, type TestWorld, upstream } from "../support/world.ts";

const PACKAGES = 300;

/** Every index of a state carries its number. */
const state = (number: number) =>
  upstream({ components: ["main", "contrib"] })
    .debs(Array.from({ length: PACKAGES }, (_, position) => deb(`pkg${position}`, `${number}`)))
    .debs(
      Array.from({ length: PACKAGES }, (_, position) => deb(`extra${position}`, `${number}`)),
      { component: "contrib" },
    )
    .at(new Date(RECENTLY.getTime() + number * 1000));

const options = {
  suites: { merged: { components: ["main", "contrib"], aliases: ["stable"] }, other: { components: ["main", "contrib"] } },
  config: { publish: { compress: { gz: 6, xz: 6 } } },
};

/** The one state that clients see. */
async function seen(world: TestWorld): Promise<number> {
  const indices = [];
  for (const suite of ["merged", "stable", "other"])
    for (const folder of ["main/binary-amd64", "contrib/binary-amd64"]) indices.push(await world.packages(suite, folder));
  assert.ok(indices.every((index) => index.length === PACKAGES));
  const versions = new Set(indices.flat().map((line) => line.split(" ")[1]));
  assert.equal(versions.size, 1, [...versions].join());
  return Number([...versions][0]);
}

async function leftovers(world: TestWorld): Promise<readonly string[]> {
  const paths = [...(await readdir(world.output, { recursive: true })), ...(await readdir(world.state, { recursive: true }))];
  return paths.filter((path) => /\.new-|\.tmp-/.test(path));
}

test("kill -9 at many moments of a run leaves one state, whole, and the next run needs no help", async (t) => {
  const world = await newWorld(t, { base: state(0) }, options);
  const mirror = world.mirror("base");
  assert.equal((await world.cli(["merge"])).status, 0);
  const times: number[] = [];
  for (let round = 0; round < 2; round++) {
    const started = performance.now();
    await world.publish("base", state(1 + round));
    const { status, stderr } = await world.cli(["merge"]);
    assert.equal(status, 0, stderr);
    times.push(performance.now() - started);
  }
  mirror.rules = [[/Packages/, late(20)]];
  const whole = Math.max(...times) + 60;
  const outcomes = new Set<string>();
  const kills = 15;
  for (let number = 3; number < 3 + kills; number++) {
    const before = await seen(world);
    await world.publish("base", state(number));
    const delay = 60 + ((number - 3) * (whole - 40)) / kills;
    const { status, signal } = await world.cli(["merge"], {
      onStart: async (child) => {
        await sleep(delay);
        child.kill("SIGKILL");
      },
    });
    assert.ok(signal === "SIGKILL" || status === 0);
    const now = await seen(world);
    assert.ok(now === before || now === number, `killed after ${Math.round(delay)} ms: ${now}`);
    outcomes.add(now === number ? "new" : "old");
    const { status: verified, stdout, stderr } = await world.cli(["verify"]);
    assert.equal(verified, 0, `${stdout}${stderr}`);
  }
  // The lock went with each of them: the next run starts at once.
  const { status, stderr } = await world.cli(["merge"]);
  assert.deepEqual([status, stderr], [0, ""]);
  assert.equal(await seen(world), 2 + kills);
  assert.deepEqual(await leftovers(world), []);
  assert.ok(outcomes.has("old"));
});

for (const [signal, status] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
  ["SIGHUP", 129],
] as const) {
  test(`P02: ${signal} in the middle of a download ends the run at once, with its lock and its children`, async (t) => {
    const world = await newWorld(t, { base: state(0) }, { ...options, mirrors: { base: { timeout: "60s" } } });
    assert.equal((await world.cli(["merge"])).status, 0);
    const before = await world.tree();
    await world.publish("base", state(1));
    const mirror = world.mirror("base");
    mirror.rules = [[/Packages/, hang]];
    const asked = new Promise<void>((resolve) => {
      mirror.onRequest = ({ path }) => (path.includes("Packages") ? resolve() : undefined);
    });
    let stopped = 0;
    let pid = 0;
    const result = await world.cli(["merge"], {
      onStart: async (child) => {
        await asked;
        stopped = performance.now();
        pid = child.pid ?? 0;
        child.kill(signal);
      },
    });
    assert.ok(performance.now() - stopped < 5000);
    assert.equal(result.status, status);
    assert.match(result.stderr, new RegExp(`^aptmerge: error STOPPED: Stopped by ${signal}\\n {2}hint: `, "m"));
    assert.deepEqual(await world.tree(), before);
    assert.deepEqual(await childrenOf(pid), []);
    mirror.rules = [];
    assert.equal((await world.cli(["merge"])).status, 0);
  });
}

/** Processes whose parent is, or whose group is led by, a process that has ended. */
async function childrenOf(pid: number): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^[0-9]+$/.test(name)) continue;
    const text = await readFile(`/proc/${name}/stat`, "latin1").catch(() => "");
    const [, parent] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    if (Number(parent) === pid) found.push(text);
  }
  return found;
}

test("P03: of five starts at once one works, the others end with 75 and say who is at it", async (t) => {
  const world = await newWorld(t, { base: state(0) }, options);
  world.mirror("base").rules = [[/InRelease/, late(1500)]];
  const results = await Promise.all(Array.from({ length: 5 }, () => world.cli(["merge"])));
  assert.deepEqual(results.map(({ status }) => status).sort(), [0, 75, 75, 75, 75]);
  for (const { status, stderr } of results) if (status === 75) assert.match(stderr, /^aptmerge: error LOCKED: .*another run \(pid \d+/);
  assert.equal(await seen(world), 0);
});

test("P03: --wait waits for the other run to end", async (t) => {
  const world = await newWorld(t, { base: state(0) }, options);
  world.mirror("base").rules = [[/InRelease/, late(500)]];
  const results = await Promise.all([world.cli(["merge", "--wait", "30"]), world.cli(["merge", "--wait", "30"])]);
  assert.deepEqual(
    results.map(({ status }) => status),
    [0, 0],
  );
  const outcomes = results.map(({ stdout }) => (/nothing|unchanged/i.test(stdout) ? "unchanged" : "published")).sort();
  assert.deepEqual(outcomes, ["published", "unchanged"]);
});

for (const [where, sizeKib] of [
  ["OUTPUT", 64],
  ["STATE", 48],
] as const) {
  test(`a disk that is full below ${where} ends in 7 and the old tree`, async (t) => {
    if (!mayMount(t)) return;
    const world = await newWorld(t, { base: state(0) }, options);
    assert.equal((await world.cli(["merge"])).status, 0);
    await world.publish("base", state(1));
    // A small disk that holds what is there and not what comes: in a mount namespace, so that it goes with the child.
    const folder = where === "OUTPUT" ? world.output : world.state;
    const script = join(world.folder, "on-a-small-disk");
    await writeFile(
      script,
      [
        "set -e",
        `used=$(du -sk --apparent-size ${folder} | cut -f1); files=$(find ${folder} | wc -l)`,
        `cp -a ${folder} ${world.folder}/copy`,
        `mount -t tmpfs -o size=$((used + files * 4 + ${sizeKib}))k none ${folder}`,
        `cp -a ${world.folder}/copy/. ${folder}/`,
        `dd if=/dev/zero of=${folder}/filler bs=4k 2>/dev/null || true`,
        `truncate -s -${sizeKib / 4}k ${folder}/filler`,
        'status=0; "$@" || status=$?',
        `rm ${folder}/filler`,
        `rm -rf ${world.folder}/after && cp -a ${world.output} ${world.folder}/after`,
        "exit $status",
      ].join("\n"),
    );
    const { status, stderr } = await world.cli(["merge"], { wrapper: ["unshare", "-rm", "/bin/sh", script] });
    assert.equal(status, 7, stderr);
    assert.match(stderr, /^aptmerge: error (DISK_FAILED|OUTPUT_UNUSABLE): .*\n {2}hint: /m);
    // What stood on the small disk afterwards is the old tree, and sound.
    const { status: verified, stderr: said } = await world.cli(["verify", join(world.folder, "after")]);
    assert.equal(verified, 0, said);
    assert.equal(await readFile(join(world.folder, "after/dists/merged/InRelease"), "utf8"), await world.read("dists/merged/InRelease"));
    assert.equal((await world.cli(["merge"])).status, 0);
    assert.equal(await seen(world), 1);
  });
}
