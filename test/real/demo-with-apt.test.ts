/** The demo as a new user sees it: one command, and a real apt and gpgv that know nothing of aptmerge take the result. */
import assert from "node:assert/strict";
import { readdir, readFile, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { isolatedApt } from "../support/apt.ts";
import type { Tree } from "../support/archive.ts";
import { serve } from "../support/fault-server.ts";
import { gpgv } from "../support/gpgv.ts";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { aptmerge } from "./aptmerge.ts";

const demo = await temporaryFolder();
const made = await aptmerge(["demo", demo]);

test("the demo publishes, says why names were won, and how to go on", () => {
  assert.deepEqual([made.rc, made.stderr], [0, ""]);
  assert.match(made.stdout, /^Suite demo: published$/m);
  assert.match(made.stdout, /^Published generation 1\.$/m);
  assert.match(made.stdout, /wins +overlay\/demo-overlay main 2\.10-2\+demo1/);
  assert.match(made.stdout, /loses +base\/demo-base main 2\.10-3/);
  assert.ok(made.stdout.includes(`deb [signed-by=${demo}/key.asc] file:${demo} demo main`), made.stdout);
});

test("the demo's tree is sound by verify's own words, with and without apt", async (t) => {
  const plain = await aptmerge(["verify", demo]);
  assert.deepEqual([plain.rc, plain.stderr], [0, ""]);
  assert.match(plain.stdout, /^demo: 13 files, 5 indices with 126 stanzas, signed by [0-9A-F]{40}\nThe tree is sound$/m);
  if (!needs(t, "apt-get")) return;
  const withApt = await aptmerge(["verify", "--with-apt", demo]);
  assert.deepEqual([withApt.rc, withApt.stderr], [0, ""]);
  assert.match(withApt.stdout, /^demo: apt-get update reads it without complaint$/m);
});

test("verify says no, with exit status 5, when one byte of the tree is another one", async () => {
  const copy = await temporaryFolder();
  assert.equal((await aptmerge(["demo", copy])).rc, 0);
  const index = join(copy, "dists/demo/main/binary-amd64/Packages.xz");
  const bytes = await readFile(index);
  bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100);
  await writeFile(index, bytes);
  const { rc, stderr } = await aptmerge(["verify", copy]);
  assert.equal(rc, 5, stderr);
  assert.match(stderr, /^aptmerge: error TREE_UNSOUND: Cannot vouch for .*Packages\.xz: /m);
  assert.match(stderr, /^ {2}hint: /m);
});

test("gpgv accepts InRelease and Release.gpg of the demo's tree with its key.asc alone", async (t) => {
  if (!needs(t, "gpgv")) return;
  const at = (path: string) => readFile(join(demo, path));
  const [key, release] = [await at("key.asc"), await at("dists/demo/Release")];
  const clear = await gpgv(key, await at("dists/demo/InRelease"));
  assert.equal(clear.good.length, 1, clear.stderr);
  assert.deepEqual(clear.text, release);
  assert.deepEqual((await gpgv(key, release, await at("dists/demo/Release.gpg"))).good, clear.good);
});

