/** Two packages under one path: one of them stays, whatever a mirror writes to make that dear. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { packages } from "../../lib/kinds/packages.ts";
import type { IndexInput } from "../../lib/merge/candidate.ts";
import { contestRules, NO_FINDINGS } from "../../lib/merge/contest-rules.ts";
import { gather } from "../../lib/merge/gather.ts";
import { decideIndex } from "../../lib/merge/merge-index.ts";
import { withoutSharedPaths } from "../../lib/merge/shared-paths.ts";
import { AMD64, deb, input, policyOf, told } from "./inputs.ts";

const LIMIT_MS = 10_000;
const A = "a".repeat(64);
const B = "b".repeat(64);

function left(...inputs: readonly IndexInput[]): readonly string[] {
  const rules = contestRules(packages, AMD64, policyOf({}), NO_FINDINGS);
  const gathered = gather(packages, AMD64, inputs, rules);
  return told(withoutSharedPaths(packages, decideIndex(gathered, rules), gathered.paths).kept);
}

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

test("shared paths: one path in two mirrors stays with the first, however it is written, and not where each has its own prefix", () => {
  const at = (name: string, path: string, digest: string) => deb(name, "1", { Filename: path, SHA256: digest });
  const first = [at("x", "./x.deb", A)];
  const second = [at("y", "x.deb", B)];
  assert.deepEqual(left(input("one", 0, first), input("two", 1, second)), ["x 1 amd64 one"]);
  assert.deepEqual(left(input("one", 0, first, { pool: "ONE" }), input("two", 1, second, { pool: "TWO" })), [
    "x 1 amd64 one",
    "y 1 amd64 two",
  ]);
});

test("shared paths: of three packages under one path two go, and others stay whose paths only look alike", () => {
  const at = (name: string, path: string, digest: string) => deb(name, "1", { Filename: path, SHA256: digest });
  const C = "c".repeat(64);
  const stanzas = [at("x", "p/f.deb", A), at("y", "p/f.deb", B), at("z", "p/f.deb", C), at("w", "q/f.deb", C), at("v", "p/ff.deb", B)];
  assert.deepEqual(left(input("one", 0, stanzas)), ["v 1 amd64 one", "w 1 amd64 one", "x 1 amd64 one"]);
});
