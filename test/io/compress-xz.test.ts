import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { MergeError } from "../../lib/errors.ts";
import { xzCompressor } from "../../lib/io/compress-xz.ts";
import { needs } from "../support/needs.ts";
import { survivorsOf } from "../support/processes.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { running, xzThat } from "../support/xz-that.ts";

const BLOCKS = Array.from({ length: 12 }, (_, seed) => Buffer.from(`Package: p${seed}\nSize: ${seed * 7919}\n\n`.repeat(400 + seed)));

const MODULE = JSON.stringify(new URL("../../lib/io/compress-xz.ts", import.meta.url).href);

const plain = (stream: Buffer): Buffer => execFileSync("xz", ["-dc"], { input: stream });

test("xzCompressor: however many blocks there are, no more children are started than work at one time", async (t) => {
  if (!needs(t, "xz")) return;
  const { program, starts } = await xzThat("");
  const compress = xzCompressor(program, 2);
  const streams = await Promise.all(BLOCKS.map((block) => compress(block, 6)));
  assert.deepEqual(streams.map(plain), BLOCKS);
  assert.deepEqual(plain(await compress(Buffer.from("later"), 6)), Buffer.from("later"));
  assert.deepEqual(
    starts().map((line) => line.split(" ")[1]),
    ["yes", "yes"],
  );
});

test("xzCompressor: a child that waits for work of another kind makes room", async (t) => {
  if (!needs(t, "xz")) return;
  const { program, starts } = await xzThat("");
  const compress = xzCompressor(program, 1);
  for (const [done, level] of [6, 1, 6, 1].entries()) {
    const block = Buffer.from(`level ${level}`);
    assert.deepEqual(plain(await compress(block, level)), block);
    const lines = starts();
    assert.equal(lines.length, done + 1);
    assert.deepEqual(await survivorsOf(await running(lines.slice(0, -1))), []);
    assert.equal((await running(lines.slice(-1))).length, 1);
  }
});

test("xzCompressor: a child that has nothing to do for a while ends, and another is there for what comes then", async (t) => {
  if (!needs(t, "xz")) return;
  const { program, starts } = await xzThat("");
  const compress = xzCompressor(program, 2, { patience: () => 10_000, rest: 100 });
  assert.deepEqual(plain(await compress(Buffer.from("before"), 6)), Buffer.from("before"));
  assert.equal((await running(starts())).length, 1);
  assert.deepEqual(await survivorsOf(await running(starts())), []);
  assert.deepEqual(plain(await compress(Buffer.from("after"), 6)), Buffer.from("after"));
  assert.equal(starts().length, 2);
});

test("xzCompressor: while there is room, a child waits for more work of its kind", async (t) => {
  if (!needs(t, "xz")) return;
  const { program, starts } = await xzThat("");
  const compress = xzCompressor(program, 2);
  for (const level of [6, 1, 6, 1]) assert.deepEqual(plain(await compress(Buffer.from("text"), level)), Buffer.from("text"));
  assert.equal(starts().length, 2);
});

for (const [what, script] of [
  ["ends before it has read a name", '[ -z "$standing" ] || exit 0'],
  ["complains", '[ -z "$standing" ] || { echo "xz: no such file" >&2; sleep 20; }'],
  ["is killed", '[ -z "$standing" ] || kill -9 $$'],
  ["gives something longer than any stream of the block", '[ -z "$standing" ] || { head -c 100000 /dev/zero; sleep 20; }'],
  ["gives the beginning of a stream and ends", '[ -z "$standing" ] || { printf "\\3757zXZ\\000"; exit 0; }'],
] as const) {
  test(`xzCompressor: when a child ${what}, the block gets one of its own`, { timeout: 30_000 }, async (t) => {
    if (!needs(t, "xz")) return;
    const { program, starts } = await xzThat(script);
    const compress = xzCompressor(program, 2);
    const streams = await Promise.all(BLOCKS.slice(0, 4).map((block) => compress(block, 6)));
    assert.deepEqual(streams.map(plain), BLOCKS.slice(0, 4));
    assert.equal(starts().filter((line) => !line.endsWith("yes")).length, 4);
  });
}

