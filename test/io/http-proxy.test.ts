/** Proxies of the environment. The fault server stands in for one: a request to it holds the whole URL. */
import assert from "node:assert/strict";
import type { LookupFunction } from "node:net";
import { test } from "node:test";
import { downloading, textOf } from "../support/downloading.ts";
import { hang, inTurn, redirect, status } from "../support/fault-answers.ts";
import { deadPort, serve, serveRaw } from "../support/fault-server.ts";

const tree = () => new Map([["debian/file", Buffer.from("by proxy")]]);
const MIRROR = "http://a.example/debian";

for (const [name, env] of [
  ["http_proxy", (url: string) => ({ http_proxy: url })],
  ["HTTP_PROXY", (url: string) => ({ HTTP_PROXY: url })],
  ["http_proxy without a scheme", (url: string) => ({ http_proxy: url.slice("http://".length) })],
  ["http_proxy beside a no_proxy for others", (url: string) => ({ http_proxy: url, no_proxy: "b.example,.c.example" })],
] as const) {
  test(`${name} is asked with the whole URL`, async (t) => {
    await using proxy = await serve(tree());
    assert.equal(textOf(await downloading(t, { env: env(proxy.url) }).get(MIRROR)), "by proxy");
    assert.equal(proxy.requests[0]?.path, "http://a.example/debian/file");
    assert.equal(proxy.requests[0]?.headers.host, "a.example");
  });
}

for (const [name, env] of [
  ["no_proxy", { no_proxy: "127.0.0.1" }],
  ["NO_PROXY", { NO_PROXY: "b.example, 127.0.0.1" }],
  ["no_proxy for all", { no_proxy: "*" }],
  ["an empty http_proxy", { http_proxy: "" }],
  ["an https_proxy only", { http_proxy: "", https_proxy: "http://127.0.0.1:1" }],
] as const) {
  test(`${name} goes past the proxy`, async (t) => {
    await using mirror = await serve(tree());
    const http_proxy = `http://127.0.0.1:${await deadPort()}`;
    const outcome = await downloading(t, { env: { http_proxy, ...env } }).get(`${mirror.url}/debian`);
    assert.equal(textOf(outcome), "by proxy");
  });
}

test("https does not go through http_proxy", async (t) => {
  await using proxy = await serve(tree());
  const mirror = `https://127.0.0.1:${await deadPort()}`;
  const error = await downloading(t, { env: { http_proxy: proxy.url } }).problem(mirror);
  assert.match(error.message, /ECONNREFUSED/);
  assert.equal(proxy.requests.length, 0);
});

test("the process's own environment does not count", async (t) => {
  await using mirror = await serve(tree());
  const before = process.env.http_proxy;
  process.env.http_proxy = "http://127.0.0.1:1";
  t.after(() => {
    if (before === undefined) delete process.env.http_proxy;
    else process.env.http_proxy = before;
  });
  assert.equal(textOf(await downloading(t).get(`${mirror.url}/debian`)), "by proxy");
});

test("user and password of a proxy go to the proxy, those of the mirror to the mirror, none into a message", async (t) => {
  await using proxy = await serve(tree(), [[/file/, inTurn(() => "tree", status(407))]]);
  const env = { http_proxy: proxy.url.replace("//", "//puser:ppass@") };
  const { get, problem } = downloading(t, { env });
  await get("http://muser:mpass@a.example/debian");
  const { headers } = proxy.requests[0] ?? {};
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
  assert.deepEqual([headers?.["proxy-authorization"], headers?.authorization], [basic("puser:ppass"), basic("muser:mpass")]);
  const error = await problem("http://muser:mpass@a.example/debian");
  assert.equal(error.code, "MIRROR_REFUSED");
  assert.match(error.message, /the proxy asks for credentials \(status 407\)/);
  assert.doesNotMatch(error.message, /ppass|mpass|user/);
  assert.equal(proxy.requests.length, 2);
});

