import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { openFolder } from "../../lib/io/disk-folder.ts";
import { fails, scratch } from "./disk-scratch.ts";

const text = (value: string) => Buffer.from(value);

for (const [name, path] of [
  ["absolute", "/etc/passwd"],
  ["climbing", "../x"],
  ["climbing in the middle", "a/../../x"],
  ["with an empty part", "a//b"],
  ["with a slash at the end", "a/"],
  ["with a dot part", "a/./b"],
  ["with a NUL", "a\0b"],
] as const) {
  test(`Folder: a path that is ${name} is refused by every call`, async (t) => {
    const folder = await openFolder(scratch(t));
    writeFileSync(join(folder.root, "there"), "x");
    const calls = [
      () => folder.read(path),
      () => folder.stat(path),
      () => folder.list(path),
      () => folder.writeDurably(path, text("x")),
      () => folder.writeNew(path, text("x")),
      () => folder.link("there", path),
      () => folder.link(path, "new"),
      () => folder.symlinkNew(path, "there"),
      () => folder.flush(path),
      () => folder.switchLink(path, "there"),
      () => folder.readLink(path),
      () => folder.rename("there", path),
      () => folder.rename(path, "new"),
      () => folder.remove(path),
    ];
    for (const call of calls) await assert.rejects(call, fails("DISK_FAILED", /must be relative/));
    assert.deepEqual(readdirSync(folder.root), ["there"]);
  });
}

test("Folder: the empty path is refused where it would name the root as a file", async (t) => {
  const folder = await openFolder(scratch(t));
  await assert.rejects(folder.read(""), fails("DISK_FAILED", /must be relative/));
  await assert.rejects(folder.remove(""), fails("DISK_FAILED", /must be relative/));
  await assert.rejects(folder.remove("."), fails("DISK_FAILED", /must be relative/));
});

test("Folder: only regular files are read, and what is not is named", { timeout: 10_000 }, async (t) => {
  const folder = await openFolder(scratch(t));
  writeFileSync(join(folder.root, "secret"), "outside");
  execFileSync("mkfifo", [join(folder.root, "pipe")]);
  mkdirSync(join(folder.root, "sub"));
  symlinkSync("secret", join(folder.root, "link"));
  symlinkSync("nowhere", join(folder.root, "dangling"));
  const server = createServer().listen(join(folder.root, "socket"));
  t.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  for (const [path, found] of [
    ["pipe", /is a FIFO, it must be a regular file/],
    ["sub", /is a folder, it must be a regular file/],
    ["link", /is a symlink, it must be a regular file/],
    ["dangling", /is a symlink, it must be a regular file/],
    ["socket", /is a socket, it must be a regular file/],
  ] as const) {
    await assert.rejects(folder.read(path), fails("DISK_FAILED", found));
    await assert.rejects(folder.stat(path), fails("DISK_FAILED", found));
    await assert.rejects(folder.writeDurably(path, text("x")), fails("DISK_FAILED", /must be a regular file or absent/));
    await assert.rejects(folder.link(path, "copy"), fails("DISK_FAILED", found));
  }
  assert.equal(readFileSync(join(folder.root, "secret"), "utf8"), "outside");
});

test("Folder: a parent that is a symlink is not followed by any call", async (t) => {
  const base = scratch(t);
  mkdirSync(join(base, "outside"));
  writeFileSync(join(base, "outside/x"), "outside");
  const folder = await openFolder(join(base, "root"));
  await folder.writeNew("mine", text("mine"));
  symlinkSync("../outside", join(folder.root, "d"));
  const refused = fails("DISK_FAILED", /is a symlink, it must be a folder/);
  for (const call of [
    () => folder.read("d/x"),
    () => folder.stat("d/x"),
    () => folder.list("d"),
    () => folder.link("d/x", "copy"),
    () => folder.readLink("d/x"),
    () => folder.remove("d/x"),
    () => folder.rename("d/x", "moved"),
  ]) {
    await assert.rejects(call, refused);
  }
  for (const call of [
    () => folder.writeDurably("d/new", text("x")),
    () => folder.writeNew("d/sub/new", text("x")),
    () => folder.link("mine", "d/new"),
    () => folder.symlinkNew("d/new", "x"),
    () => folder.switchLink("d/new", "x"),
    () => folder.rename("mine", "d/new"),
  ]) {
    await assert.rejects(call, fails("DISK_FAILED", /is a symlink, it must be a folder or absent/));
  }
  await assert.rejects(folder.flush("d"), fails("DISK_FAILED", /is a symlink/));
  assert.deepEqual(readdirSync(join(base, "outside")), ["x"]);
});

test("Folder: a removed symlink leaves its target, a removed folder takes all that is in it", async (t) => {
  const base = scratch(t);
  writeFileSync(join(base, "target"), "stays");
  const folder = await openFolder(join(base, "root"));
  await folder.writeNew("d/e/f", text("x"));
  symlinkSync("../../../target", join(folder.root, "d/e/link"));
  symlinkSync("d", join(folder.root, "to-d"));
  await folder.remove("to-d");
  assert.ok(existsSync(join(folder.root, "d/e/f")));
  await folder.remove("d");
  assert.deepEqual(await folder.list("."), []);
  assert.equal(readFileSync(join(base, "target"), "utf8"), "stays");
});

for (const [path, target, accepted] of [
  ["a", "b", true],
  ["dists/stable", "../pool", true],
  ["a", "..", false],
  ["a", "../x", false],
  ["d/a", "../../x", false],
  ["d/a", "x/../../../y", false],
  ["a", "/etc/passwd", false],
  ["a", "", false],
] as const) {
  test(`Folder: a symlink "${path}" to "${target}" is ${accepted ? "made" : "refused, it leads out"}`, async (t) => {
    const folder = await openFolder(scratch(t));
    if (accepted) return folder.symlinkNew(path, target);
    await assert.rejects(folder.symlinkNew(path, target), fails("DISK_FAILED", /must be relative and stay below the root/));
    await assert.rejects(folder.switchLink(path, target), fails("DISK_FAILED", /must be relative and stay below the root/));
    assert.deepEqual(readdirSync(folder.root), []);
  });
}
