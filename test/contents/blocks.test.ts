import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeContents } from "../../lib/contents/merge-contents.ts";
import { isPathBorder } from "../../lib/contents/path-borders.ts";
import { inputOf, LIMITS, type MergedBlock, merge } from "./merging.ts";

const paths = Array.from({ length: 60_000 }, (_, n) => `usr/share/doc/package-${100_000 + n * 2}/changelog.Debian.gz`);
const textOf = (all: readonly string[]): string => all.map((path) => `${path} doc/package${path.slice(22, 26)}\n`).join("");
const textsOf = (blocks: readonly MergedBlock[]): readonly string[] => blocks.map(({ text }) => text);

test("mergeContents: paths that all end alike make blocks of a fair size", async () => {
  const { blocks, text } = await merge([{ text: textOf(paths) }]);
  assert.equal(text, textOf(paths));
  assert.ok(blocks.length >= 4 && blocks.length <= 20, String(blocks.length));
});

test("mergeContents: a line that comes changes one block and moves no other border", async () => {
  const before = await merge([{ text: textOf(paths) }]);
  for (const added of ["usr/share/doc/package-150001/copyright", "usr/bin/a", "usr/zzz"]) {
    const after = await merge([{ text: textOf(paths) }, { text: textOf([added]) }]);
    const known = new Set(textsOf(before.blocks));
    assert.equal(textsOf(after.blocks).filter((text) => !known.has(text)).length, 1);
  }
});

test("isPathBorder: the same borders in every version, or all blocks would be compressed anew", () => {
  const found = Array.from({ length: 60_000 }, (_, n) => `usr/lib/a${n}.so`).filter((path) => {
    const bytes = Buffer.from(path);
    return isPathBorder(new DataView(bytes.buffer, bytes.byteOffset), 0, bytes.length);
  });
  assert.deepEqual(found, ["usr/lib/a320.so", "usr/lib/a715.so", "usr/lib/a21545.so", "usr/lib/a50839.so", "usr/lib/a55421.so"]);
});

test("mergeContents: paths that are all borders do not make a block each", async () => {
  const border = "usr/lib/a320.so";
  assert.equal((await merge([{ text: `a x\n${border} x\nz x\n` }])).blocks.length, 1);
  const long = `a ${"x".repeat(20_000)}\n`;
  assert.deepEqual(textsOf((await merge([{ text: `${long}${border} x\nz x\n` }])).blocks), [long, `${border} x\nz x\n`]);
});

test("mergeContents: a block is ended behind what makes it too long, but never within a path", async () => {
  const text = Array.from({ length: 1000 }, (_, n) => `path/${1000 + Math.floor(n / 10)} package${n}\n`).join("");
  const { blocks } = await merge([{ text }], { blockBytes: 300 });
  const perPath = " package000,package111".length * 5 + "path/1000\n".length;
  for (const block of blocks) assert.ok(block.text.length < 300 + perPath, String(block.text.length));
  const seen = blocks.flatMap((block) => block.text.match(/^path\/\d+/gm) ?? []);
  assert.equal(seen.length, 100);
  assert.equal(new Set(seen).size, 100);
  assert.equal(
    blocks.reduce((sum, { lines }) => sum + lines, 0),
    100,
  );
});

test("mergeContents: the bytes of a block stay until it is released", async () => {
  const given = { text: textOf(paths.slice(0, 5000)) };
  const kept = [];
  for await (const block of mergeContents([inputOf(given, 0)], { ...LIMITS, blockBytes: 10_000 })) kept.push(block);
  assert.equal(Buffer.concat(kept.map(({ bytes }) => bytes)).toString("latin1"), given.text);
  const used: string[] = [];
  for await (const block of mergeContents([inputOf(given, 0)], { ...LIMITS, blockBytes: 10_000 })) {
    used.push(block.bytes.toString("latin1"));
    block.release();
  }
  assert.equal(used.join(""), given.text);
});

test("mergeContents: a line that needs more room than a block", async () => {
  const text = `a x\nb${"b".repeat(500_000)} x,y\nc x\n`;
  assert.equal((await merge([{ text }], { blockBytes: 1000 })).text, text);
});
