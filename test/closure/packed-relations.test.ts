/** Packed, stanzas say the same as in their indices: which packages cannot be installed is found from either. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { packRelations, unpackRelations } from "../../lib/closure/packed-relations.ts";
import { RELATION_FIELDS, relationText } from "../../lib/closure/relation-fields.ts";
import { FIND_UNINSTALLABLE, findUninstallable, uninstallablePacked } from "../../lib/closure/uninstallable.ts";
import { aside } from "../../lib/io/aside.ts";
import { p, stanzas } from "./stanzas.ts";

const some = [
  ...stanzas(p("a", "b (>= 2), c | d"), p("b", "", { provides: "" }), p("e", "v (= 2)", { preDepends: "gone" })),
  ...stanzas(p("v-giver", "", { provides: "v (= 2)", version: "1:2~3" }), p("f", "e"), p("a", "v", { version: "9" })),
];

test("packRelations: every field reads as in the index, absent and empty ones too", () => {
  const texts = (all: typeof some) =>
    all.map((one) => (["package", "version", ...RELATION_FIELDS] as const).map((field) => relationText(one, field)));
  assert.deepEqual(texts([...unpackRelations(packRelations(some))]), texts(some));
  assert.deepEqual(unpackRelations(packRelations([])), []);
});

test("uninstallablePacked: here or in a thread of its own, the same is found as without packing", async () => {
  const found = findUninstallable(some, "amd64");
  assert.deepEqual(
    found.map(({ name }) => name),
    ["e", "f"],
  );
  const packed = packRelations(some);
  assert.deepEqual(uninstallablePacked({ packed, architecture: "amd64" }), found);
  assert.deepEqual(await aside.run(FIND_UNINSTALLABLE, { packed, architecture: "amd64" }, [packed.bytes.buffer]), found);
  assert.equal(packed.bytes.length, 0, "it changed hands");
});
