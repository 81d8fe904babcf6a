import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { digestsOf } from "../../lib/archive/digests.ts";
import { openFolder } from "../../lib/io/disk-folder.ts";
import { without } from "../support/needs.ts";
import { fails, modeOf, scratch } from "./disk-scratch.ts";

const text = (value: string) => Buffer.from(value);

test("Folder: what is absent is undefined, also below an absent folder", async (t) => {
  const folder = await openFolder(scratch(t));
  for (const path of ["x", "no/such/x"]) {
    assert.equal(await folder.read(path), undefined);
    assert.equal(await folder.stat(path), undefined);
    assert.equal(await folder.list(path), undefined);
    assert.equal(await folder.readLink(path), undefined);
    await folder.remove(path);
  }
});

test("Folder: a file written durably is read back, replaced whole, and leaves no temporary file", async (t) => {
  const folder = await openFolder(scratch(t));
  await folder.writeDurably("a/b/c", text("one"));
  const first = lstatSync(join(folder.root, "a/b/c")).ino;
  await folder.writeDurably("a/b/c", text("two, longer"));
  assert.equal((await folder.read("a/b/c"))?.toString(), "two, longer");
  assert.notEqual(lstatSync(join(folder.root, "a/b/c")).ino, first, "it must be a new file, never written in place");
  assert.deepEqual(readdirSync(join(folder.root, "a/b")), ["c"]);
});

test("Folder: an empty file is a file", async (t) => {
  const folder = await openFolder(scratch(t));
  await folder.writeNew("empty", text(""));
  assert.deepEqual(await folder.read("empty"), Buffer.alloc(0));
  assert.equal((await folder.stat("empty"))?.bytes, 0);
});

for (const bytes of [0, 1, 1024 * 1024, 1024 * 1024 + 1, 3_000_000]) {
  test(`Folder: digests of a file of ${bytes} bytes, read in pieces`, async (t) => {
    const folder = await openFolder(scratch(t));
    const content = Buffer.alloc(bytes, "some text that comes again");
    await folder.writeNew("d/x", content);
    assert.deepEqual(await folder.digest("d/x", ["SHA512"]), { bytes, digests: digestsOf(content, ["SHA512"]) });
    assert.equal(await folder.digest("d/y", []), undefined);
  });
}

test("Folder: a new file takes the time given and refuses a name that is taken", async (t) => {
  const folder = await openFolder(scratch(t));
  const modified = new Date("2026-01-02T03:04:05Z");
  await folder.writeNew("d/x", text("abc"), modified);
  const { id, ...rest } = (await folder.stat("d/x")) ?? assert.fail("it is there");
  assert.deepEqual(rest, { bytes: 3, modified });
  await folder.link("d/x", "d/y");
  await folder.writeNew("d/z", Buffer.from("abc"), modified);
  assert.deepEqual([(await folder.stat("d/y"))?.id === id, (await folder.stat("d/z"))?.id === id], [true, false]);
  await assert.rejects(folder.writeNew("d/x", text("other")), fails("DISK_FAILED", /exists already.*\(EEXIST\)/));
  assert.equal(readFileSync(join(folder.root, "d/x"), "utf8"), "abc");
});

test("Folder: names are listed in byte order with their kind", async (t) => {
  const folder = await openFolder(scratch(t));
  for (const name of ["b", "B", "\u{1f600}", "\uff5e", "a-b", "a.b"]) await folder.writeNew(`d/${name}`, text(""));
  await folder.writeNew("d/folder/x", text(""));
  await folder.symlinkNew("d/link", "b");
  execFileSync("mkfifo", [join(folder.root, "d/pipe")]);
  assert.deepEqual(
    (await folder.list("d"))?.map(({ name, kind }) => `${name} ${kind}`),
    ["B file", "a-b file", "a.b file", "b file", "folder folder", "link link", "pipe other", "\uff5e file", "\u{1f600} file"],
  );
  assert.deepEqual(await folder.list(""), [{ name: "d", kind: "folder" }]);
  await assert.rejects(folder.list("d/b"), fails("DISK_FAILED", /is a regular file, it must be a folder/));
});

test("Folder: a hard link shares the file, and where the disk refuses it a copy keeps bytes, time and mode", async (t) => {
  const folder = await openFolder(scratch(t));
  const modified = new Date("2026-01-02T03:04:05Z");
  await folder.writeNew("a", text("content"), modified);
  await folder.link("a", "d/b");
  assert.equal(lstatSync(join(folder.root, "a")).ino, lstatSync(join(folder.root, "d/b")).ino);
  await assert.rejects(folder.link("a", "d/b"), fails("DISK_FAILED", /exists already/));
  await assert.rejects(folder.link("absent", "c"), fails("DISK_FAILED", /is absent, it must be there/));
});

