/** Edited blocks are read by the xz program: whatever it says but the whole text is no proof. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import { blockOf, type XzBlock } from "../../lib/archive/xz-stream.ts";
import { findProgram } from "../../lib/io/child.ts";
import { xzProver } from "../../lib/io/prove-xz.ts";
import { needs } from "../support/needs.ts";
import { survivorsOf } from "../support/processes.ts";
import { running, xzThat } from "../support/xz-that.ts";

const PACKED = ["--format=xz", "--check=crc32", "--stdout"];
const textOf = (seed: number): Buffer =>
  Buffer.from(Array.from({ length: 4000 }, (_, line) => `Package: p${line} of ${Math.imul(line + seed, 0x9e3779b1) >>> 0}\n`).join(""));
const blockFor = (text: Buffer): XzBlock => blockOf(spawnSync("xz", PACKED, { input: text, maxBuffer: 2 ** 30 }).stdout);
const program = (): string => findProgram("xz") ?? "";

/** The same block, made to claim that it holds another text: its check is that text's. */
function claiming(block: XzBlock, text: Buffer): XzBlock {
  const bytes = Buffer.from(block.bytes);
  bytes.writeUInt32LE(crc32(text), bytes.length - 4);
  return { ...block, bytes };
}

test("xzProver: a block that holds its text is proven, one after another by one child", async (t) => {
  if (!needs(t, "xz")) return;
  const { program: odd, starts } = await xzThat("");
  const prove = xzProver(odd);
  const texts = [1, 2, 3, 4].map(textOf);
  assert.deepEqual(await Promise.all(texts.map((text) => prove(blockFor(text), text))), [true, true, true, true]);
  assert.equal(await prove(blockFor(Buffer.from("x")), Buffer.from("x")), true);
  assert.equal(starts().length, 1);
});

test("xzProver: it is no matter how the child cuts what it gives", async (t) => {
  if (!needs(t, "xz")) return;
  const prove = xzProver(program());
  for (let bytes = 65_500; bytes <= 65_540; bytes++) {
    const text = Buffer.alloc(bytes, "Package: one\n");
    assert.equal(await prove(blockFor(text), text), true, `${bytes} bytes`);
  }
});

for (const [what, wanted] of [
  ["another byte", (text: Buffer) => Buffer.concat([text.subarray(0, 70_000), Buffer.from("#"), text.subarray(70_001)])],
  ["another first byte", (text: Buffer) => Buffer.concat([Buffer.from("#"), text.subarray(1)])],
  ["another last byte", (text: Buffer) => Buffer.concat([text.subarray(0, -1), Buffer.from("#")])],
  ["one byte less", (text: Buffer) => text.subarray(0, -1)],
  ["one byte more", (text: Buffer) => Buffer.concat([text, Buffer.from("\n")])],
  ["its last line twice", (text: Buffer) => Buffer.concat([text, text.subarray(text.lastIndexOf("\n", -2) + 1)])],
  ["nothing", () => Buffer.alloc(0)],
] as const) {
  test(`xzProver: a block that is to hold a text with ${what} is not proven, whatever its check says`, async (t) => {
    if (!needs(t, "xz")) return;
    const text = textOf(1);
    const prove = xzProver(program());
    assert.equal(await prove(blockFor(text), wanted(text)), false, "by its check");
    assert.equal(await prove(claiming(blockFor(text), wanted(text)), wanted(text)), false, "by its text");
    assert.equal(await prove(blockFor(text), text), true, "and the next one is proven");
  });
}

test("xzProver: a block of which any byte is damaged is not proven", async (t) => {
  if (!needs(t, "xz")) return;
  const text = Buffer.from("Package: one\nVersion: 1\n\nPackage: two\nVersion: 1\n\n");
  const block = blockFor(text);
  const prove = xzProver(program());
  for (let at = 0; at < block.bytes.length; at++) {
    const bytes = Buffer.from(block.bytes);
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    assert.equal(await prove({ ...block, bytes }, text), false, `byte ${at}`);
  }
  assert.equal(await prove({ ...block, bytes: Buffer.concat([block.bytes, Buffer.alloc(4)]) }, text), false, "bytes behind it");
  assert.equal(await prove({ ...block, unpaddedBytes: block.unpaddedBytes - 1 }, text), false, "another length");
  assert.equal(await prove(block, text), true);
});

