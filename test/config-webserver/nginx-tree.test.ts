/** The published tree, served by a real nginx: reachability, headers, and the switch of generations. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { nginxConfig } from "../../config/webserver/nginx.ts";
import { freePort, startNginx } from "../support/nginx.ts";
import { rawRequest } from "./raw-request.ts";
import { settingsFor } from "./settings.ts";

const BY_HASH = `dists/stable/main/binary-amd64/by-hash/SHA256/${"ab".repeat(32)}`;

/** OUTPUT as the contract has it, with one generation. */
async function publishedTree(
  t: TestContext,
): Promise<{ output: string; write(generation: string, path: string, content: string): Promise<void> }> {
  const parent = await mkdtemp(join(tmpdir(), "published-"));
  t.after(() => rm(parent, { recursive: true, force: true }));
  const output = join(parent, `it's "ours" {;}`);
  const write = async (generation: string, path: string, content: string): Promise<void> => {
    const file = join(output, ".generations", generation, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  };
  for (const path of [
    "dists/stable/InRelease",
    "dists/stable/Release",
    "dists/stable/Release.gpg",
    "dists/stable/main/binary-amd64/Release",
  ])
    await write("000001", path, "text");
  for (const path of ["dists/stable/main/binary-amd64/Packages.gz", "dists/stable/main/binary-amd64/Packages.xz", BY_HASH])
    await write("000001", path, "bytes ".repeat(1000));
  for (const path of ["indices/override.stable.main", "inputs.json", "key.asc"]) await write("000001", path, "small ".repeat(1000));
  await symlink(".generations/000001", join(output, "current"));
  for (const name of ["dists", "indices", "inputs.json", "key.asc"]) await symlink(`current/${name}`, join(output, name));
  await symlink("stable", join(output, ".generations/000001/dists/alias"));
  return { output, write };
}

async function served(t: TestContext, output: string, byHash = true): Promise<number | undefined> {
  const port = await freePort();
  const settings = await settingsFor(t, { debian: { url: "http://b.example/debian", pool: "DEBIAN" } }, { output, byHash });
  const server = nginxConfig(settings, { listen: [`127.0.0.1:${port}`], serverNames: ["_"] });
  // What an administrator may have set for the whole server must not reach us.
  const around = "gzip on; gzip_types *; gzip_min_length 1; open_file_cache max=100 inactive=60s; open_file_cache_valid 60s;\n";
  return (await startNginx(t, `${around}types { text/html asc gz; }\n${server}`, { port })) === undefined ? undefined : port;
}

test("every file of the tree comes whole, with its type and how long it may be kept", async (t) => {
  const { output } = await publishedTree(t);
  const port = await served(t, output);
  if (port === undefined) return;
  const [always, short, never] = ["no-cache", "public, max-age=60", "public, max-age=31536000, immutable"];
  const [text, bytes] = ["text/plain", "application/octet-stream"];
  for (const [path, type, cache, length] of [
    ["dists/stable/InRelease", text, always, 4],
    ["dists/stable/Release", text, always, 4],
    ["dists/stable/Release.gpg", text, always, 4],
    ["dists/alias/InRelease", text, always, 4],
    ["dists/stable/main/binary-amd64/Release", text, always, 4],
    ["dists/stable/main/binary-amd64/Packages.gz", bytes, short, 6000],
    ["dists/stable/main/binary-amd64/Packages.xz", bytes, short, 6000],
    [BY_HASH, bytes, never, 6000],
    ["indices/override.stable.main", text, short, 6000],
    ["inputs.json", "application/json", always, 6000],
    ["key.asc", "application/pgp-keys", always, 6000],
  ] as const) {
    const { status, headers, body } = await rawRequest(port, `/${path}`);
    assert.deepEqual(
      [status, headers.get("content-type"), headers.get("cache-control"), headers.get("content-encoding"), body.length],
      [200, type, cache, undefined, length],
      path,
    );
  }
});

test("generations, hidden files, listings and absent files are not to be had", async (t) => {
  const { output } = await publishedTree(t);
  const port = await served(t, output);
  if (port === undefined) return;
  await writeFile(join(output, "secret"), "secret");
  await writeFile(join(output, ".generations/000001/dists/.tmp"), "secret");
  for (const path of [
    "/.generations/000001/dists/stable/InRelease",
    "/%2egenerations/000001/dists/stable/InRelease",
    "/dists/../.generations/000001/key.asc",
    "/current/dists/stable/InRelease",
    "/dists/.tmp",
    "/dists/stable/",
    "/dists/stable/absent",
    "/secret",
    "/",
    "/dists/../../../../../etc/passwd",
    "/dists/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
  ]) {
    const { status, headers, body } = await rawRequest(port, path);
    assert.ok([400, 403, 404].includes(status), `${path}: ${status}`);
    assert.deepEqual([headers.get("cache-control"), /secret|root:|BEGIN/.test(body)], [undefined, false], path);
  }
});

test("only GET and HEAD are answered, and no redirect follows the Host header", async (t) => {
  const { output } = await publishedTree(t);
  const port = await served(t, output);
  if (port === undefined) return;
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    assert.equal((await rawRequest(port, "/dists/stable/InRelease", { method })).status, 405, method);
  }
  const head = await rawRequest(port, "/dists/stable/InRelease", { method: "HEAD" });
  assert.deepEqual([head.status, head.headers.get("content-length"), head.body], [200, "4", ""]);
  const folder = await rawRequest(port, "/dists/stable", { host: "evil.example" });
  assert.deepEqual([folder.status, folder.headers.get("location")], [301, "/dists/stable/"]);
});

test("a switched generation is served at once", async (t) => {
  const { output, write } = await publishedTree(t);
  const port = await served(t, output);
  if (port === undefined) return;
  assert.equal((await rawRequest(port, "/dists/stable/InRelease")).body, "text");
  await write("000002", "dists/stable/InRelease", "next");
  await symlink(".generations/000002", join(output, "new"));
  await rename(join(output, "new"), join(output, "current"));
  assert.equal((await rawRequest(port, "/dists/stable/InRelease")).body, "next");
});

test("without by-hash no index is kept at all", async (t) => {
  const { output } = await publishedTree(t);
  const port = await served(t, output, false);
  if (port === undefined) return;
  assert.equal((await rawRequest(port, "/dists/stable/main/binary-amd64/Packages.gz")).headers.get("cache-control"), "no-cache");
});
