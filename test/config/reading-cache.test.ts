/** A config that was read before is not read again, and nothing about it may be another than if it were. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { enableCompileCache, getCompileCacheDir } from "node:module";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { deserialize, serialize } from "node:v8";
import { loadSettings } from "../../config/load.ts";
import { sealed, unsealed } from "../../lib/archive/sealed.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { folderFor, load, SOUND, withLines } from "./config-file.ts";

enableCompileCache(await temporaryFolder());
const CACHE = getCompileCacheDir() ?? assert.fail("Nothing is kept here");
const EXAMPLES = fileURLToPath(new URL("../../config/examples/", import.meta.url));

const slots = async (): Promise<readonly string[]> =>
  existsSync(CACHE) ? (await readdir(CACHE)).filter((name) => name.startsWith("config-")) : [];

/** The only reading that is kept, as its file has it. */
async function theSlot(): Promise<string> {
  const [name, ...others] = await slots();
  assert.deepEqual([typeof name, others], ["string", []]);
  return join(CACHE, name ?? "");
}

/** Changes what is kept, so that it can be told from what is read. */
async function mark(change: (kept: Record<string, unknown>) => object = () => ({})): Promise<void> {
  const slot = await theSlot();
  const kept = deserialize(unsealed(await readFile(slot)) ?? assert.fail("Not sealed"));
  await writeFile(slot, sealed(serialize({ ...kept, settings: { ...kept.settings, state: "/marked" }, ...change(kept) })));
}

async function begin(t: TestContext): Promise<string> {
  for (const name of await slots()) await rm(join(CACHE, name));
  return folderFor(t);
}

const text = `${SOUND.join("\n")}\n`;

test("what is kept of a config is what was read, warnings and all, and is believed", async (t) => {
  const folder = await begin(t);
  const doubtful = withLines({ 4: "  debian: { url: c.example/debian, signed-by: debian.gpg, poll: never }", 10: "policy: { pin: [] }" });
  const first = await load(t, doubtful, {}, folder);
  const second = await load(t, doubtful, {}, folder);
  assert.deepStrictEqual(second, first);
  assert.equal(first.warnings.length, 1);
  const [suite] = second.settings?.suites ?? [];
  assert.equal(suite?.from[0]?.mirror, [...(second.settings?.mirrors.values() ?? [])][0], "one mirror is one thing, as in what was read");
  assert.equal((await stat(await theSlot())).mode & 0o777, 0o600);
  await mark();
  assert.equal((await load(t, doubtful, {}, folder)).settings?.state, "/marked");
});

for (const name of ["apt-newest.yaml", "company.yaml", "derivative.yaml"]) {
  test(`the example ${name} is kept as it was read, unless it takes something from the environment`, async (t) => {
    await begin(t);
    const source = await readFile(join(EXAMPLES, name), "utf8");
    const [first, second] = [await loadSettings(join(EXAMPLES, name), {}), await loadSettings(join(EXAMPLES, name), {})];
    assert.deepStrictEqual(second, first);
    assert.equal((await slots()).length, source.includes("${") ? 0 : 1);
  });
}

for (const [what, change] of [
  ["the text is another", (folder: string) => writeFile(join(folder, "aptmerge.yaml"), `${text}# more\n`)],
  ["a folder of overrides is there now", (folder: string) => mkdir(join(folder, "indices"))],
  [
    "output leads elsewhere now",
    async (folder: string) => {
      await mkdir(join(folder, "elsewhere"));
      await symlink("elsewhere", join(folder, "tree"));
    },
  ],
  ["the program is another", () => mark(() => ({ program: "0".repeat(64) }))],
  ["the record is of another version", () => mark(() => ({ schema: "aptmerge.reading/9" }))],
  ["the record is of another config", () => mark(() => ({ place: "/etc/aptmerge/aptmerge.yaml" }))],
  ["the record lacks what was read", () => mark(() => ({ settings: undefined }))],
  ["the record lacks what the disk was asked", () => mark(() => ({ answers: undefined }))],
  ["a run was killed while it wrote the record", async () => rename(await theSlot(), `${await theSlot()}.new`)],
  [
    "a bit of the record is another",
    async () => {
      const bytes = await readFile(await theSlot());
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      await writeFile(await theSlot(), bytes);
    },
  ],
  ["the record is empty", async () => writeFile(await theSlot(), "")],
  ["the record is not what V8 writes", async () => writeFile(await theSlot(), sealed(Buffer.from("{}")))],
] as const satisfies readonly (readonly [string, (folder: string) => Promise<unknown>])[]) {
  test(`a config is read again when ${what}`, async (t) => {
    const folder = await begin(t);
    await load(t, text, {}, folder);
    await mark();
    await change(folder);
    const { settings } = await loadSettings(join(folder, "aptmerge.yaml"), {});
    assert.equal(settings.state, join(folder, "state"));
    // And then kept as it is now.
    await mark();
    assert.equal((await loadSettings(join(folder, "aptmerge.yaml"), {})).settings.state, "/marked");
  });
}

test("a config that is named otherwise is read again: its name is in messages", async (t) => {
  const folder = await begin(t);
  await load(t, text, {}, folder);
  await mark();
  const { settings } = await loadSettings(`${folder}/./aptmerge.yaml`, {});
  assert.equal(settings.state, join(folder, "state"));
});

for (const [what, lines, env] of [
  ["a passphrase", { 10: "sign: [{ key: key.asc, passphrase: hidden }]" }, {}],
  ["a value of the environment", { 4: `  debian: { url: 'http://\${USER}@c.example/debian', signed-by: debian.gpg }` }, { USER: "hidden" }],
] as const) {
  test(`nothing is kept of a config with ${what}`, async (t) => {
    const folder = await begin(t);
    const { errors, settings } = await load(t, withLines(lines), env, folder);
    assert.deepEqual([errors, settings?.mirrors.size], [[], 1]);
    assert.deepEqual(await slots(), []);
  });
}

test("nothing is kept of a config that is refused", async (t) => {
  const folder = await begin(t);
  const { errors } = await load(t, withLines({ 1: "state: /" }), {}, folder);
  assert.equal(errors.length, 1);
  assert.deepEqual(await slots(), []);
});

test("however many configs there are, no more than 256 are kept", async (t) => {
  const folder = await begin(t);
  for (let number = 0; number < 300; number++) {
    const own = join(folder, `${number}`);
    await mkdir(own);
    await load(t, text, {}, own);
  }
  const kept = await slots();
  assert.ok(kept.length > 100 && kept.every((name) => /^config-[0-9a-f]{2}$/.test(name)), `${kept.length}`);
});

test("where nothing can be written, a config is read all the same", async (t) => {
  const folder = await begin(t);
  await load(t, text, {}, folder);
  const slot = await theSlot();
  await rm(slot);
  // As good as a disk that takes nothing, also for root.
  await mkdir(`${slot}.new`);
  t.after(() => rm(`${slot}.new`, { recursive: true }));
  const { settings, errors } = await load(t, text, {}, folder);
  assert.deepEqual([settings?.state, errors], [join(folder, "state"), []]);
});
