/** The redirects of pool paths, by a real nginx and a mirror that notes what it is asked for. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { nginxConfig } from "../../config/webserver/nginx.ts";
import { freePort, startNginx } from "../support/nginx.ts";
import { rawRequest } from "./raw-request.ts";
import { settingsFor, type TestMirror } from "./settings.ts";

/** A mirror that has everything; `asked` are the request targets as they came. */
async function mirror(t: TestContext): Promise<{ url: string; port: number; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end("package");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, asked };
}

async function served(t: TestContext, mirrors: Readonly<Record<string, TestMirror>>): Promise<number | undefined> {
  const port = await freePort();
  const config = nginxConfig(await settingsFor(t, mirrors), { listen: [`127.0.0.1:${port}`], serverNames: ["_"] });
  return (await startNginx(t, config, { port })) === undefined ? undefined : port;
}

test("a path arrives at the mirror as the client wrote it", async (t) => {
  const { url, port: upstream, asked } = await mirror(t);
  const port = await served(t, { debian: { url: `${url}/debian`, pool: "DEBIAN" }, odd: { url: `${url}/odd`, pool: "ODD.x+1" } });
  if (port === undefined) return;
  for (const [path, expected] of [
    ["/pool/DEBIAN/main/h/hello/hello_1.0_amd64.deb", "/debian/pool/main/h/hello/hello_1.0_amd64.deb"],
    ["/pool/DEBIAN/main/g/g++/g++_4%3a12_amd64.deb", "/debian/pool/main/g/g++/g++_4%3a12_amd64.deb"],
    ["/pool/DEBIAN/main/g/g%2b%2b/g%2B%2B_4%253a12.deb", "/debian/pool/main/g/g%2b%2b/g%2B%2B_4%253a12.deb"],
    ["/pool/DEBIAN/main/x/x_1~rc1+b1_all.deb", "/debian/pool/main/x/x_1~rc1+b1_all.deb"],
    ["/pool/DEBIAN/main/x/x_1%7erc1.deb", "/debian/pool/main/x/x_1%7erc1.deb"],
    ["/pool/DEBIAN/main/x/x_1:2,3=4@5!6$7&8'(9)*[0];_.deb", "/debian/pool/main/x/x_1:2,3=4@5!6$7&8'(9)*[0];_.deb"],
    ["/pool/DEBIAN/main/%20/x.deb", "/debian/pool/main/%20/x.deb"],
    ["/pool/DEBIAN/main/x..y/...z.deb.", undefined],
    ["/pool/DEBIAN/main/x..y/z...deb.", "/debian/pool/main/x..y/z...deb."],
    ["/pool/DEBIAN/_/hello_1.0.deb", "/debian/hello_1.0.deb"],
    ["/pool/DEBIAN/_/dists/x/%2b.deb", "/debian/dists/x/%2b.deb"],
    ["/pool/DEBIAN/_x/y.deb", "/debian/pool/_x/y.deb"],
    ["/pool/DEBIAN/main/x.deb?a=b&c", "/debian/pool/main/x.deb"],
    ["/pool/ODD.x+1/main/x.deb", "/odd/pool/main/x.deb"],
    ["/pool/ODD.x+1/_/x.deb", "/odd/x.deb"],
  ] as const) {
    asked.length = 0;
    const answer = await rawRequest(port, path);
    if (expected === undefined) {
      assert.equal(answer.status, 404, path);
      continue;
    }
    assert.deepEqual([answer.status, answer.headers.get("location")], [302, `${url}${expected}`], path);
    await rawRequest(upstream, answer.headers.get("location")?.slice(url.length) ?? "");
    assert.deepEqual(asked, [expected], path);
  }
});

