/** Data of software centres follows the packages, as the real appstreamcli reads it. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { readTar, TAR_END, tarEntry } from "../../lib/appstream/tar.ts";
import { run } from "../support/child.ts";
import { needs } from "../support/needs.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const CATALOG = "main/dep11/Components-amd64.yml";
const ICONS = "main/dep11/icons-64x64.tar";

const header = (media: string): string => `---\nFile: DEP-11\nVersion: '0.16'\nOrigin: some-main\nMediaBaseUrl: ${media}\n`;
const component = (name: string, summary: string): string => `---
Type: desktop-application
ID: org.example.${name}.desktop
Package: ${name}
Name:
  C: ${name}
Summary:
  C: ${summary}
Description:
  C: <p>A program of which much could be said, and some of it is.</p>
Icon:
  cached:
  - name: ${name}_${name}.png
    width: 64
    height: 64
Screenshots:
- default: true
  source-image:
    url: ${name}/shot.png
    width: 100
    height: 100
`;
const icons = (...all: readonly (readonly [name: string, bytes: string])[]): Buffer =>
  Buffer.concat([...all.map(([name, bytes]) => tarEntry({ name, bytes: Buffer.from(bytes) })), TAR_END]);

const overlay = () =>
  upstream()
    .deb(deb("editor", "2"))
    .index(CATALOG, header("https://overlay.example/media") + component("editor", "ours"))
    .index(ICONS, icons(["editor_editor.png", "our picture"], ["stray_stray.png", "x"], ["../evil_x.png", "x"]));
const base = () =>
  upstream()
    .deb(deb("editor", "1"))
    .deb(deb("pager"))
    .index(
      CATALOG,
      header("https://base.example/media") +
        component("pager", "a pager") +
        component("editor", "theirs") +
        component("gone", "no package"),
    )
    .index(ICONS, icons(["pager_pager.png", "pager's"], ["editor_editor.png", "their picture"], ["editor_old.png", "old"]));
const SUITES = { suites: { merged: { from: ["overlay/stable", "base/stable"] } } };

const iconsOf = async (world: TestWorld): Promise<object> => {
  const tar = gunzipSync(await readFile(join(world.output, "dists/merged", `${ICONS}.gz`)));
  return Object.fromEntries(readTar(tar, { file: ICONS }).map(({ name, bytes }) => [name, bytes.toString()]));
};

test("dep11: components and icons of the winners, media of another mirror named in full", async (t) => {
  const world = await newWorld(t, { overlay: overlay(), base: base() }, SUITES);
  const { exit, problems } = await world.run();
  assert.deepEqual([exit, problems], [0, []]);
  const full = component("pager", "a pager").replace("url: pager/shot.png", 'url: "https://base.example/media/pager/shot.png"');
  const expected = '---\nFile: DEP-11\nVersion: "0.16"\nOrigin: "merged-main"\nMediaBaseUrl: "https://overlay.example/media"\n';
  assert.equal(await world.text(CATALOG), expected + component("editor", "ours") + full);
  assert.deepEqual(await iconsOf(world), { "editor_editor.png": "our picture", "pager_pager.png": "pager's" });
});

test("dep11: the real appstreamcli reads the merged catalog", async (t) => {
  if (!needs(t, "appstreamcli")) return;
  const world = await newWorld(t, { overlay: overlay(), base: base() }, SUITES);
  assert.equal((await world.run()).exit, 0);
  const [yaml, xml] = [join(world.folder, "catalog.yml"), join(world.folder, "catalog.xml")];
  await writeFile(yaml, await world.text(CATALOG));
  const converted = await run("appstreamcli", ["convert", yaml, xml]);
  assert.equal(converted.rc, 0, converted.stderr.toString());
  const text = await readFile(xml, "utf8");
  assert.deepEqual(
    Array.from(text.matchAll(/<pkgname>(.*)<\/pkgname>/g), ([, name]) => name),
    ["editor", "pager"],
  );
  assert.match(text, /<components [^>]*origin="merged-main"[^>]*media_baseurl="https:\/\/overlay\.example\/media"/);
  assert.match(text, /<summary>ours<\/summary>/);
  assert.match(text, /https:\/\/base\.example\/media\/pager\/shot\.png/);
  const valid = await run("appstreamcli", ["validate", "--no-net", xml]);
  assert.doesNotMatch(valid.stdout.toString(), /^E:/m);
});

for (const [what, bad] of [
  ["a catalog without a header", base().index(CATALOG, "---\nID: x\n")],
  ["icons that are no archive", base().index(ICONS, "x".repeat(1000))],
] as const) {
  test(`dep11: ${what} goes, with all that it would have gone into, and nothing else`, async (t) => {
    const world = await newWorld(t, { overlay: overlay(), base: bad }, SUITES);
    const { exit, warnings } = await world.run();
    assert.deepEqual([exit, warnings], [0, ["INDEX_MALFORMED"]]);
    const release = await world.read("dists/merged/Release");
    const there = [CATALOG, ICONS].map((path) => release.includes(` ${path}\n`));
    assert.deepEqual(there, what.startsWith("icons") ? [true, false] : [false, true]);
    assert.deepEqual(await world.packages(), ["editor 2", "pager 1.0"]);
  });
}
