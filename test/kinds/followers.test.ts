/** What every kind of index that follows the packages must do, tried on each of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Block } from "../../lib/archive/block.ts";
import { ALL, parseArchitecture, parseComponentName, parseSuiteName } from "../../lib/archive/names.ts";
import { MergeError, type Problem } from "../../lib/errors.ts";
import type { FollowerInput, FollowerKind, FollowerWish, MergedFile } from "../../lib/kinds/follower-kind.ts";
import { FOLLOWERS } from "../../lib/kinds/followers.ts";
import { winnerBook } from "../../lib/kinds/winners.ts";
import { SAMPLES } from "./samples.ts";

const MAIN = parseComponentName("main");
const AMD64 = parseArchitecture("amd64");

const wish = (listed: readonly string[]): FollowerWish => ({
  architectures: [AMD64],
  languages: "all",
  udebs: true,
  sources: true,
  listed: new Set(listed),
});

const inputOf = (bytes: Buffer, rank: number): FollowerInput => ({
  where: { mirror: `mirror-${rank}`, suite: "stable", file: "a file" },
  rank,
  whole: async () => Buffer.from(bytes),
  async *chunks() {
    for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7);
  },
});

async function merge(
  kind: FollowerKind,
  merged: MergedFile,
  files: readonly Buffer[],
  won: readonly (readonly [name: string, rank: number])[],
): Promise<{ text: Buffer; stanzas: number; problems: readonly Problem[] }> {
  const { winners, add } = winnerBook();
  const { md5 } = SAMPLES[kind.name];
  for (const [name, rank] of won) {
    add({ type: merged.type, architecture: merged.architecture, component: MAIN, name, rank, descriptionMd5: md5(name) });
  }
  const parts: Buffer[] = [];
  const problems: Problem[] = [];
  let stanzas = 0;
  const order = {
    ...{ suite: parseSuiteName("merged"), component: MAIN, merged, winners, unsorted: new Set<number>() },
    inputs: files.map(inputOf),
    tell: (one: Problem) => problems.push(one),
  };
  for await (const block of kind.merge(order) as AsyncIterable<Block>) {
    parts.push(Buffer.from(block.bytes));
    stanzas += block.stanzas;
    block.release();
  }
  return { text: Buffer.concat(parts), stanzas, problems };
}

test("FOLLOWERS: each has a name of its own and a sample here", () => {
  const names = FOLLOWERS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual([...names].sort(), Object.keys(SAMPLES).sort());
});

for (const kind of FOLLOWERS) {
  const { path, merged: name, file } = SAMPLES[kind.name];
  const [found] = kind.files("main", wish([path]));
  const merged = found?.merged ?? { name: "", type: "deb" as const, architecture: ALL };

  test(`${kind.name}: takes what a Release lists, and only that`, () => {
    assert.deepEqual([found?.path, merged.name], [path, name]);
    assert.deepEqual(kind.files("main", wish([])), []);
    assert.deepEqual(kind.files("main", wish([`contrib/${path}`, `${path}.d`, `${path}/x`, `x${path}`])), []);
    assert.deepEqual(kind.files("contrib", wish([`main/${name}`])), []);
  });

  test(`${kind.name}: what nobody's package won is not there; what one won is, and the other's is not`, async () => {
    const both = [file(["alpha", "beta"], "first"), file(["alpha", "gamma"], "second")];
    const none = await merge(kind, merged, both, []);
    assert.ok(!/alpha|beta|gamma/.test(none.text.toString("latin1")), none.text.toString("latin1"));
    const some = await merge(kind, merged, both, [
      ["alpha", 1],
      ["beta", 0],
    ]);
    const text = some.text.toString("latin1");
    assert.ok(text.includes("alpha") && text.includes("beta") && !text.includes("gamma"), text);
    if (kind.name !== "translation") assert.ok(text.includes("second-alpha") && !text.includes("first-alpha"), text);
    assert.deepEqual(some.problems, []);
  });

  test(`${kind.name}: merged again it stays as it is`, async () => {
    const won = ["alpha", "beta", "gamma"].map((one) => [one, 0] as const);
    const once = await merge(kind, merged, [file(["gamma", "alpha", "beta"].sort(), "first")], won);
    const twice = await merge(kind, merged, [once.text], won);
    assert.equal(twice.text.toString("latin1"), once.text.toString("latin1"));
    assert.equal(twice.stanzas, once.stanzas);
  });

  test(`${kind.name}: whatever bytes a mirror signs: a clear error, or a merge`, async () => {
    const good = file(["alpha", "beta"], "first");
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.nat(good.length), fc.nat(20), async (noise, at, cut) => {
        const bytes = Buffer.concat([good.subarray(0, at), noise, good.subarray(Math.min(good.length, at + cut))]);
        try {
          await merge(
            kind,
            merged,
            [bytes, good],
            [
              ["alpha", 0],
              ["beta", 1],
            ],
          );
        } catch (error) {
          assert.ok(error instanceof MergeError, String(error));
          assert.match(error.code, /^INDEX_/);
          assert.ok(error.where.mirror !== undefined, error.message);
        }
      }),
      { numRuns: 200 },
    );
  });
}
