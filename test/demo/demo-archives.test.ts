import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { loadSettings } from "../../config/load.ts";
import { sha256Of } from "../../lib/archive/digests.ts";
import { type FileEntry, parseRelease } from "../../lib/archive/release.ts";
import { compareVersions } from "../../lib/archive/version.ts";
import { isolatedApt } from "../support/apt.ts";
import type { Tree } from "../support/archive.ts";
import { runWell } from "../support/child.ts";
import { fieldOf, sourceOf } from "../support/debian-cut.ts";
import { serve } from "../support/fault-server.ts";
import { gpgv } from "../support/gpgv.ts";
import { machineSources } from "../support/machine-sources.ts";
import { needs } from "../support/needs.ts";

const DEMO = join(import.meta.dirname, "../../config/demo");
const ARCHIVES = ["base", "overlay"] as const;
type Name = (typeof ARCHIVES)[number];

const MAX_DEMO_BYTES = 150_000;

async function treeOf(folder: string): Promise<Tree> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(files.map(async (path) => [path.slice(folder.length + 1), await readFile(path)] as const)));
}

const trees = { base: await treeOf(join(DEMO, "base")), overlay: await treeOf(join(DEMO, "overlay")) };
const keys = { base: await readFile(join(DEMO, "keys/base.asc")), overlay: await readFile(join(DEMO, "keys/overlay.asc")) };

function file(name: Name, path: string): Buffer {
  const bytes = trees[name].get(`dists/demo-${name}/${path}`);
  if (bytes === undefined) throw new Error(`Cannot find ${path} of the demo's ${name}`);
  return bytes;
}

const release = (name: Name) => parseRelease(file(name, "Release"), { mirror: name });

const plainOf = (name: Name, index: string) => runWell("xz", ["--decompress", "--stdout"], { input: file(name, `${index}.xz`) });

async function stanzas(name: Name, index: string): Promise<readonly string[]> {
  const text = (await plainOf(name, `main/${index}`)).toString("latin1").trim();
  return text === "" ? [] : text.split(/\n\n+/);
}

const named = (list: readonly string[], name: string) => list.filter((stanza) => fieldOf(stanza, "Package") === name);
const versions = (list: readonly string[], name: string) => named(list, name).map((stanza) => fieldOf(stanza, "Version") ?? "");

for (const name of ARCHIVES) {
  test(`gpgv accepts both signatures of the demo's ${name} with its own key alone`, async (t) => {
    if (!needs(t, "gpgv")) return;
    const clear = await gpgv(keys[name], file(name, "InRelease"));
    assert.equal(clear.good.length, 1, clear.status.join("\n"));
    assert.deepEqual(clear.text, file(name, "Release"));
    const detached = await gpgv(keys[name], file(name, "Release"), file(name, "Release.gpg"));
    assert.deepEqual(detached.good, clear.good);
    const other = keys[name === "base" ? "overlay" : "base"];
    assert.deepEqual((await gpgv(other, file(name, "InRelease"))).good, []);
  });

  test(`every file that the demo's ${name} lists is there and is what its Release says, compressed and plain`, async (t) => {
    if (!needs(t, "xz")) return;
    const entries = [...release(name).entries.values()];
    assert.ok(entries.length > 0);
    const found = await Promise.all(entries.map(async ({ path }) => (path.endsWith(".xz") ? file(name, path) : plainOf(name, path))));
    const facts = (entry: Pick<FileEntry, "bytes" | "sha256">) => [entry.bytes, entry.sha256];
    assert.deepEqual(
      found.map((bytes) => [bytes.length, sha256Of(bytes)]),
      entries.map(facts),
    );
    const listed = entries.flatMap(({ path }) => (path.endsWith(".xz") ? [`dists/demo-${name}/${path}`] : []));
    const signed = ["InRelease", "Release", "Release.gpg"].map((path) => `dists/demo-${name}/${path}`);
    assert.deepEqual([...trees[name].keys()].sort(), [...listed, ...signed].sort());
  });

  test(`the demo's ${name} never expires`, () => {
    assert.equal(release(name).fields.get("valid-until"), undefined);
    assert.match(release(name).fields.get("date") ?? "", / Nov 2026 /);
  });

  test(`every binary of the demo's ${name} has its source in it`, async (t) => {
    if (!needs(t, "xz")) return;
    const sources = (await stanzas(name, "source/Sources")).map((stanza) => `${fieldOf(stanza, "Package")} ${fieldOf(stanza, "Version")}`);
    const indices = ["all", "amd64", "arm64"].flatMap((architecture) => [
      `binary-${architecture}/Packages`,
      `debian-installer/binary-${architecture}/Packages`,
    ]);
    const binaries = (await Promise.all(indices.map((index) => stanzas(name, index)))).flat();
    const orphans = binaries.map(sourceOf).filter((source) => !sources.includes(`${source.name} ${source.version}`));
    assert.deepEqual(orphans, []);
  });

  test(`apt reads the demo's ${name} without complaint`, async (t) => {
    if (!needs(t, "apt-get")) return;
    const root = await mkdtemp(join(tmpdir(), "demo-test-"));
    t.after(() => rm(root, { recursive: true, force: true }));
    await using server = await serve(trees[name]);
    const apt = await isolatedApt(root, { architectures: ["amd64", "arm64"] });
    const keyring = await apt.keyFile(`${name}.asc`, keys[name]);
    await apt.sources(...["deb", "deb-src"].map((type) => `${type} [signed-by=${keyring}] ${server.url} demo-${name} main`));
    const update = await apt.update();
    assert.deepEqual([update.rc, update.complaints], [0, []], update.output);
    const candidates = await apt.candidates();
    assert.deepEqual(
      [candidates.get("hello"), candidates.get("demo-tools"), candidates.get("tree")],
      name === "base" ? ["2.10-3", undefined, "2.1.0-1"] : ["2.10-2+demo1", "1.1-1", undefined],
    );
    assert.equal(candidates.get("hello:arm64"), candidates.get("hello"));
  });
}

