import assert from "node:assert/strict";
import { test } from "node:test";
import { merge, mergedText } from "./merging.ts";

for (const [name, inputs, expected] of [
  ["no input, no block", [], ""],
  ["empty inputs, no block", ["", ""], ""],
  [
    "one input comes out as it was",
    ["bin/a   x/a\nbin/b\tx/b\nusr/a b  c\tnon-free/x/c,d\n"],
    "bin/a   x/a\nbin/b\tx/b\nusr/a b  c\tnon-free/x/c,d\n",
  ],
  ["lines of several inputs in byte order of the path", ["a 1\nc 1\ne 1\n", "b 2\nf 2\n", "d 3\n"], "a 1\nb 2\nc 1\nd 3\ne 1\nf 2\n"],
  ["the path counts, not the line: a blank sorts above a tab", ["a\t1\n", "a b\t2\n", "a\x08\t3\n"], "a\t1\na\x08\t3\na b\t2\n"],
  ["a path before those that it begins", ["usr 1\n", "usr/a 2\n", "usr/ 3\n"], "usr 1\nusr/ 3\nusr/a 2\n"],
  ["letters beyond ASCII behind all others", ["z 1\n", "\xc3\xa9 2\n", "\xff\xfe 3\n"], "z 1\n\xc3\xa9 2\n\xff\xfe 3\n"],
  ["locations of one path in order of the inputs", ["a 2\n", "a 1\n", "a 3\n"], "a 2,1,3\n"],
  ["each location once", ["a x,y\n", "a y,z\n", "a x\n"], "a x,y,z\n"],
  ["several lines of one path in one input", ["a 1\na 2\na 1\nb 1\n"], "a 1,2\nb 1\n"],
  ["and in several", ["a 1\na 2\n", "a 3\na 2\na 4\n"], "a 1,2,3,4\n"],
  ["white space of the first line", ["a\t  1\n", "a 2\n"], "a\t  1,2\n"],
  ["of which a location stayed", ["a   ,\na\t1\n", "a 2\n"], "a\t1,2\n"],
  ["paths that differ in blanks at their end are two where a tab follows", ["a\t1\na \t2\n"], "a\t1\na \t2\n"],
  ["a path of one letter, and the same from elsewhere, behind a longer one", ["Z/z 1\na 1\n", "a 2\naa 2\n"], "Z/z 1\na 1,2\naa 2\n"],
  [
    "a path that others begin with, then one that only begins like those",
    ["a 1\nabcd 1\nabd 1\n", "abcdef 2\n"],
    "a 1\nabcd 1\nabcdef 2\nabd 1\n",
  ],
  ["EMPTY_PACKAGE is a path", ["EMPTY_PACKAGE x/a,x/b\n", "EMPTY_PACKAGE x/c\n"], "EMPTY_PACKAGE x/a,x/b,x/c\n"],
] as const) {
  test(`mergeContents: ${name}`, async () => assert.equal(await mergedText(...inputs), expected));
}

test("mergeContents: the same for chunks of any size", async () => {
  const text = Array.from({ length: 300 }, (_, n) => `usr/share/doc/p${1000 + n}/copyright   doc/p${n % 7}\n`).join("");
  const other = Array.from({ length: 300 }, (_, n) => `usr/share/doc/p${1000 + n}/changelog\tdoc/q,doc/p${n}\n`).join("");
  const whole = await mergedText(text, other);
  assert.equal(whole.split("\n").length, 601);
  for (const chunkBytes of [1, 2, 3, 7, 64, 1_000_000]) assert.equal((await merge([{ text, chunkBytes }, { text: other }])).text, whole);
});

test("mergeContents: locations are placed, others are taken out, lines without any are dropped", async () => {
  const place = (location: string): string | undefined => ({ "x/a": "y/a", b: "b", "x/c": "x/c" })[location];
  const { text, stats, blocks } = await merge([
    { text: "1 x/a\n2 b\n3 x/c,lost\n4 lost\n5 lost,x/a,b\n6 b\n", place },
    { text: "4 d\n6 x/a\n" },
  ]);
  assert.equal(text, "1 y/a\n2 b\n3 x/c\n4 d\n5 y/a,b\n6 b,x/a\n");
  assert.deepEqual(
    stats.map(({ lines, kept, locationsOut }) => [lines, kept, locationsOut]),
    [
      [6, 5, 3],
      [2, 2, 0],
    ],
  );
  assert.deepEqual(
    blocks.map(({ lines, rewritten }) => [lines, rewritten]),
    [[6, 2]],
  );
});

test("mergeContents: what was joined to one line is not taken to be in the next", async () => {
  const rewritten = { text: "a x\nb q\n", place: (location: string) => (location === "q" ? "w" : location) };
  assert.equal((await merge([rewritten, { text: "a y\nb y\n" }])).text, "a x,y\nb w,y\n");
});

test("mergeContents: the same list, placed elsewhere, is joined as it was placed", async () => {
  assert.equal((await merge([{ text: "a s/x\n" }, { text: "a s/x\n", place: () => "t/x" }])).text, "a s/x,t/x\n");
});

for (const [name, list, expected] of [
  ["two that become one", "x/a,y/a", "a z/a\n"],
  ["an empty one", "q,,r", "a q,r\n"],
  ["nothing but empty ones", ",,", ""],
  ["one that is named twice", "q,q", "a q\n"],
] as const) {
  test(`mergeContents: a list with ${name}`, async () => {
    const place = (location: string): string => location.replace(/^[xy]\//, "z/");
    assert.equal((await merge([{ text: `a ${list}\n`, place }])).text, expected);
  });
}

test("mergeContents: a location is placed once, in however many lines and lists it is", async () => {
  const asked: string[] = [];
  const place = (location: string): string => {
    asked.push(location);
    return location;
  };
  const text = Array.from({ length: 1000 }, (_, n) => `path${1000 + n} x,y${n % 10},z\n`).join("");
  await merge([{ text, place }]);
  assert.deepEqual(asked.sort(), ["x", ...Array.from({ length: 10 }, (_, n) => `y${n}`), "z"]);
});

test("mergeContents: more lists than are remembered, short and long", async () => {
  const text = Array.from({ length: 70_000 }, (_, n) => `p${100_000 + n} ${n % 50 === 0 ? "l".repeat(1500) : "s"}${n % 66_000}\n`).join("");
  const place = (location: string): string | undefined => (location.endsWith("7") ? undefined : location);
  const wanted = text.split("\n").filter((line) => line !== "" && !line.endsWith("7"));
  assert.deepEqual((await merge([{ text, place }])).text.trimEnd().split("\n"), wanted);
});

test("mergeContents: a location that would break its line is a bug of the caller", async () => {
  for (const becomes of ["a b", "a,b", "a\nb", "a\tb", "\u0100"]) {
    await assert.rejects(merge([{ text: "a x\n", place: () => becomes }]), /which cannot be written/);
  }
});
