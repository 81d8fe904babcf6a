import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { listName, readListed } from "../../config/from-apt/lists-folder.ts";
import { archive } from "../support/archive.ts";
import { newKey } from "../support/keys.ts";

for (const [name, uri, suite, expected] of [
  ["a suite", "http://a.example/debian", "stable", "a.example_debian_dists_stable_InRelease"],
  ["a slash at the end", "http://a.example/debian/", "stable", "a.example_debian_dists_stable_InRelease"],
  ["a suite with a slash", "http://a.example/debian", "stable/updates", "a.example_debian_dists_stable_updates_InRelease"],
  ["a port", "http://a.example:8080/d", "stable", "a.example:8080_d_dists_stable_InRelease"],
  ["credentials", "https://user:secret@a.example/d", "stable", "a.example_d_dists_stable_InRelease"],
  ["a folder", "file:/srv/my_archive~1", "stable", "_srv_my%5farchive%7e1_dists_stable_InRelease"],
  ["a folder with three slashes", "file:///srv/a+b", "stable", "_srv_a+b_dists_stable_InRelease"],
  ["a flat archive", "http://a.example/flat", "./", "a.example_flat_._InRelease"],
  ["a flat archive as a slash", "http://a.example/flat", "/", "a.example_flat_InRelease"],
] as const) {
  test(`listName: ${name}`, () => assert.equal(listName(uri, suite, "InRelease"), expected));
}

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "lists-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

test("readListed: fields of a real InRelease, and of a plain Release", async (t) => {
  const lists = await folder(t);
  const tree = await archive({ suite: "stable", key: await newKey(), origin: "Somebody" }).build();
  const [inRelease, release] = [tree.get("dists/stable/InRelease") ?? assert.fail(), tree.get("dists/stable/Release") ?? assert.fail()];
  await writeFile(join(lists, listName("http://a.example/one", "stable", "InRelease")), inRelease);
  await writeFile(join(lists, listName("http://a.example/two", "stable", "Release")), release);
  for (const uri of ["http://a.example/one", "http://a.example/two"]) {
    const fields = await readListed(lists, uri, "stable");
    assert.deepEqual([fields?.get("origin"), fields?.get("codename"), fields?.has("sha256")], ["Somebody", "stable", false]);
  }
  assert.equal(await readListed(lists, "http://a.example/three", "stable"), undefined);
  assert.equal(await readListed(join(lists, "absent"), "http://a.example/one", "stable"), undefined);
});

test("readListed: a damaged file counts as absent", async (t) => {
  const lists = await folder(t);
  await writeFile(join(lists, listName("http://a.example/d", "stable", "InRelease")), "no field\n");
  assert.equal(await readListed(lists, "http://a.example/d", "stable"), undefined);
});
