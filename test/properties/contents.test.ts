/** Laws of merging Contents: whatever lines come, in whatever order and chunks, the merge is the one that a few slow lines make. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ContentsUnsorted } from "../../lib/contents/contents-unsorted.ts";
import type { MergeLimits } from "../../lib/contents/merge-contents.ts";
import { isPathBorder } from "../../lib/contents/path-borders.ts";
import { type Given, type Merged, merge } from "../contents/merging.ts";

const BECOMES: Readonly<Record<string, string | undefined>> = { x: "x", y: undefined, "s/x": "t/x", "area/s/x": "area/s/x", z: "x" };
/** Inputs have mirrors of their own: what one gives is not what another gives. */
const placeIn =
  (position: number) =>
  (location: string): string | undefined =>
    position !== 1 && location in BECOMES ? BECOMES[location] : location;

const word = fc.oneof(
  fc.constantFrom("a", "b", "/", "usr/share/doc/", " ", "  ", "\t", "-", "\xe9", "\r", "\x01", "FILE"),
  fc.string({ unit: "binary", maxLength: 2 }).map((text) => Buffer.from(text).toString("latin1")),
);
const location = fc.oneof({ weight: 6, arbitrary: fc.constantFrom("x", "y", "s/x", "area/s/x", "z", "") }, { weight: 1, arbitrary: word });
const path = fc.oneof(
  { weight: 2, arbitrary: fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 6 }).map((letters) => letters.join("")) },
  { weight: 2, arbitrary: fc.constantFrom("a", "b", "ab", "a\x01") },
  { weight: 1, arbitrary: fc.array(word, { maxLength: 4 }).map((words) => words.join("").replaceAll("\n", "")) },
);
const line = fc
  .tuple(
    path,
    fc.constantFrom(" ", "   ", "\t", "\t  ", " \t", "\t\t", ""),
    fc.array(location, { minLength: 1, maxLength: 3 }),
    fc.constantFrom("", "", "", "\r"),
  )
  .map(([text, space, list, end]) => text + space + list.join(",").replaceAll("\n", "") + end);
const lines = fc.array(
  fc.oneof({ weight: 20, arbitrary: line }, { weight: 1, arbitrary: fc.constantFrom("", "FILE   LOCATION", "a\0 x") }),
  {
    maxLength: 30,
  },
);

interface Read {
  readonly path: string;
  readonly space: string;
  readonly list: readonly string[];
}

/** Slow and plain. */
function readLine(raw: string): Read | undefined {
  if (raw.includes("\0")) return undefined;
  const [, path = "", space = "", list = ""] = /^(.*?)([ \t]*)([^ \t]*)$/s.exec(raw.replace(/\r+$/, "")) ?? [];
  if (path === "" || space === "" || list === "") return undefined;
  const blanks = space.includes("\t") ? space.indexOf("\t") : 0;
  return { path: path + space.slice(0, blanks), space: space.slice(blanks), list: list.split(",").filter((one) => one !== "") };
}

/** Latin1 compares as its bytes do. */
const byBytes = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

function withoutHeader(all: readonly string[]): readonly string[] {
  return all.slice(1 + all.findIndex((raw) => /^FILE[ \t]+LOCATION[ \t\r]*$/.test(raw)));
}

function slowMerge(inputs: readonly (readonly string[])[]): string {
  const found = new Map<string, { readonly space: string; readonly list: Set<string> }>();
  for (const { raw, position } of inputs.flatMap((lines, position) => withoutHeader(lines).map((raw) => ({ raw, position })))) {
    const read = readLine(raw);
    const list = read?.list.map(placeIn(position)).filter((one) => one !== undefined) ?? [];
    if (read === undefined || list.length === 0) continue;
    const before = found.get(read.path);
    if (before === undefined) found.set(read.path, { space: read.space, list: new Set(list) });
    else for (const one of list) before.list.add(one);
  }
  const sorted = [...found].sort(([left], [right]) => byBytes(left, right));
  return sorted.map(([path, { space, list }]) => `${path}${space}${[...list].join(",")}\n`).join("");
}