test("U04: Folder: at the limit of hard links the file is copied", async (t) => {
  const folder = await openFolder(scratch(t));
  const modified = new Date("2026-01-02T03:04:05Z");
  await folder.writeNew("a", text("content"), modified);
  const source = join(folder.root, "a");
  mkdirSync(join(folder.root, "many"));
  let limit = 0;
  try {
    for (; limit < 66_000; limit++) linkSync(source, join(folder.root, `many/${limit}`));
  } catch (error) {
    assert.match(String(error), /EMLINK/);
  }
  if (limit === 66_000) return void without(t, "this disk allows more than 66,000 hard links to a file");
  await folder.link("a", "copy");
  const copy = lstatSync(join(folder.root, "copy"));
  assert.deepEqual([copy.nlink, copy.mtime, modeOf(join(folder.root, "copy"))], [1, modified, "644"]);
  assert.equal(readFileSync(join(folder.root, "copy"), "utf8"), "content");
});

test("Folder: a symlink is switched in one rename, and nothing else is replaced by it", async (t) => {
  const folder = await openFolder(scratch(t));
  await folder.switchLink("current", ".generations/000001");
  await folder.switchLink("current", ".generations/000002");
  assert.equal(await folder.readLink("current"), ".generations/000002");
  assert.deepEqual(readdirSync(folder.root), ["current"]);
  await folder.symlinkNew("dists", "current/dists");
  assert.equal(readlinkSync(join(folder.root, "dists")), "current/dists");
  await assert.rejects(folder.symlinkNew("dists", "other"), fails("DISK_FAILED", /exists already/));
  await folder.writeNew("file", text("x"));
  await folder.writeNew("folder/x", text("x"));
  await assert.rejects(folder.switchLink("file", "x"), fails("DISK_FAILED", /is a regular file, it must be a symlink or absent/));
  await assert.rejects(folder.switchLink("folder", "x"), fails("DISK_FAILED", /is a folder, it must be a symlink or absent/));
  await assert.rejects(folder.readLink("file"), fails("DISK_FAILED", /is a regular file, it must be a symlink/));
});

test("Folder: a rename moves files and folders and says what is in the way", async (t) => {
  const folder = await openFolder(scratch(t));
  await folder.writeNew("staged/x", text("x"));
  await folder.rename("staged", ".generations/000001");
  assert.equal((await folder.read(".generations/000001/x"))?.toString(), "x");
  await folder.writeNew("other/y", text("y"));
  await assert.rejects(
    folder.rename("other", ".generations/000001"),
    fails("DISK_FAILED", /Cannot rename ".*other" to ".*000001": the folder is not empty/),
  );
  await assert.rejects(folder.rename("absent", "x"), fails("DISK_FAILED", /is absent, it must be there/));
});

test("Folder: a flush refuses what cannot be durable and accepts files, folders and symlinks", async (t) => {
  const folder = await openFolder(scratch(t));
  for (let i = 0; i < 50; i++) await folder.writeNew(`tree/${i % 7}/${i}`, text("x"));
  await folder.symlinkNew("tree/alias", "0");
  await folder.flush("tree");
  await folder.flush("tree/0/0");
  await folder.flush("");
  await assert.rejects(folder.flush("absent"), fails("DISK_FAILED", /is absent/));
  execFileSync("mkfifo", [join(folder.root, "tree/3/pipe")]);
  await assert.rejects(folder.flush("tree"), fails("DISK_FAILED", /is a FIFO/));
});

test("openFolder: a root gets the mode asked for, an existing one keeps its own", async (t) => {
  const base = scratch(t);
  await openFolder(join(base, "secret"), { mode: 0o700 });
  assert.equal(modeOf(join(base, "secret")), "700");
  mkdirSync(join(base, "mine"));
  chmodSync(join(base, "mine"), 0o750);
  await openFolder(join(base, "mine"));
  assert.equal(modeOf(join(base, "mine")), "750");
});

test("openFolder: a new root is made behind a link to the folder above, as where /srv is one", async (t) => {
  const home = scratch(t);
  mkdirSync(join(home, "disk"));
  symlinkSync("disk", join(home, "srv"));
  const folder = await openFolder(join(home, "srv/new/tree"));
  await folder.writeDurably("x", text("there"));
  assert.equal(readFileSync(join(home, "disk/new/tree/x"), "utf8"), "there");
});

test("openFolder: a root that cannot be one is OUTPUT_UNUSABLE", async (t) => {
  const base = scratch(t);
  writeFileSync(join(base, "file"), "");
  await assert.rejects(openFolder(join(base, "file")), fails("OUTPUT_UNUSABLE", /is a regular file, it must be a folder/));
  await assert.rejects(openFolder(join(base, "file/below")), fails("OUTPUT_UNUSABLE", /\(ENOTDIR\)|must be a folder/));
  await assert.rejects(openFolder(join(base, "absent"), { forReading: true }), fails("OUTPUT_UNUSABLE", /there is no such folder/));
  assert.ok(!existsSync(join(base, "absent")));
});
