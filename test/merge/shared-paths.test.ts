/** Two packages under one path: one of them stays, whatever a mirror writes to make that dear. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { packages } from "../../lib/kinds/packages.ts";
import type { IndexInput } from "../../lib/merge/candidate.ts";
import { withoutSharedPaths } from "../../lib/merge/shared-paths.ts";
import { AMD64, deb, input, mergeIndex, told } from "./inputs.ts";

const LIMIT_MS = 10_000;
const A = "a".repeat(64);
const B = "b".repeat(64);

const left = (one: IndexInput): readonly string[] => told(withoutSharedPaths(packages, mergeIndex(packages, AMD64, [one], {})).kept);

test("shared paths: of one mirror's versions under one path the newest stays, whatever their order", () => {
  const at = (version: string, digest: string) => deb("x", version, { Filename: "x.deb", SHA256: digest });
  assert.deepEqual(left(input("one", 0, [at("1", A), at("2", B)])), ["x 2 amd64 one"]);
  assert.deepEqual(left(input("one", 0, [at("2", A), at("1", B)])), ["x 2 amd64 one"]);
});

test("shared paths: the same file under one path is no conflict", () => {
  const at = (name: string) => deb(name, "1", { Filename: "pool/x.deb", SHA256: A });
  assert.equal(left(input("one", 0, [at("x"), at("y")])).length, 2);
});

test("shared paths: a hundred thousand paths with the same end take no more than their number", () => {
  const end = "x".repeat(60);
  const stanzas = Array.from({ length: 100_000 }, (_, number) => deb(`p${number}`, "1", { Filename: `pool/${number}/${end}.deb` }));
  const started = performance.now();
  assert.equal(left(input("one", 0, stanzas)).length, 100_000);
  assert.ok(performance.now() - started < LIMIT_MS);
});
