import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_LINE_BYTES } from "../../lib/contents/line-reader.ts";
import { MergeError } from "../../lib/errors.ts";
import { merge, mergedText } from "./merging.ts";

for (const [name, line, because] of [
  ["an empty line", "", "it is empty"],
  ["nothing but a carriage return", "\r", "it is empty"],
  ["no white space", "usr/bin/a", "no white space stands between a path and a list of packages"],
  ["no list", "usr/bin/a  ", "nothing stands behind its white space"],
  ["no list before a carriage return", "usr/bin/a \t\r", "nothing stands behind its white space"],
  ["no path", " \tx/a", "no path stands before its white space"],
  ["a NUL in the path", "usr/\0/a x/a", "it holds a NUL"],
  ["a NUL in the list", "usr/bin/a x/\0", "it holds a NUL"],
] as const) {
  test(`mergeContents: a line with ${name} is left out and counted, those around it stay`, async () => {
    const { text, stats } = await merge([{ text: `a x/a\n${line}\nz x/z\n${line}\n` }]);
    assert.equal(text, "a x/a\nz x/z\n");
    assert.deepEqual(stats, [{ lines: 4, header: 0, kept: 2, locationsOut: 0, skipped: 2, firstSkipped: { line: 2, because } }]);
  });
}

for (const [name, text, expected] of [
  ["a carriage return at the end of a line is no part of the list", "a x\r\nb x\r\nc y\r\r\nd\ty\n", "a x\nb x\nc y\nd\ty\n"],
  ["a carriage return elsewhere is a byte like others", "a\rb x\n", "a\rb x\n"],
  ["the last line may lack its newline", "a x\nb y", "a x\nb y\n"],
  ["a path may begin with white space", "  a x\n", "  a x\n"],
  ["a path may hold tabs", "a\tb\t c\tx\n", "a\tb\t c\tx\n"],
  ["a path may be any bytes", "\x01\x7f\x80\xfe x\n", "\x01\x7f\x80\xfe x\n"],
] as const) {
  test(`mergeContents: ${name}`, async () => assert.equal(await mergedText(text), expected));
}

test("mergeContents: lines with a NUL are found wherever they lie in a long text", async () => {
  const lines = Array.from({ length: 60_000 }, (_, n) => `usr/${n % 2 === 0 ? "\0" : ""}share/doc/package-${100_000 + n} doc/x`);
  const wanted = lines.filter((line) => !line.includes("\0"));
  for (const chunkBytes of [300_000, 111_111]) {
    const { text, stats } = await merge([{ text: `${lines.join("\n")}\n`, chunkBytes }]);
    assert.equal(text, `${wanted.join("\n")}\n`);
    assert.equal(stats[0]?.skipped, lines.length - wanted.length);
  }
});

test("mergeContents: a list that is the end of the one above is not taken for it", async () => {
  assert.equal(await mergedText("a y/x\nb x\nc y/x\nd zy/x\n"), "a y/x\nb x\nc y/x\nd zy/x\n");
});

test("mergeContents: a line as long as may be, in chunks of any size", async () => {
  const text = `a x\nb${"b".repeat(MAX_LINE_BYTES - 3)} x\nc x\n`;
  for (const chunkBytes of [100_000, 5_000_000]) assert.equal((await merge([{ text, chunkBytes }])).text, text);
});

test("mergeContents: a line that is longer is malformed, with or without an end", async () => {
  for (const end of [" x\nc x\n", ""]) {
    for (const chunkBytes of [100_000, 5_000_000]) {
      const text = `a x\nb${"b".repeat(MAX_LINE_BYTES)}${end}`;
      await assert.rejects(merge([{ text: "a y\n" }, { text, chunkBytes }]), (error) => {
        assert.ok(error instanceof MergeError);
        assert.equal(error.code, "INDEX_MALFORMED");
        assert.deepEqual(error.where, { mirror: "m1", suite: "sid", file: "main/Contents-amd64" });
        assert.equal(
          error.message,
          `Cannot read main/Contents-amd64 of m1/sid: line 2 has more than ${MAX_LINE_BYTES} bytes, it must be shorter`,
        );
        return true;
      });
    }
  }
});

test("mergeContents: lines of one path may not be joined without end", async () => {
  const lists = Array.from({ length: 5 }, (_, n) => `a ${n}${"x".repeat(1_000_000)}\n`);
  assert.equal((await mergedText(...lists.slice(0, 4))).length, 4_000_010);
  await assert.rejects(mergedText(lists.join("")), { code: "INDEX_MALFORMED" });
});

const HEADER = "This file maps each file available\n\nto the package it is from.\n\nFILE                     LOCATION\n";

for (const [name, text, expected, header] of [
  ["prose above FILE LOCATION is left out with it", `${HEADER}a x\n`, "a x\n", 5],
  ["FILE LOCATION may be the first line", "FILE\t\tLOCATION \r\na x\n", "a x\n", 1],
  ["there may be nothing behind it", HEADER, "", 5],
  ["a path that begins with FILE is none", "FILE LOCATION x\n", "FILE LOCATION x\n", 0],
  ["FILE LOCATION further below is a line", `${"a x\n".repeat(250)}FILE LOCATION\n`, "FILE LOCATION\na x\n", 0],
  ["nor is one beyond 64 KiB", `${"a".repeat(70_000)} x\nFILE LOCATION\n`, `FILE LOCATION\n${"a".repeat(70_000)} x\n`, 0],
] as const) {
  test(`mergeContents: header: ${name}`, async () => {
    for (const chunkBytes of [7, 1000, 1_000_000]) {
      const merged = await merge([{ text, chunkBytes }]);
      assert.equal(merged.text, expected);
      assert.equal(merged.stats[0]?.header, header);
      assert.equal(merged.stats[0]?.skipped, 0);
      assert.equal(merged.stats[0]?.lines, text.split("\n").length - 1);
    }
  });
}

test("mergeContents: a NUL in a header says nothing of the lines behind it, and numbers of lines count the header", async () => {
  const { text, stats } = await merge([{ text: `\0${HEADER}a x\n\nb x\0\nc x\n` }]);
  assert.equal(text, "a x\nc x\n");
  assert.deepEqual(stats[0]?.firstSkipped, { line: 7, because: "it is empty" });
  assert.equal(stats[0]?.skipped, 2);
});