test("xzCompressor: a child that does not answer is not waited for for ever", { timeout: 30_000 }, async (t) => {
  if (!needs(t, "xz")) return;
  const { program, starts } = await xzThat('[ -z "$standing" ] || exec cat >/dev/null');
  const compress = xzCompressor(program, 1, { patience: () => 200, rest: 10_000 });
  assert.deepEqual(plain(await compress(Buffer.from("text"), 6)), Buffer.from("text"));
  assert.equal(starts().length, 2);
  assert.deepEqual(await survivorsOf(await running(starts())), []);
});

test("xzCompressor: of nothing xz makes a stream without a block, which is told", { timeout: 30_000 }, async (t) => {
  if (!needs(t, "xz")) return;
  const { program } = await xzThat("");
  await assert.rejects(xzCompressor(program, 1)(Buffer.alloc(0), 6), /gave 0 blocks, 1 was asked for/);
});

test("xzCompressor: our process goes on while a block is awaited, also when nothing but a child that closed its output is left", async (t) => {
  if (!needs(t, "xz")) return;
  const { program } = await xzThat('[ -z "$standing" ] || { exec >&-; sleep 0.3; exit 0; }');
  const script = `
    import { xzCompressor } from ${MODULE};
    process.stdout.write(await xzCompressor(${JSON.stringify(program)}, 2)(Buffer.from("a"), 6));
  `;
  const run = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], { timeout: 30_000 });
  assert.equal(run.status, 0, run.stderr.toString());
  assert.equal(plain(run.stdout).toString(), "a");
});

test("xzCompressor: a child that fails between two blocks costs nothing but the time", { timeout: 30_000 }, async (t) => {
  if (!needs(t, "xz")) return;
  const { program, starts } = await xzThat("");
  const compress = xzCompressor(program, 1);
  assert.deepEqual(plain(await compress(Buffer.from("one"), 6)), Buffer.from("one"));
  process.kill(Number(starts()[0]?.split(" ")[0]), "SIGKILL");
  assert.deepEqual(plain(await compress(Buffer.from("two"), 6)), Buffer.from("two"));
  assert.deepEqual(plain(await compress(Buffer.from("three"), 6)), Buffer.from("three"));
});

test("xzCompressor: a program that fails either way is named with its complaint", async (t) => {
  if (!needs(t, "xz")) return;
  const { program } = await xzThat('echo "no luck today" >&2\nexit 3');
  await assert.rejects(
    xzCompressor(program, 1)(Buffer.from("text"), 6),
    (error) =>
      error instanceof MergeError &&
      error.code === "COMPRESSOR_FAILED" &&
      /ended with status 3 and said "no luck today"/.test(error.message),
  );
});

test("xzCompressor: where no file can be made for it, each block gets a child of its own", async (t) => {
  if (!needs(t, "xz")) return;
  const { program, starts } = await xzThat("");
  const script = `
    import { xzCompressor } from ${MODULE};
    const compress = xzCompressor(${JSON.stringify(program)}, 2);
    for (const block of ["a", "b", "c"]) process.stdout.write(await compress(Buffer.from(block), 6));
  `;
  const env = { ...process.env, TMPDIR: "/nowhere" };
  const run = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], { env, timeout: 30_000 });
  assert.equal(run.status, 0, run.stderr.toString());
  assert.equal(plain(run.stdout).toString(), "abc");
  assert.deepEqual(
    starts().map((line) => line.split(" ")[1]),
    ["", "", ""],
  );
});

for (const [how, last] of [
  ["ends", ""],
  ["is killed", 'process.kill(process.pid, "SIGKILL");'],
] as const) {
  test(`xzCompressor: when our process ${how} its children end, and nothing of theirs is left`, { timeout: 30_000 }, async (t) => {
    if (!needs(t, "xz")) return;
    const { program, starts } = await xzThat("");
    const folder = await temporaryFolder();
    const script = `
      import { xzCompressor } from ${MODULE};
      const compress = xzCompressor(${JSON.stringify(program)}, 2);
      await Promise.all([compress(Buffer.from("a"), 6), compress(Buffer.from("b"), 6)]);
      ${last}
    `;
    const env = { ...process.env, TMPDIR: folder };
    const run = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], { env, timeout: 20_000 });
    assert.equal(run.status, last === "" ? 0 : null, run.stderr.toString());
    assert.equal(starts().length, 2);
    assert.deepEqual(await survivorsOf(await running(starts())), []);
    assert.deepEqual(readdirSync(folder), []);
  });
}