test("the demo has one of everything that a merge has to decide", async (t) => {
  if (!needs(t, "xz")) return;
  const base = await stanzas("base", "binary-amd64/Packages");
  const overlay = [...(await stanzas("overlay", "binary-amd64/Packages")), ...(await stanzas("overlay", "binary-all/Packages"))];
  const baseSources = await stanzas("base", "source/Sources");
  const architectures = (list: readonly string[], name: string) => named(list, name).map((stanza) => fieldOf(stanza, "Architecture"));
  const [lower = "", higher = ""] = [versions(overlay, "hello")[0], versions(base, "hello")[0]];

  assert.ok(compareVersions(lower, higher) < 0, "a shadowed package whose version is higher");
  assert.deepEqual([named(base, "tree").length, named(overlay, "tree").length], [1, 0], "a package of the base alone");
  assert.deepEqual(
    [named(base, "demo-archive-keyring").length, named(overlay, "demo-archive-keyring").length],
    [0, 1],
    "one of the overlay",
  );
  assert.deepEqual(
    versions(await stanzas("overlay", "binary-amd64/Packages"), "libdemo++1"),
    ["0.9-1", "1.0-1+b1"],
    "two versions of one name in one index",
  );
  assert.deepEqual(architectures(overlay, "demo-tools").sort(), ["all", "amd64"], "a name for all and for one architecture");
  assert.deepEqual([architectures(base, "cowsay"), architectures(overlay, "cowsay")], [["all"], ["amd64"]]);
  assert.deepEqual([named(base, "g++").length, named(base, "libsigc++-2.0-0v5").length], [1, 1], "names with a plus");
  assert.deepEqual(
    [versions(baseSources, "unicode-data").length, baseSources.filter((stanza) => fieldOf(stanza, "Extra-Source-Only")).length],
    [2, 1],
  );
  for (const name of ARCHIVES) {
    for (const architecture of ["amd64", "arm64"]) {
      const udebs = await stanzas(name, `debian-installer/binary-${architecture}/Packages`);
      assert.equal(named(udebs, "nano-udeb").length, 1, `nano-udeb for ${architecture} in ${name}`);
    }
  }
  assert.equal(release("base").fields.get("no-support-for-architecture-all"), "Packages");
  assert.equal(release("overlay").fields.get("no-support-for-architecture-all"), undefined);
});

test("the demo's config merges the two archives, the overlay first", async () => {
  const { settings, warnings } = await loadSettings(join(DEMO, "aptmerge.yaml"), {});
  assert.deepEqual(warnings, []);
  assert.deepEqual(
    settings.suites.map(({ name, from, sources }) => [name, from.map(({ mirror, suite }) => `${mirror.name}/${suite}`), sources]),
    [["demo", ["overlay/demo-overlay", "base/demo-base"], true]],
  );
  assert.deepEqual(
    Array.from(settings.mirrors.values(), ({ urls, pool }) => [urls, pool]),
    [
      [[pathToFileURL(join(DEMO, "overlay")).href], "OVERLAY"],
      [[pathToFileURL(join(DEMO, "base")).href], "BASE"],
    ],
  );
});

test("every override of the demo is for a package that it has", async (t) => {
  if (!needs(t, "xz")) return;
  const all = async (index: string) => (await Promise.all(ARCHIVES.map((name) => stanzas(name, index)))).flat();
  const binaries = [...(await all("binary-amd64/Packages")), ...(await all("binary-all/Packages"))];
  const sources = await all("source/Sources");
  for (const [path, list] of [
    ["override.demo.main", binaries],
    ["override.demo.extra.main", binaries],
    ["override.demo.main.src", sources],
  ] as const) {
    const lines = (await readFile(join(DEMO, "indices", path), "utf8")).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    assert.ok(lines.length > 0);
    for (const line of lines) assert.notEqual(named(list, line.split(/\s/)[0] ?? "").length, 0, `${path}: ${line}`);
  }
});

test("the demo is small and names no mirror that this machine knows", async () => {
  const demo = await treeOf(DEMO);
  assert.ok([...demo.values()].reduce((sum, bytes) => sum + bytes.length, 0) < MAX_DEMO_BYTES);
  const hosts = (await machineSources()).map(({ baseUri }) => new URL(baseUri).hostname);
  for (const [path, bytes] of demo) {
    const text = path.endsWith(".xz") ? await runWell("xz", ["--decompress", "--stdout"], { input: bytes }) : bytes;
    for (const host of hosts) assert.ok(!text.includes(host), `${path} names ${host}`);
  }
});
