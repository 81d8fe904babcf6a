/** Archives on a disk of this machine. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { downloading, textOf } from "../support/downloading.ts";
import { needs } from "../support/needs.ts";

async function folder(t: TestContext): Promise<{ path: string; url: string }> {
  const path = await mkdtemp(join(tmpdir(), "aptmerge archive+"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return { path, url: pathToFileURL(path).href };
}

test("a file of a folder is read, its name encoded or not", async (t) => {
  const { path, url } = await folder(t);
  await mkdir(join(path, "a b%2f"));
  await writeFile(join(path, "a b%2f", "x+y~1:2"), "bytes");
  assert.equal(textOf(await downloading(t).get(url, { paths: ["nothing", "a b%2f/x+y~1:2"] })), "bytes");
});

test("a file is read again only when its size or time changed", async (t) => {
  const { path, url } = await folder(t);
  const { get } = downloading(t);
  await writeFile(join(path, "file"), "one");
  const first = await get(url);
  assert.ok(first.kind === "fetched" && first.validator !== undefined);
  const { validator } = first;
  assert.deepEqual(await get(url, { validator }), { kind: "not-modified", base: url });
  await utimes(join(path, "file"), 1, 1);
  assert.equal(textOf(await get(url, { validator })), "one");
  assert.equal(textOf(await get(url, { validator: { ...validator, url: `${url}/other` } })), "one");
});

test("a symlink inside the archive is followed", async (t) => {
  const { path, url } = await folder(t);
  await mkdir(join(path, "bookworm"));
  await writeFile(join(path, "bookworm", "file"), "bytes");
  await symlink("bookworm", join(path, "stable"));
  assert.equal(textOf(await downloading(t).get(url, { paths: ["stable/file"] })), "bytes");
});

test("an absent file leads to the next base, which may be on the net", async (t) => {
  const first = await folder(t);
  const second = await folder(t);
  await writeFile(join(first.path, "plain"), "");
  await writeFile(join(second.path, "file"), "second");
  assert.equal(textOf(await downloading(t).get([first.url, second.url])), "second");
  assert.deepEqual(await downloading(t).get(first.url, { paths: ["file", "plain/below"] }), { kind: "absent" });
});

test("a base that is not there is unreachable, not an archive without the file", async (t) => {
  const { url } = await folder(t);
  const error = await downloading(t).problem(`${url}/not-mounted`);
  assert.equal(error.code, "MIRROR_UNREACHABLE");
  assert.match(error.message, /there is no folder "[^"]*not-mounted", it must be readable/);
});

test("a file above its cap is not read", async (t) => {
  const { path, url } = await folder(t);
  await writeFile(join(path, "file"), "0123456789");
  const error = await downloading(t).problem(url, { maxBytes: 9 });
  assert.equal(error.code, "DOWNLOAD_LIMIT");
  assert.match(error.message, /said to have 10 bytes, it may have at most 9 bytes/);
  assert.equal(textOf(await downloading(t).get(url, { maxBytes: 10 })), "0123456789");
});

test("the cap on a run's bytes counts files too", async (t) => {
  const { path, url } = await folder(t);
  await writeFile(join(path, "file"), "0123456789");
  const { get, problem } = downloading(t, { maxTotalBytes: 15 });
  await get(url);
  assert.equal((await problem(url)).code, "DOWNLOAD_LIMIT");
});

test("a folder and a pipe are no files", { timeout: 5000 }, async (t) => {
  if (!needs(t, "mkfifo")) return;
  const { path, url } = await folder(t);
  await mkdir(join(path, "folder"));
  execFileSync("mkfifo", [join(path, "pipe")]);
  for (const name of ["folder", "pipe"]) {
    const error = await downloading(t).problem(url, { paths: [name] });
    assert.equal(error.code, "MIRROR_REFUSED");
    assert.match(error.message, /it is no regular file/);
  }
});

test("a file that may not be read makes the mirror unreachable", async (t) => {
  if (process.getuid?.() === 0) {
    t.diagnostic("root may read everything: a loop of symlinks stands in for the missing right");
  }
  const { path, url } = await folder(t);
  await writeFile(join(path, "file"), "secret");
  await chmod(join(path, "file"), 0);
  await symlink("loop", join(path, "loop"));
  const error = await downloading(t).problem(url, { paths: process.getuid?.() === 0 ? ["loop"] : ["file"] });
  assert.equal(error.code, "MIRROR_UNREACHABLE");
  assert.match(error.message, /it cannot be read \((EACCES|ELOOP)\)/);
});

test("a file URL of another host is refused", async (t) => {
  const error = await downloading(t).problem("file://a.example/debian");
  assert.equal(error.code, "MIRROR_REFUSED");
});