for (const [what, script] of [
  ["ends before it has read a name", '[ -z "$standing" ] || exit 0'],
  ["complains", '[ -z "$standing" ] || { echo "xz: no such file" >&2; sleep 20; }'],
  ["is killed", '[ -z "$standing" ] || kill -9 $$'],
  [
    "gives the text and nothing that tells that it was sound to its end",
    '[ -z "$standing" ] || { printf "Package: one\\n"; exec cat >/dev/null; }',
  ],
  ["does not answer", '[ -z "$standing" ] || exec cat >/dev/null'],
] as const) {
  test(`xzProver: when a child that stays ${what}, one of its own is asked`, { timeout: 30_000 }, async (t) => {
    if (!needs(t, "xz")) return;
    const { program: odd, starts } = await xzThat(script);
    const prove = xzProver(odd, { patience: () => 2000, rest: 10_000 });
    const text = Buffer.from("Package: one\n");
    assert.equal(await prove(blockFor(text), text), true);
    assert.equal(await prove(claiming(blockFor(text), Buffer.from("Package: two\n")), Buffer.from("Package: two\n")), false);
    assert.deepEqual(await survivorsOf(await running(starts())), []);
  });
}

for (const [what, script, answer] of [
  ["gives nothing and ends well", "exec cat >/dev/null", false],
  ["gives the text alone and ends well", 'printf "Package: one\\n"; exec cat >/dev/null', false],
  ["refuses whatever it is", "exit 1", false],
  ["is killed whatever it is", "kill -9 $$", undefined],
  ["does not answer", "exec sleep 20", undefined],
] as const) {
  test(`xzProver: a program that ${what} ${answer === undefined ? "cannot say" : "proves nothing"}`, { timeout: 30_000 }, async (t) => {
    if (!needs(t, "xz")) return;
    const { program: odd, starts } = await xzThat(script);
    const text = Buffer.from("Package: one\n");
    assert.equal(await xzProver(odd, { patience: () => 500, rest: 10_000 })(blockFor(text), text), answer);
    assert.deepEqual(await survivorsOf(await running(starts())), []);
  });
}

test("xzProver: a program that does not answer is asked no more, one that answers in between is", { timeout: 30_000 }, async (t) => {
  if (!needs(t, "xz")) return;
  const text = Buffer.from("Package: one\n");
  const block = blockFor(text);
  const { program: silent, starts } = await xzThat("exec sleep 20");
  const prove = xzProver(silent, { patience: () => 100, rest: 10_000 });
  for (let asked = 0; asked < 10; asked++) assert.equal(await prove(block, text), undefined);
  assert.equal(starts().length, 6, "three times, in both ways");

  // Of each six starts the first four are killed.
  const { program: forgetful } = await xzThat('[ $((($(wc -l <"$(dirname "$0")/log") - 1) % 6)) -ge 4 ] || kill -9 $$');
  const proveSome = xzProver(forgetful, { patience: () => 10_000, rest: 0 });
  const answers: (boolean | undefined)[] = [];
  for (let asked = 0; asked < 6; asked++) answers.push(await proveSome(block, text));
  assert.deepEqual(answers.slice(0, 3), [undefined, undefined, true]);
  assert.ok(answers.slice(3).includes(true));
});

test("xzProver: when the child gives something else, the block is not proven", { timeout: 30_000 }, async (t) => {
  if (!needs(t, "xz")) return;
  const { program: odd } = await xzThat('printf "Package: two\\n\\n"; exec cat >/dev/null');
  const text = Buffer.from("Package: one\n");
  assert.equal(await xzProver(odd)(blockFor(text), text), false);
});

test("xzProver: where no file can be made for it, a child of its own is asked", async (t) => {
  if (!needs(t, "xz")) return;
  const module = JSON.stringify(new URL("../../lib/io/prove-xz.ts", import.meta.url).href);
  const text = Buffer.from("Package: one\n");
  const { bytes, unpaddedBytes } = blockFor(text);
  const block = `{ bytes: Buffer.from("${bytes.toString("hex")}", "hex"), unpaddedBytes: ${unpaddedBytes} }`;
  const script = `
    import { xzProver } from ${module};
    console.log(await xzProver(${JSON.stringify(program())})(${block}, Buffer.from("${text.toString("hex")}", "hex")));
  `;
  const env = { ...process.env, TMPDIR: "/nowhere" };
  const run = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], { env, timeout: 30_000, encoding: "utf8" });
  assert.deepEqual([run.stdout, run.status], ["true\n", 0], run.stderr);
});
