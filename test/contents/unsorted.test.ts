import assert from "node:assert/strict";
import { test } from "node:test";
import { ContentsUnsorted } from "../../lib/contents/contents-unsorted.ts";
import { mergeContents } from "../../lib/contents/merge-contents.ts";
import { MergeError } from "../../lib/errors.ts";
import { chunksOf, inputOf, LIMITS, merge, mergedText } from "./merging.ts";

/** As reprepro writes it: folder by folder, files before folders. */
const BY_FOLDER = `usr/a\t    x/a
usr/z\t    x/a
usr/lib/libz.so\t    x/b
usr/lib/sub/a\t    x/a,x/b
usr/lib-foo/a\t    x/a
usr/lib.d/a\t    x/a
usr/share/a/b\t    x/b
usr/share/a  b/b\t    x/b
`;
const BY_PATH = `usr/a\t    x/a
usr/lib-foo/a\t    x/a
usr/lib.d/a\t    x/a
usr/lib/libz.so\t    x/b
usr/lib/sub/a\t    x/a,x/b
usr/share/a  b/b\t    x/b
usr/share/a/b\t    x/b
usr/z\t    x/a
`;

for (const [name, inputs, expected] of [
  ["folder by folder, as reprepro writes", [BY_FOLDER], BY_PATH],
  [
    "beside one in order",
    ["usr/b 1\nusr/z 1\n", BY_FOLDER],
    BY_PATH.replace("usr/lib-", "usr/b 1\nusr/lib-").replace(/usr\/z\t.*/, "usr/z 1,x/a"),
  ],
  ["lines of one path far apart, in the order in which they came", ["b 1\na 1\nb 3\na 2\nb 2\n"], "a 1,2\nb 1,3,2\n"],
  ["only its last line out of order", ["b 1\nc 1\na 1"], "a 1\nb 1\nc 1\n"],
  ["lines that cannot be read between", ["b 1\n\nc\0 1\na 1\r\n"], "a 1\nb 1\n"],
  ["a path behind one that it begins", ["a\x01 1\na 1\n"], "a 1\na\x01 1\n"],
  ["a header above", ["some prose\nFILE LOCATION\nb 1\na 1\n"], "a 1\nb 1\n"],
] as const) {
  test(`mergeContents: an input out of order is sorted: ${name}`, async () => {
    assert.equal(await mergedText(...inputs), expected);
    const given = inputs.map((text) => ({ text }));
    for (const runBytes of [1, 50, 120]) assert.equal((await merge(given, { runBytes })).text, expected);
  });
}

test("mergeContents: what is told of an input that had to be sorted", async () => {
  const place = (location: string): string | undefined => (location === "x/a" ? undefined : location);
  const { stats, blocks } = await merge([{ text: `prose\nFILE LOCATION\n${BY_FOLDER}bad\n`, place }], { runBytes: 64 });
  const because = "no white space stands between a path and a list of packages";
  assert.deepEqual(stats, [{ lines: 11, header: 2, kept: 4, locationsOut: 5, skipped: 1, firstSkipped: { line: 11, because } }]);
  assert.equal(blocks[0]?.lines, 4);
});

test("mergeContents: many lines in no order, in many runs", async () => {
  const lines = Array.from({ length: 20_000 }, (_, n) => `usr/${((n * 7919) % 20_011) + 100_000} doc/p${n % 13}`);
  const { text } = await merge([{ text: lines.join("\n") }], { aheadBytes: 100_000, runBytes: 30_000 });
  assert.equal(text, `${lines.sort().join("\n")}\n`);
});

const late = `${Array.from({ length: 2000 }, (_, n) => `usr/${1000 + n} x\n`).join("")}usr/1 x\n`;

test("mergeContents: disorder that shows too late stops the merge, nothing wrong is handed out as whole", async () => {
  const given = [{ text: "a 1\n" }, { text: late }];
  const failed = merge(given, { aheadBytes: 100, blockBytes: 100 });
  await assert.rejects(failed, (error) => {
    assert.ok(error instanceof ContentsUnsorted && error instanceof MergeError);
    assert.equal(error.code, "INDEX_MALFORMED");
    assert.equal(error.input, 1);
    assert.equal(
      error.message,
      "Cannot merge main/Contents-amd64 of m1/sid as it comes: the path of line 2001 sorts before the one above it, it must not",
    );
    return true;
  });
});

test("mergeContents: an input that is declared not to be sorted comes out right", async () => {
  const { text } = await merge([{ text: "a 1\n" }, { text: late, sorted: false }], { aheadBytes: 100, blockBytes: 100 });
  assert.equal(text, `a 1\nusr/1 x\n${late.slice(0, -"usr/1 x\n".length)}`);
  assert.equal((await merge([{ text: BY_PATH, sorted: false }])).text, BY_PATH);
});

/** Chunks that note when nobody reads them any longer. */
function watched(text: string, closed: string[]): AsyncIterable<Buffer> {
  return (async function* () {
    try {
      yield* chunksOf(text, 10);
    } finally {
      closed.push(text.slice(0, 1));
    }
  })();
}

const failing: AsyncIterable<Buffer> = (async function* () {
  yield Buffer.from("a x\nb x\n");
  throw new MergeError("INDEX_MISMATCH", "Cannot use it");
})();

test("mergeContents: when one input fails, the failure is told and all others are closed", async () => {
  const closed: string[] = [];
  const long = (letter: string): string => `${letter} x\n`.repeat(1000);
  const inputs = [watched(long("a"), closed), failing, watched(long("b"), closed)].map((chunks, n) => ({
    ...inputOf({ text: "" }, n),
    chunks,
  }));
  const told: unknown[] = [];
  const reading = async (): Promise<void> => {
    const all = inputs.map((input) => ({ ...input, ended: (stats: unknown) => told.push(stats) }));
    for await (const _ of mergeContents(all, { ...LIMITS, aheadBytes: 100 }));
  };
  await assert.rejects(reading(), { code: "INDEX_MISMATCH" });
  assert.deepEqual(closed.sort(), ["a", "b"]);
  assert.deepEqual(told, []);
});

test("mergeContents: when the blocks are not read to their end, the inputs are closed", async () => {
  const closed: string[] = [];
  const text = Array.from({ length: 1000 }, (_, n) => `a${1000 + n} x\n`).join("");
  const inputs = [{ ...inputOf({ text: "" }, 0), chunks: watched(text, closed) }];
  for await (const _ of mergeContents(inputs, { ...LIMITS, aheadBytes: 100, blockBytes: 100 })) break;
  assert.deepEqual(closed, ["a"]);
});
