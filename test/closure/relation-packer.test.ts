/** Packed, stanzas say the same as in their indices: which packages cannot be installed is found from either, in whatever order they come. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RELATION_FIELDS, type RelationStanza, relationText } from "../../lib/closure/relation-fields.ts";
import { type PackedRelations, RelationPacker, unpackRelations } from "../../lib/closure/relation-packer.ts";
import { findUninstallable, openRelations, RELATIONS } from "../../lib/closure/uninstallable.ts";
import { aside } from "../../lib/io/aside.ts";
import { p, stanzas, type Written } from "./stanzas.ts";

const some = stanzas(
  p("a", "b (>= 2), c | d"),
  p("b", "", { provides: "" }),
  p("e", "v (= 2)", { preDepends: "gone" }),
  p("v-giver", "", { provides: "v (= 2)", version: "1:2~3" }),
  p("f", "e"),
  p("a", "v", { version: "9" }),
);

function packed(all: readonly RelationStanza[]): readonly PackedRelations[] {
  const parts: PackedRelations[] = [];
  const packer = new RelationPacker((part) => parts.push(part));
  for (const { table, stanza } of all) packer.add(table, stanza);
  packer.end();
  return parts;
}

const textsOf = (all: readonly RelationStanza[]) =>
  all.map((one) => (["package", "version", ...RELATION_FIELDS] as const).map((field) => relationText(one, field)));

const unpacked = (parts: readonly PackedRelations[]): readonly RelationStanza[] =>
  parts.map(unpackRelations).flatMap((table) => Array.from({ length: table.count }, (_, stanza) => ({ table, stanza })));

test("RelationPacker: every field reads as in the index, absent and empty ones too", () => {
  assert.deepEqual(textsOf(unpacked(packed(some))), textsOf(some));
  assert.deepEqual(packed([]), []);
});

test("RelationPacker: more than one part holds, and a stanza larger than a part", () => {
  const many = Array.from({ length: 9000 }, (_, place) => p(`p${place}`, `p${place + 1} (>= 1), p${place + 2}`));
  const all = stanzas(...many, p("large", Array.from({ length: 60_000 }, (_, place) => `p${place}`).join(", ")), p("last"));
  const parts = packed(all);
  assert.ok(parts.length >= 3, `${parts.length} parts`);
  assert.deepEqual(textsOf(unpacked(parts)), textsOf(all));
});

const name = fc.constantFrom("a", "b", "c", "d", "e", "v");
const relation = fc
  .array(fc.tuple(name, fc.constantFrom("", " (>= 2)", " (= 1)", ":any", " [amd64]", " [!amd64]")), { maxLength: 3 })
  .map((all) => all.map(([to, form]) => to + form).join(", "));
const written: fc.Arbitrary<Written> = fc
  .tuple(name, relation, relation, fc.constantFrom("1", "2"))
  .map(([own, depends, provides, version]) => p(own, depends, { provides, version }));

test("law: of stanzas that came in parts from several tables, those that are asked about are judged as if there were no others", () => {
  fc.assert(
    fc.property(fc.array(fc.array(written, { maxLength: 6 }), { maxLength: 4 }), fc.infiniteStream(fc.nat()), (tables, numbers) => {
      const next = (below: number): number => numbers.next().value % below;
      const read = tables.map((all) => stanzas(...all));
      const task = openRelations("amd64");
      const left = read.map((all) => [...all]);
      // In turns, as they come.
      for (let more = left.flat().length; more > 0; ) {
        const table = next(left.length);
        const some = left[table]?.splice(0, 1 + next(3)) ?? [];
        more -= some.length;
        for (const part of packed(some)) task.take({ table, packed: part });
      }
      const chosen = read.flatMap((all, table) => all.map((one, stanza) => ({ one, table, stanza }))).filter(() => next(4) > 0);
      chosen.sort(() => next(3) - 1);
      const found = task.answer(Uint32Array.from(chosen.flatMap(({ table, stanza }) => [table, stanza])));
      assert.deepEqual(
        found,
        findUninstallable(
          chosen.map(({ one }) => one),
          "amd64",
        ),
      );
    }),
    { numRuns: 500 },
  );
});

test("RELATIONS: in a thread of its own the same is found; a stanza that was not given is a slip", async () => {
  const ask = async (chosen: readonly number[]) => {
    const work = await aside.open(RELATIONS, "amd64");
    for (const part of packed(some)) work.give({ table: 3, packed: part }, [part.bytes.buffer, part.spans.buffer]);
    return work.answer(Uint32Array.from(chosen), []);
  };
  const found = await ask(some.flatMap((_, stanza) => [3, stanza]));
  assert.deepEqual(found, findUninstallable(some, "amd64"));
  assert.deepEqual(
    found.broken.map(({ name }) => name),
    ["e", "f"],
  );
  await assert.rejects(ask([3, 6]), /Stanza 6 of table 3 was not given/);
});