test("a real apt over http takes the demo's tree by-hash without complaint, and sees what the contests decided", async (t) => {
  if (!needs(t, "apt-get", "apt-cache")) return;
  await using server = await serve(await treeOf(demo));
  const apt = await isolatedApt(await temporaryFolder(), { architectures: ["amd64", "arm64"] });
  const keyring = await apt.keyFile("demo.asc", await readFile(join(demo, "key.asc")));
  await apt.sources(...["deb", "deb-src"].map((type) => `${type} [signed-by=${keyring}] ${server.url} demo main`));
  const update = await apt.update();
  assert.deepEqual([update.rc, update.complaints], [0, []], update.output);

  const asked = server.requests.map(({ path }) => path);
  const inside = asked.filter((path) => !/^\/dists\/demo\/InRelease$/.test(path));
  assert.ok(inside.length >= 3, asked.join("\n"));
  for (const path of inside) assert.match(path, /^\/dists\/demo\/main\/(binary-(amd64|arm64)|source)\/by-hash\/SHA256\/[0-9a-f]{64}$/);

  const policies = await apt.policy("hello", "jq", "libdemo++1", "demo-tools", "cowsay", "nano-tiny", "nano-udeb");
  const seen = (name: string) => [policies.get(name)?.candidate, policies.get(name)?.versions.map(({ version }) => version)];
  // The fork wins although Debian's version is higher; only one of the two is there.
  assert.deepEqual(seen("hello"), ["2.10-2+demo1", ["2.10-2+demo1"]]);
  assert.deepEqual(seen("libdemo++1"), ["1.0-1+b1", ["1.0-1+b1", "0.9-1"]]);
  assert.deepEqual(seen("demo-tools"), ["1.1-1", ["1.1-1", "1.0-1"]]);
  assert.deepEqual(seen("cowsay"), ["3.03+dfsg2-8+demo1", ["3.03+dfsg2-8+demo1"]]);
  assert.deepEqual(seen("jq"), ["1.6-2.1+deb12u2", ["1.6-2.1+deb12u2"]]);
  assert.equal(policies.get("nano-tiny")?.candidate, "7.2-1+deb12u1");
  assert.equal(policies.get("nano-udeb"), undefined, "udebs are none of apt's ordinary packages");

  const uris = async (name: string) => (await apt.sourceUris(name)).map((uri) => uri.slice(server.url.length + 1));
  const forked = await uris("hello");
  assert.ok(forked.length >= 2 && forked.every((uri) => uri.startsWith("pool/OVERLAY/main/h/hello/hello_2.10")), forked.join(" "));
  const kept = await uris("nano=7.2-1+deb12u1");
  assert.ok(kept.length >= 2 && kept.every((uri) => uri.startsWith("pool/BASE/main/n/nano/nano_7.2")), kept.join(" "));
  const [deb = ""] = await apt.downloadUris("jq");
  assert.equal(deb.slice(server.url.length + 1), "pool/BASE/main/j/jq/jq_1.6-2.1%2bdeb12u2_amd64.deb");
});

test("a real apt takes the demo's suite by its alias too, without complaint", async (t) => {
  if (!needs(t, "apt-get")) return;
  const apt = await isolatedApt(await temporaryFolder());
  await apt.sources(`deb [signed-by=${demo}/key.asc] file:${demo} demo-stable main`);
  const update = await apt.update();
  assert.deepEqual([update.rc, update.complaints], [0, []], update.output);
});

test("the demo's Release lists debian-installer and Sources, and apt can be told to read udebs", async (t) => {
  const release = await readFile(join(demo, "dists/demo/Release"), "utf8");
  for (const index of ["debian-installer/binary-amd64/Packages", "debian-installer/binary-arm64/Packages", "source/Sources"]) {
    for (const ending of ["", ".gz", ".xz"]) assert.ok(release.includes(` main/${index}${ending}\n`), `${index}${ending}`);
  }
  if (!needs(t, "apt-get", "apt-cache")) return;
  await using server = await serve(await treeOf(demo));
  const apt = await isolatedApt(await temporaryFolder());
  const keyring = await apt.keyFile("demo.asc", await readFile(join(demo, "key.asc")));
  await apt.sources(`deb [signed-by=${keyring}] ${server.url} demo main/debian-installer`);
  await apt.update();
  const udebs = await apt.candidates();
  assert.equal(udebs.get("nano-udeb"), "7.2-1+demo1");
});

test("a second demo into the same folder goes on from the first", async () => {
  const folder = await temporaryFolder();
  const [first, second] = [await aptmerge(["demo", folder]), await aptmerge(["demo", folder])];
  assert.deepEqual([first.rc, second.rc], [0, 0], second.stderr);
  assert.match(second.stdout, /^Published generation 2\.$/m);
  assert.equal((await aptmerge(["verify", folder])).rc, 0);
});

/** What a web server would answer from this folder. */
async function treeOf(output: string): Promise<Tree> {
  const live = await realpath(join(output, "current"));
  const entries = await readdir(live, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.map(async (path) => [path.slice(live.length + 1), await readFile(path)] as const)));
}
