import assert from "node:assert/strict";
import { test } from "node:test";
import { scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { LoadedInput } from "../../lib/pipeline/loaded-input.ts";
import { input } from "../merge/inputs.ts";

const TEXT = "Package: a\nVersion: 1\n\n";
/** More than Node's pool holds, of text and of places in it. */
const MANY = 20_000;

function loaded(bytes: Buffer): { readonly one: LoadedInput; readonly table: ReturnType<typeof scanStanzas> } {
  const table = scanStanzas(bytes, packages.fields, { mirror: "m", suite: "s", file: "f" });
  const one = new LoadedInput({ watched: false, ...input("m", 0, []) });
  one.show(table, true);
  return { table, one };
}

test("LoadedInput: what was given back takes no memory, and to read it is an error", () => {
  const { one, table } = loaded(Buffer.from(TEXT.repeat(MANY)));
  assert.equal(one.table, table);
  one.giveBack();
  assert.equal(table.bytes.buffer.byteLength, 0);
  assert.equal(table.spans.buffer.byteLength, 0);
  assert.throws(() => one.table, /An index of .* is read after it was given back/);
  one.giveBack();
});

test("LoadedInput: a pool that others share stays", () => {
  const bytes = Buffer.from(TEXT);
  assert.equal(bytes.buffer.byteLength, Buffer.poolSize);
  loaded(bytes).one.giveBack();
  assert.equal(bytes.toString(), TEXT);
});