test("T14: a mirror behind a proxy may not lead to this machine", async (t) => {
  await using proxy = await serve(tree(), [[/file/, redirect("http://169.254.169.254/latest")]]);
  const error = await downloading(t, { env: { http_proxy: proxy.url } }).problem(MIRROR);
  assert.equal(error.code, "REDIRECT_REFUSED");
  assert.match(error.message, /"http:\/\/169\.254\.169\.254\/latest", a mirror may not lead to this machine or its link/);
  assert.equal(proxy.requests.length, 1);
});

/** a.example is the mirror, b.example where it leads; the proxy stands in for a mirror that is elsewhere. */
const resolveTo =
  (mirror: string, target: string): LookupFunction =>
  (host, _options, callback) =>
    callback(null, [{ address: host === "a.example" ? mirror : target, family: target.includes(":") ? 6 : 4 }]);

for (const address of ["127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"]) {
  test(`T14: a mirror elsewhere may not lead to a name that means ${address}`, async (t) => {
    await using proxy = await serve(tree(), [[/file/, redirect("http://b.example/latest")]]);
    const env = { http_proxy: proxy.url, no_proxy: "b.example" };
    const error = await downloading(t, { env, resolve: resolveTo("192.0.2.1", address) }).problem(MIRROR);
    assert.equal(error.code, "REDIRECT_REFUSED", error.message);
    assert.ok(error.message.includes(`b.example is ${address}, a mirror may not lead to this machine or its link`), error.message);
    assert.equal(proxy.requests.length, 1);
  });
}

test("T14: a mirror whose name means this machine may lead to another such name", async (t) => {
  await using other = await serve(new Map([["file", Buffer.from("here")]]));
  await using mirror = await serve(new Map(), [[/file/, redirect(`http://b.example:${other.port}/file`)]]);
  const { get } = downloading(t, { resolve: resolveTo("127.0.0.1", "127.0.0.1") });
  assert.equal(textOf(await get(`http://a.example:${mirror.port}`)), "here");
});

test("a redirect to another host is followed, through the proxy too", async (t) => {
  await using proxy = await serve(tree(), [[/a\.example/, redirect("http://b.example/debian/file")]]);
  assert.equal(textOf(await downloading(t, { env: { http_proxy: proxy.url } }).get(MIRROR)), "by proxy");
});

test("a proxy where nothing listens, and one that does not answer", async (t) => {
  const dead = `http://127.0.0.1:${await deadPort()}`;
  const error = await downloading(t, { env: { http_proxy: dead } }).problem(MIRROR);
  assert.equal(error.code, "MIRROR_UNREACHABLE");
  assert.match(error.message, /ECONNREFUSED/);
  await using proxy = await serve(new Map(), [[/./, hang]]);
  assert.equal((await downloading(t, { env: { http_proxy: proxy.url } }).problem(MIRROR)).code, "MIRROR_UNREACHABLE");
});

for (const [name, answer, code, message] of [
  ["refuses", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "MIRROR_REFUSED", /the proxy answered CONNECT with status 403/],
  ["wants credentials", "HTTP/1.1 407 Auth\r\nContent-Length: 0\r\n\r\n", "MIRROR_REFUSED", /the proxy asks for credentials/],
  ["closes", "", "MIRROR_UNREACHABLE", /\(tried 2 times\)/],
] as const) {
  test(`an https mirror goes by CONNECT; a proxy that ${name} it ends the download`, { timeout: 10_000 }, async (t) => {
    const seen: string[] = [];
    await using proxy = await serveRaw((socket) => {
      socket.once("data", (chunk) => {
        seen.push(String(chunk).split("\r\n")[0] ?? "");
        socket.end(answer);
      });
    });
    const error = await downloading(t, { env: { https_proxy: proxy.url } }).problem("https://a.example/debian");
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    assert.equal(seen[0], "CONNECT a.example:443 HTTP/1.1");
  });
}

for (const http_proxy of ["http://", "socks5://127.0.0.1:1080", "ftp://a.example"]) {
  test(`an http_proxy of ${http_proxy} is named as the fault`, async (t) => {
    const error = await downloading(t, { env: { http_proxy } }).problem(MIRROR);
    assert.equal(error.code, "MIRROR_REFUSED");
    assert.match(error.message, /the environment variable http_proxy is no URL of a proxy/);
  });
}
