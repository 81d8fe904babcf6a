import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { readTar, TAR_END, type TarFile, tarEntry } from "../../lib/appstream/tar.ts";
import { runWell } from "../support/child.ts";
import { needs } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";

const WHERE = { mirror: "base", suite: "stable", file: "main/dep11/icons-64x64.tar" };
const FILES: readonly TarFile[] = [
  { name: "a_a.png", bytes: Buffer.from("picture") },
  { name: "empty_x.png", bytes: Buffer.alloc(0) },
  { name: `long_${"é".repeat(90)}.png`, bytes: Buffer.alloc(1000, 7) },
  { name: "block_x.png", bytes: Buffer.alloc(512, 1) },
];
const archive = (files: readonly TarFile[]): Buffer => Buffer.concat([...files.map(tarEntry), TAR_END]);
const facts = (files: readonly TarFile[]) => files.map(({ name, bytes }) => [name, bytes.toString("latin1")]);

test("tar: what was written comes back, and the same files make the same bytes", () => {
  assert.deepEqual(facts(readTar(archive(FILES), WHERE)), facts(FILES));
  assert.ok(archive(FILES).equals(archive(FILES)));
});

test("tar: the real tar reads ours, and we read its own, in every format", async (t) => {
  if (!needs(t, "tar")) return;
  const folder = await temporaryFolder();
  await writeFile(join(folder, "ours.tar"), archive(FILES));
  await mkdir(join(folder, "out"));
  await runWell("tar", ["-xf", "ours.tar", "-C", "out"], { cwd: folder });
  for (const { name, bytes } of FILES) assert.deepEqual(await readFile(join(folder, "out", name)), bytes, name);
  const listed = (await runWell("tar", ["-tvf", "ours.tar", "--utc"], { cwd: folder })).toString();
  assert.match(listed, /^-rw-r--r-- 0\/0 +7 1970-01-01 00:00 a_a\.png$/m);
  for (const format of ["gnu", "pax", "ustar", "v7"]) {
    const files = format === "gnu" || format === "pax" ? FILES : FILES.filter(({ name }) => !name.startsWith("long"));
    const made = await runWell(
      "tar",
      [`--format=${format}`, "-cf", "-", "-C", "out", ...files.map(({ name }) => `./${name}`), ...(format === "gnu" ? ["."] : [])],
      {
        cwd: folder,
      },
    );
    const found = readTar(made, WHERE);
    for (const { name, bytes } of files) assert.deepEqual(found.find((file) => file.name === name)?.bytes, bytes, `${format} ${name}`);
  }
});

const first = tarEntry(FILES[0] ?? { name: "", bytes: Buffer.alloc(0) });
const withType = (type: string): Buffer => {
  const changed = Buffer.from(first);
  changed.write(type, 156, "latin1");
  let sum = 0;
  changed.fill(0x20, 148, 156);
  for (let i = 0; i < 512; i++) sum += changed[i] ?? 0;
  changed.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return changed;
};

test("tar: links, folders and devices are passed over", () => {
  for (const type of ["1", "2", "3", "4", "5", "6"]) assert.deepEqual(readTar(withType(type), WHERE), []);
});

for (const [what, bytes, found] of [
  ["that breaks off in a header", first.subarray(0, 100), "at byte 0 it breaks off"],
  ["that breaks off in a file", first.subarray(0, 515), "at byte 0 a file is longer than the archive"],
  ["with a flipped bit", Buffer.from(first).fill(0x41, 3, 4), "at byte 0 the header has a wrong checksum"],
  ["that is text", Buffer.from("x".repeat(600)), "at byte 0 the header has a wrong checksum"],
] as const) {
  test(`tar: refused: an archive ${what}`, () =>
    assert.throws(() => readTar(bytes, WHERE), {
      code: "INDEX_MALFORMED",
      message: `Cannot use ${WHERE.file} of base/stable: ${found}, it must be a whole tar archive`,
    }));
}