/** As whoever calls it has to. */
async function mergeInTheEnd(given: readonly Given[], limits: Partial<MergeLimits>): Promise<Merged> {
  try {
    return await merge(given, limits);
  } catch (error) {
    if (!(error instanceof ContentsUnsorted)) throw error;
    assert.notEqual(given[error.input]?.sorted, false);
    return mergeInTheEnd(given.with(error.input, { text: "", ...given[error.input], sorted: false }), limits);
  }
}

const input = fc.record({ lines, sorted: fc.boolean(), chunkBytes: fc.integer({ min: 1, max: 100 }), ended: fc.boolean() });
const limits = fc.record({
  aheadBytes: fc.constantFrom(0, 50, 100_000),
  runBytes: fc.constantFrom(20, 200, 100_000),
  blockBytes: fc.constantFrom(1, 60, 100_000),
});

test("law: a merge of Contents is the slow one, for any lines, order, chunks and limits", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(input, { maxLength: 4 }), limits, async (inputs, limited) => {
      const sortedLines = inputs.map((one) => {
        if (!one.sorted) return one.lines;
        return [...one.lines].sort((left, right) => byBytes(readLine(left)?.path ?? "", readLine(right)?.path ?? ""));
      });
      const given = inputs.map(({ chunkBytes, ended }, position) => {
        const text = (sortedLines[position] ?? []).map((raw) => `${raw}\n`).join("");
        return { text: ended || text.endsWith("\n\n") ? text : text.slice(0, -1), chunkBytes, place: placeIn(position) };
      });
      const merged = await mergeInTheEnd(given, limited);
      assert.equal(merged.text, slowMerge(sortedLines));
      for (const [position, stats] of merged.stats.entries()) {
        const rows = given[position]?.text.split("\n") ?? [];
        if (rows.at(-1) === "") rows.pop();
        const behind = withoutHeader(rows);
        const read = behind.flatMap((raw) => readLine(raw) ?? []);
        const placed = read.map(({ list }) => list.filter((one) => placeIn(position)(one) !== undefined).length);
        const [listed, left] = [read.reduce((sum, { list }) => sum + list.length, 0), placed.reduce((sum, one) => sum + one, 0)];
        const { firstSkipped: _, ...amounts } = stats;
        assert.deepEqual(amounts, {
          lines: rows.length,
          header: rows.length - behind.length,
          kept: placed.filter((one) => one > 0).length,
          locationsOut: listed - left,
          skipped: behind.length - read.length,
        });
      }
    }),
    { numRuns: 300 },
  );
});

test("law: every border behind 16 KiB begins a block, and nothing else does but what follows a full one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1_000_000 }), fc.constantFrom(5000, 100_000), async (seed, blockBytes) => {
      const paths = Array.from({ length: 20_000 }, (_, n) => `p/${Math.imul(n + seed, 0x9e3779b1) >>> 0}`).sort();
      const { blocks } = await merge([{ text: paths.map((path) => `${path} x\n`).join("") }], { blockBytes });
      const border = (row: string): boolean => {
        const path = Buffer.from(row.split(" ")[0] ?? "", "latin1");
        return isPathBorder(new DataView(path.buffer, path.byteOffset, path.length), 0, path.length);
      };
      for (const [position, block] of blocks.entries()) {
        const [first = "", ...rest] = block.text.trimEnd().split("\n");
        assert.ok(position === 0 || border(first) || (blocks[position - 1]?.text.length ?? 0) >= blockBytes);
        const far = rest.filter((row) => block.text.indexOf(`\n${row}\n`) + 1 >= 16 * 1024);
        assert.deepEqual(far.filter(border), []);
        assert.ok(position === blocks.length - 1 || block.text.length >= Math.min(blockBytes, 16 * 1024));
      }
    }),
    { numRuns: 10 },
  );
});
