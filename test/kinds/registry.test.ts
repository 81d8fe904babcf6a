/** What every index kind must keep to; a new kind is tested here without a further line. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseArchitecture, parseIndexPath, SOURCE } from "../../lib/archive/names.ts";
import { ARCHITECTURE, DIGEST, NAME, PATH, SOURCE_FIELD, VERSION } from "../../lib/kinds/index-kind.ts";
import { KINDS, kindNamed } from "../../lib/kinds/registry.ts";

const AMD64 = parseArchitecture("amd64");

for (const kind of KINDS) {
  test(`${kind.name}: its fields are lower-case, once each, the shared ones in the shared places`, () => {
    assert.deepEqual(
      kind.fields,
      [...new Set(kind.fields)].map((field) => field.toLowerCase()),
    );
    const shared = [NAME, VERSION, ARCHITECTURE, SOURCE_FIELD].map((position) => kind.fields[position]);
    assert.deepEqual(shared, ["package", "version", "architecture", "source"]);
    assert.equal(kind.fields[PATH], kind.pathField.toLowerCase());
    assert.match(kind.fields[DIGEST] ?? "", /sha256/);
  });

  test(`${kind.name}: its index has a path of its own, which a Release may list`, () => {
    const path = `${kind.folder("main", kind.perArchitecture ? AMD64 : SOURCE)}/${kind.fileName}`;
    assert.equal(parseIndexPath(path), path);
    assert.match(path, /^main\//);
  });

  test(`${kind.name}: is found by its name`, () => assert.equal(kindNamed(kind.name), kind));
}

test("KINDS: paths differ between kinds, and sources come last", () => {
  const paths = KINDS.map((kind) => `${kind.folder("main", AMD64)}/${kind.fileName}`);
  assert.equal(new Set(paths).size, KINDS.length);
  assert.equal(KINDS.at(-1)?.type, "source");
});

test("KINDS: paths are Debian's", () => {
  assert.equal(kindNamed("packages").folder("contrib", AMD64), "contrib/binary-amd64");
  assert.equal(kindNamed("udeb").folder("main", AMD64), "main/debian-installer/binary-amd64");
  assert.equal(kindNamed("sources").folder("main", SOURCE), "main/source");
});
