/** THREATS 2.1, servers that are odd and not wrong, and downloads that are mended: the merge goes on, and what comes out is right. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { CALM, LATER } from "../support/attack.ts";
import { bytes, cutAfter, endless, flipBit, fromTree, inTurn, redirect, status, times } from "../support/fault-answers.ts";
import { type Answer, deadPort, etagOf, serve } from "../support/fault-server.ts";
import { assertPublished, assertRefused, assertUnchanged, errorOf } from "../support/refused.ts";
import { deb, newWorld, RECENTLY, upstream } from "../support/world.ts";

const RETRY = { mirrors: { base: { retries: 1 } } };
const FILE = /Packages/;

test("T01: a port where nothing listens is refused with mirror, address and errno after so many tries as retries say", async (t) => {
  const world = await newWorld(t, { base: CALM }, RETRY);
  await assertPublished(world);
  const { url } = world.mirror("base");
  await world.mirror("base").close();
  const error = errorOf(await assertRefused(world, "MIRROR_UNREACHABLE", 4));
  assert.equal(error.mirror, "base");
  assert.match(error.line, /ECONNREFUSED.*\(tried 2 times\)/);
  assert.ok(error.line.includes(`${url}/dists/stable/InRelease`), error.line);
  assert.match(error.hint, /keeps its last state/);
});

test("T01: a host without an address is refused with its name and errno", async (t) => {
  const world = await newWorld(t, { base: CALM });
  await assertPublished(world);
  await world.configure({ mirrors: { base: { url: "http://nowhere.invalid/debian", timeout: "10s" } } });
  const error = errorOf(await assertRefused(world, "MIRROR_UNREACHABLE", 4));
  assert.match(error.line, /http:\/\/nowhere\.invalid\/debian\/dists\/stable\/InRelease.*(ENOTFOUND|EAI_AGAIN)/);
});

test("T07: of an index without an end no more is read than is listed and one byte", async (t) => {
  const world = await newWorld(t, { base: CALM });
  let sent = 0;
  const counted: Answer = (exchange) => {
    exchange.response.on("close", () => {
      sent = Math.max(sent, exchange.socket.bytesWritten);
    });
    return endless()(exchange);
  };
  world.mirror("base").rules = [[FILE, counted]];
  await assertRefused(world, "INDEX_MISMATCH", 5);
  // What the kernel's buffers on both sides take is not read by anybody.
  assert.ok(sent > 0 && sent < 16_000_000, `${sent} bytes`);
});

test("T08: a file that a proxy spoiled is asked for once more, past caches", async (t) => {
  const world = await newWorld(t, { base: CALM });
  world.mirror("base").rules = [[FILE, inTurn(flipBit(20), fromTree)]];
  await assertPublished(world);
  const asked = world.mirror("base").requests.filter(({ path }) => FILE.test(path));
  assert.deepEqual(
    asked.map(({ headers }) => headers["cache-control"]),
    [undefined, "no-cache"],
  );
});

test("T11: an empty file is accepted where the Release lists 0 bytes", async (t) => {
  const world = await newWorld(t, { base: upstream().compressions(["plain"]) });
  await assertPublished(world);
  assert.deepEqual(await world.packages(), []);
});

test("T14: a redirect to another host is followed, and what comes is verified all the same", async (t) => {
  await using other = await serve(await LATER.build());
  const world = await newWorld(t, { base: CALM });
  const away: Answer = ({ request, response }) => response.writeHead(302, { Location: `${other.url}${request.path}` }).end();
  world.mirror("base").rules = [[/./, away]];
  await assertPublished(world);
  assert.deepEqual(await world.packages(), ["hello 2.0"]);
  other.tree = await LATER.at("2026-10-01T13:00:00Z")
    .tamper("dists/stable/InRelease", (file) => file.toString().replace("Label: Test", "Label: Tess"))
    .build();
  await assertRefused(world, "SIGNATURE_BAD", 5);
});

test("T14: a mirror elsewhere may not lead to this machine or its link", async (t) => {
  const world = await newWorld(t, { base: CALM.at(RECENTLY) });
  // The fault server stands in for a proxy, so that the mirror can bear a foreign name.
  await world.configure({ mirrors: { base: { url: "http://a.example/debian" } } });
  const proxy = world.mirror("base");
  for (const target of ["http://169.254.169.254/latest/meta-data", `http://127.0.0.1:${await deadPort()}/`, "http://[::1]/"]) {
    proxy.rules = [[/./, redirect(target)]];
    const { status: exit, stderr } = await world.cli(["merge"], { env: { http_proxy: proxy.url } });
    assert.equal(exit, 4, stderr);
    assert.match(stderr, /error REDIRECT_REFUSED: .*base\/stable.* a mirror may not lead to this machine or its link/);
    assert.ok(!proxy.requests.some(({ path }) => path.startsWith(target)));
    assert.deepEqual(await world.tree(), {});
  }
});

for (const label of ["gzip", "x-gzip"]) {
  test(`T16: a .gz that is labelled Content-Encoding: ${label} is taken as it was sent`, async (t) => {
    const world = await newWorld(t, { base: CALM.compressions(["gz"]) });
    world.mirror("base").rules = [[/\.gz$/, bytes((file) => file, { "Content-Encoding": label })]];
    await assertPublished(world);
    assert.deepEqual(await world.packages(), ["hello 1.0"]);
  });
}

/** The first 100 bytes with a strong ETag, then the end of the connection. */
const cut: Answer = (exchange) => cutAfter(100, { ETag: etagOf(exchange.body ?? Buffer.of()) })(exchange);
const whole: Answer = ({ response, body = Buffer.of() }) => response.writeHead(200, { "Content-Length": body.length }).end(body);
/** The rest of another file, by a server that does not look at If-Range. */
const otherRest: Answer = ({ request, response, body = Buffer.of() }) => {
  const from = Number(/bytes=([0-9]+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const rest = Buffer.alloc(body.length - from, "x");
  response.writeHead(206, { "Content-Length": rest.length, "Content-Range": `bytes ${from}-${body.length - 1}/${body.length}` }).end(rest);
};

for (const [name, ...answers] of [
  ["T04: a file that broke off goes on by Range", cut, fromTree],
  ["T18: a Range that is answered with the whole file starts anew", cut, whole],
  ["T19: the rest of a changed file does not match, and the whole file is fetched once more", cut, otherRest, fromTree],
  ["T21: a Range that is answered 416 starts anew", cut, status(416), fromTree],
] as const) {
  test(name, async (t) => {
    const world = await newWorld(t, { base: CALM }, RETRY);
    const [first, ...others] = answers;
    world.mirror("base").rules = [[FILE, inTurn(first, ...others)]];
    await assertPublished(world);
    const asked = world.mirror("base").requests.filter(({ path }) => FILE.test(path));
    assert.deepEqual(
      asked.slice(0, 2).map(({ headers }) => headers.range),
      [undefined, "bytes=100-"],
    );
    assert.equal(asked.length, answers.length);
  });
}

test("T19: the rest of a changed file, time and again, is refused", async (t) => {
  const world = await newWorld(t, { base: CALM }, RETRY);
  await assertPublished(world);
  await world.publish("base", LATER);
  const lie: Answer = (exchange) => (exchange.request.headers.range === undefined ? cut : otherRest)(exchange);
  world.mirror("base").rules = [[FILE, lie]];
  assert.match(errorOf(await assertRefused(world, "INDEX_MISMATCH", 5)).line, /SHA256 is [0-9a-f]{64}, the signed Release says/);
  // Asked for once, and once more past caches, each with the retry for what broke off.
  assert.equal(
    world.mirror("base").requests.filter(({ path, headers }) => FILE.test(path) && headers["cache-control"] === "no-cache").length,
    2,
  );
});

test("T20: a part that does not start where the file broke off is refused", async (t) => {
  const world = await newWorld(t, { base: CALM }, RETRY);
  const wrong: Answer = ({ response, body = Buffer.of() }) =>
    response.writeHead(206, { "Content-Range": `bytes 101-${body.length - 1}/${body.length}` }).end(body.subarray(101));
  world.mirror("base").rules = [[FILE, inTurn(cut, wrong)]];
  assert.match(errorOf(await assertRefused(world, "MIRROR_BROKE_OFF", 4)).line, /it must go on from byte 100/);
});

for (const [name, lose] of [
  ["the store", "store"],
  ["the notes on what was asked", "cache"],
] as const) {
  test(`T22: after ${name} was lost a 304 is not believed, and an honest answer mends it`, async (t) => {
    const world = await newWorld(t, { base: CALM });
    await assertPublished(world);
    await rm(join(world.state, lose), { recursive: true });
    world.mirror("base").rules = [[/./, status(304)]];
    assert.match(errorOf(await assertRefused(world, "MIRROR_BROKE_OFF", 4)).line, /InRelease.*answered 304 to no condition/);
    const before = world.mirror("base").requests.length;
    world.mirror("base").rules = [];
    await assertUnchanged(world);
    const [asked] = world.mirror("base").requests.slice(before);
    assert.deepEqual([asked?.headers["if-none-match"], asked?.headers["if-modified-since"]], [undefined, undefined]);
  });
}

test("T28: a 503 that asks for a moment is waited for", async (t) => {
  const world = await newWorld(t, { base: CALM }, RETRY);
  world.mirror("base").rules = [[FILE, times(1, status(503, { "Retry-After": "0" }))]];
  await assertPublished(world);
});

test("T30: a storm of 1xx answers, as fast as they are read, ends in time and fills no memory", async (t) => {
  const world = await newWorld(t, { base: CALM });
  await world.configure({ mirrors: { base: { timeout: "1s" } } });
  const piece = "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n".repeat(500);
  let sent = 0;
  const storm: Answer = ({ socket }) => {
    const pour = (): void => {
      while (!socket.destroyed && socket.write(piece)) sent += piece.length;
    };
    socket.on("drain", pour);
    pour();
  };
  world.mirror("base").rules = [[/./, storm]];
  const before = process.memoryUsage().rss;
  assert.match(errorOf(await assertRefused(world, "MIRROR_UNREACHABLE", 4)).line, /no answer came, it must come within 1 s/);
  const grown = process.memoryUsage().rss - before;
  assert.ok(sent > 0 && grown < 300_000_000, `${grown} bytes more after ${sent}`);
});

for (const [name, head] of [
  ["HTTP/1.0 without a length or a reason", () => "HTTP/1.0 200\r\n\r\n"],
  ["HTTP/1.0 with keep-alive", (length: number) => `HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: ${length}\r\n\r\n`],
  ["HTTP/1.1 without a reason", (length: number) => `HTTP/1.1 200\r\nContent-Length: ${length}\r\n\r\n`],
] as const) {
  test(`T31: a mirror that speaks ${name} is merged`, async (t) => {
    const world = await newWorld(t, { base: CALM.deb(deb("more")) });
    const old: Answer = ({ socket, body }) =>
      body === undefined ? "tree" : socket.end(Buffer.concat([Buffer.from(head(body.length)), body]));
    world.mirror("base").rules = [[/./, old]];
    await assertPublished(world);
    assert.deepEqual(await world.packages(), ["hello 1.0", "more 1.0"]);
  });
}