test("no request leads anywhere but below a mirror of ours", async (t) => {
  const { url } = await mirror(t);
  const port = await served(t, {
    debian: { url: `${url}/debian`, pool: "DEBIAN" },
    unused: { url: `${url}/unused`, pool: "UNUSED", used: false },
  });
  if (port === undefined) return;
  for (const path of [
    "/pool/DEBIAN/../../secret",
    "/pool/DEBIAN/main/../../../secret",
    "/pool/DEBIAN/_/%2e%2e/%2e%2e/secret",
    "/pool/DEBIAN/_/..%2f..%2fsecret",
    "/pool/DEBIAN/_/x%2f..%2fsecret",
    "/pool/DEBIAN/_/.%2e/x",
    "/pool/DEBIAN/main/./x.deb",
    "/pool/DEBIAN/main/..",
    "/pool/DEBIAN/main/..?x",
    "/pool/x/../DEBIAN/main/x.deb",
    "/pool/DEBI%41N/main/x.deb",
    "/x//pool/DEBIAN/main/x.deb",
    "/pool/DEBIAN/main/x%0d%0aSet-Cookie:%20a=b",
    "/pool/DEBIAN/main/x%00y",
    "/pool/DEBIAN/main/%",
    "/pool/DEBIAN/main/%zz",
    "/pool/DEBIAN/main/\u00e9.deb",
    "/pool/DEBIAN/",
    "/pool/DEBIAN",
    "/pool/DEBIAN/_/",
    "/pool/debian/main/x.deb",
    "/pool/DEBIANX/main/x.deb",
    "/pool/UNUSED/main/x.deb",
    "/pool/@evil.example/x.deb",
    "/pool/http://evil.example/x.deb",
    "/pool/main/x.deb",
    "//evil.example/pool/DEBIAN/x.deb",
    "/",
  ]) {
    const answer = await rawRequest(port, path);
    assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status} ${answer.headers.get("location")}`);
    assert.equal(answer.headers.get("location"), undefined, path);
  }
  for (const path of [
    "/pool/DEBIAN/@evil.example/x.deb",
    "/pool/DEBIAN//evil.example/x.deb",
    "/pool/DEBIAN/_//evil.example/x.deb",
    "/pool/DEBIAN/:80@evil/x",
  ]) {
    const { status, headers } = await rawRequest(port, path, { host: "evil.example" });
    const location = new URL(headers.get("location") ?? "http://none/");
    assert.deepEqual([status, location.origin, location.pathname.startsWith("/debian/")], [302, url, true], path);
  }
  const absolute = await rawRequest(port, "http://evil.example/pool/DEBIAN/main/x.deb", { host: "evil.example" });
  assert.equal(absolute.headers.get("location"), `${url}/debian/pool/main/x.deb`);
});

test("the first URL that clients can reach is taken, without its password, with odd characters encoded", async (t) => {
  const local = await mkdtemp(join(tmpdir(), "local-"));
  t.after(() => rm(local, { recursive: true, force: true }));
  const port = await served(t, {
    several: { url: [`file://${local}`, "http://b.example/one/", "http://c.example/two"], pool: "SEVERAL" },
    secret: { url: "https://user:secret@b.example:8443/d", pool: "SECRET" },
    odd: { url: `http://b.example/a$host;b{c}"d'e\\f`, pool: "ODD" },
  });
  if (port === undefined) return;
  const location = async (path: string) => (await rawRequest(port, path)).headers.get("location");
  assert.equal(await location("/pool/SEVERAL/main/x.deb"), "http://b.example/one/pool/main/x.deb");
  assert.equal(await location("/pool/SECRET/main/x.deb"), "https://b.example:8443/d/pool/main/x.deb");
  assert.equal(await location("/pool/ODD/_/x.deb"), "http://b.example/a%24host%3Bb%7Bc%7D%22d%27e/f/x.deb");
});

test("one mirror may do without a pool prefix", async (t) => {
  const port = await served(t, { plain: { url: "http://b.example/plain" }, debian: { url: "http://b.example/debian", pool: "DEBIAN" } });
  if (port === undefined) return;
  const location = async (path: string) => (await rawRequest(port, path)).headers.get("location");
  assert.equal(await location("/pool/main/h/hello.deb"), "http://b.example/plain/pool/main/h/hello.deb");
  assert.equal(await location("/pool/DEBIAN/main/h/hello.deb"), "http://b.example/debian/pool/main/h/hello.deb");
});

test("a mirror that is a folder here is served from it", async (t) => {
  const parent = await mkdtemp(join(tmpdir(), "local-"));
  t.after(() => rm(parent, { recursive: true, force: true }));
  const folder = join(parent, `it's "my" {archive};#%`);
  for (const path of ["pool/main", "flat", ".hidden"]) await mkdir(join(folder, path), { recursive: true });
  await writeFile(join(folder, "pool/main/x_1%3a2+b~1.deb"), "pool file");
  await writeFile(join(folder, "flat/y.deb"), "flat file");
  await writeFile(join(folder, ".hidden/z"), "hidden");
  await writeFile(join(parent, "outside"), "outside");
  const port = await served(t, { local: { url: folder, pool: "LOCAL" } });
  if (port === undefined) return;
  const { status, body, headers } = await rawRequest(port, "/pool/LOCAL/main/x_1%253a2%2bb~1.deb");
  assert.deepEqual([status, body, headers.get("content-type")], [200, "pool file", "application/octet-stream"]);
  assert.equal((await rawRequest(port, "/pool/LOCAL/_/flat/y.deb")).body, "flat file");
  for (const path of [
    "/pool/LOCAL/_/.hidden/z",
    "/pool/LOCAL/_/../outside",
    "/pool/LOCAL../outside",
    "/pool/LOCAL/_/%2e%2e/outside",
    "/pool/LOCAL/_/absent",
  ]) {
    assert.ok([400, 404].includes((await rawRequest(port, path)).status), path);
  }
});
