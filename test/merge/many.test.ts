/** Hostile amounts: a lesser mirror may be huge, it must not take the run down. */
import assert from "node:assert/strict";
import test from "node:test";
import { parseArchitecture } from "../../lib/archive/names.ts";
import { scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { sources } from "../../lib/kinds/sources.ts";
import { deb, input, mergeIndex } from "./inputs.ts";

const AMD64 = parseArchitecture("amd64");

test("mergeIndex: 200,000 refused stanzas of one name are refused, and no call overflows", () => {
  const wrong = deb("x", "1", { Architecture: "s390x" });
  const text = Buffer.concat(Array.from({ length: 200_000 }, () => Buffer.concat([wrong, Buffer.from("\n")])));
  const huge = { ...input("huge", 0, []), table: scanStanzas(text, packages.fields, {}) };
  const merged = mergeIndex(packages, AMD64, [huge, input("small", 1, [deb("x", "2"), deb("y", "1")])], "priority");
  assert.equal(merged.refused.length, 200_000);
  assert.equal(merged.kept.length, 1);
});

test("mergeIndex: 30,000 versions of one name take no minutes", () => {
  const versions = Array.from({ length: 30_000 }, (_, position) => deb("x", `1.${position}`));
  const started = performance.now();
  const merged = mergeIndex(packages, AMD64, [input("a", 0, versions), input("b", 1, versions)], "all");
  assert.equal(merged.kept.length, 30_000);
  // It took over a minute when each was compared with each.
  assert.ok(performance.now() - started < 15_000);
});

test("sources: a stanza that lists 600,000 files is looked at line by line", () => {
  const line = ` ${"a".repeat(64)} 1 file_1.dsc\n`;
  const table = scanStanzas(Buffer.from(`Package: x\nVersion: 1\nChecksums-Sha256:\n${line.repeat(600_000)}`), sources.fields, {});
  assert.equal(sources.fault(table, 0, false), undefined);
});

test("scanStanzas: an index of nothing but names ends in INDEX_TOO_LARGE, not in an empty memory", () => {
  assert.throws(() => scanStanzas(Buffer.from("A:\n\n".repeat(2_000_001)), packages.fields, {}), { code: "INDEX_TOO_LARGE" });
});
