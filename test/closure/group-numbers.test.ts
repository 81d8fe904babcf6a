import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { GroupNumbers } from "../../lib/closure/group-numbers.ts";
import { splitGroups } from "../../lib/deb822/relations.ts";

const piece = fc.constantFrom("a", "b", " ", "  ", ",", "\n ", "\t", "\r", "|", "(>= 1)", "\xa0", "\xff");
const field = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

test("law: groups have the same number where splitGroups finds the same text, and read as that text", () => {
  fc.assert(
    fc.property(fc.array(field, { maxLength: 6 }), (fields) => {
      const numbers = new GroupNumbers();
      const known = new Map<string, number>();
      for (const text of fields) {
        const bytes = Buffer.from(`before${text}after`, "latin1");
        const found: number[] = [];
        numbers.each(bytes, 6, 6 + text.length, (group) => found.push(group));
        assert.deepEqual(
          found.map((group) => numbers.textOf(group)),
          splitGroups(text),
        );
        for (const [position, group] of splitGroups(text).entries()) {
          assert.equal(found[position], known.get(group) ?? known.size);
          known.set(group, found[position] ?? -1);
        }
      }
      assert.equal(numbers.count, known.size);
    }),
    { numRuns: 2000 },
  );
});

test("groups: a quarter of a million keep their numbers while the table grows", () => {
  const numbers = new GroupNumbers();
  const bytes = Buffer.from(Array.from({ length: 250_000 }, (_, position) => `p${position}`).join(", "));
  for (const _ of [1, 2]) {
    let next = 0;
    numbers.each(bytes, 0, bytes.length, (group) => assert.equal(group, next++));
    assert.equal(next, 250_000);
  }
});

test("groups that are hard to tell apart are refused, not compared without end", () => {
  const bytes = Buffer.from(Array.from({ length: 5000 }, (_, position) => `p${position}`).join(", "));
  assert.throws(() => new GroupNumbers(10).each(bytes, 0, bytes.length, () => {}), {
    code: "INDEX_TOO_LARGE",
    message: /hard to tell apart as "p\d+", at most 10 comparisons/,
  });
});
