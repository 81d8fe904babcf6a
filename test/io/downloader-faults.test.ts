/** One row per fault of THREATS 2.1 that a single server can show: the code it ends in, and what the message must say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { downloading, TIMEOUT_MS, textOf, titleOf } from "../support/downloading.ts";
import { bytes, cutAfter, cutChunks, drip, endless, hang, hangUp, raw, redirect, stallAfter, status } from "../support/fault-answers.ts";
import { type Answer, deadPort, serve } from "../support/fault-server.ts";

const FILE = Buffer.from("0123456789".repeat(1000));

const informational: Answer = ({ socket }) => {
  const timer = setInterval(() => socket.write("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n".repeat(50)), 5);
  socket.on("close", () => clearInterval(timer));
};

const refused: readonly (readonly [name: string, answer: Answer, code: string, message: RegExp])[] = [
  [
    "T02 a server that takes the request and never answers",
    hang,
    "MIRROR_UNREACHABLE",
    /no answer came \(tried 2 times\), it must come within 250 ms/,
  ],
  ["T03 a body of one byte now and then", drip(20), "MIRROR_TOO_SLOW", /bytes came in 1 s after [0-9]+ bytes, at least 1024 bytes/],
  ["T03 a body that stops", stallAfter(100), "MIRROR_TOO_SLOW", /nothing came for 250 ms after 100 of 10000 bytes \(tried 2 times\)/],
  ["T03 a body that stops before its first byte", stallAfter(0), "MIRROR_TOO_SLOW", /after 0 of 10000 bytes/],
  [
    "T04 a body shorter than its length, always",
    cutAfter(4000),
    "MIRROR_BROKE_OFF",
    /after 4000 of 10000 bytes .*\(tried 2 times\), the whole file/,
  ],
  ["T05 chunks without a last one", cutChunks(4000), "MIRROR_BROKE_OFF", /after 4000 bytes .*\(tried 2 times\)/],
  ["T06 a body without an end", endless(), "DOWNLOAD_LIMIT", /it is longer than 1000000 bytes, it may have at most 1000000 bytes/],
  [
    "T07 a length above the cap",
    endless({ "Content-Length": "1000001" }),
    "DOWNLOAD_LIMIT",
    /said to have 1000001 bytes, it may have at most 1000000/,
  ],
  ["T12 a redirect to itself", redirect("/file"), "REDIRECT_REFUSED", /redirects in a loop/],
  [
    "T12 redirects on and on",
    ({ request, response }) => response.writeHead(302, { Location: `${request.path}1` }).end(),
    "REDIRECT_REFUSED",
    /at most 10/,
  ],
  [
    "T13 a redirect to a file URL",
    redirect("file:///etc/passwd"),
    "REDIRECT_REFUSED",
    /"file:\/\/\/etc\/passwd", it must be http or https/,
  ],
  ["T13 a redirect to a data URL", redirect("data:,x"), "REDIRECT_REFUSED", /it must be http or https/],
  ["T15 an encoded line break in Location", redirect("/x%0d%0aSize:"), "REDIRECT_REFUSED", /control characters/],
  ["T15 a blank in Location", redirect("/x y"), "REDIRECT_REFUSED", /without blanks/],
  ["a redirect without Location", status(302), "REDIRECT_REFUSED", /without one Location/],
  [
    "two Locations",
    raw("HTTP/1.1 302 Found\r\nLocation: /a\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"),
    "REDIRECT_REFUSED",
    /without one Location/,
  ],
  ["T20 a 206 without a Range", status(206, { "Content-Range": "bytes 0-0/1" }, "x"), "MIRROR_BROKE_OFF", /answered 206 to no range/],
  ["T22 a 304 to no condition", status(304), "MIRROR_BROKE_OFF", /answered 304 to no condition/],
  ["T28 500 always", status(500), "MIRROR_BROKE_OFF", /it answered status 500 \(tried 2 times\), it must be 200/],
  [
    "T28 503 that asks for a day",
    status(503, { "Retry-After": "86400" }),
    "MIRROR_BROKE_OFF",
    /asks to come back in 86400 s, at most 30 s/,
  ],
  ["T30 headers of 200 kB", raw(`HTTP/1.1 200 OK\r\nX: ${"a".repeat(200_000)}\r\n\r\n`), "MIRROR_BROKE_OFF", /its headers are too long/],
  [
    "T30 headers that break off",
    raw("HTTP/1.1 200 OK\r\nContent-Le"),
    "MIRROR_BROKE_OFF",
    /broke off before an answer .*\(tried 2 times\)/,
  ],
  ["T30 a storm of 1xx answers", informational, "MIRROR_UNREACHABLE", /no answer came/],
  ["an answer that is no HTTP", raw("SSH-2.0-OpenSSH_9.2\r\n"), "MIRROR_BROKE_OFF", /HTTPParserError/],
  ["two lengths", raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), "MIRROR_BROKE_OFF", /content-length/],
  ["a connection closed without a word", hangUp, "MIRROR_BROKE_OFF", /broke off before an answer .*\(tried 2 times\)/],
  ["401", status(401), "MIRROR_REFUSED", /status 401, it must be 200/],
  ["403", status(403), "MIRROR_REFUSED", /status 403/],
  ["407", status(407), "MIRROR_REFUSED", /status 407/],
  ["418", status(418), "MIRROR_REFUSED", /status 418/],
  ["204", status(204), "MIRROR_REFUSED", /status 204/],
  ["429 always", status(429), "MIRROR_BROKE_OFF", /status 429 \(tried 2 times\)/],
];

for (const [name, answer, code, message] of refused) {
  test(titleOf("download refuses", name), { timeout: 10_000 }, async (t) => {
    await using mirror = await serve(new Map([["file", FILE]]), [[/file/, answer]]);
    const error = await downloading(t).problem(mirror.url);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    assert.ok(error.message.startsWith(`Cannot download "${mirror.url}/file" of debian/bookworm: `), error.message);
    assert.deepEqual(error.where, { mirror: "debian", suite: "bookworm" });
  });
}

const accepted: readonly (readonly [name: string, answer: Answer, expected: string])[] = [
  ["T11 an empty body", status(200), ""],
  ["T09 a login page, which the verify step refuses", status(200, { "Content-Type": "text/html" }, "<html>"), "<html>"],
  ["T16 a file labelled Content-Encoding: gzip", bytes(FILE, { "Content-Encoding": "gzip" }), FILE.toString()],
  ["T16 a file labelled Content-Encoding: x-gzip", bytes(FILE, { "Content-Encoding": "x-gzip" }), FILE.toString()],
  ["T17 a compressed body, as it was sent", bytes(gzipSync(FILE), { "Content-Encoding": "gzip" }), gzipSync(FILE).toString("latin1")],
  ["T31 HTTP/1.0 without a length or a reason", raw("HTTP/1.0 200\r\n\r\nplain"), "plain"],
  ["T31 HTTP/1.0 with keep-alive", raw("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nplain"), "plain"],
  ["a few 1xx answers before the real one", raw("HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), "ok"],
  ["headers named like parts of an object", raw("HTTP/1.1 200 OK\r\n__proto__: x\r\nconstructor: y\r\nContent-Length: 2\r\n\r\nok"), "ok"],
];

for (const [name, answer, expected] of accepted) {
  test(titleOf("download delivers", name), { timeout: 10_000 }, async (t) => {
    await using mirror = await serve(new Map([["file", FILE]]), [[/file/, answer]]);
    assert.equal(textOf(await downloading(t).get(mirror.url)), expected);
  });
}

test("T01: a port where nothing listens is unreachable, by name of its errno and address", async (t) => {
  const port = await deadPort();
  const error = await downloading(t).problem(`http://127.0.0.1:${port}`, { retries: 2 });
  assert.equal(error.code, "MIRROR_UNREACHABLE");
  assert.match(error.message, new RegExp(`no connection \\(ECONNREFUSED: .*127\\.0\\.0\\.1:${port}.*\\(tried 3 times\\), it must answer`));
});

test("T01: a host without an address is unreachable", async (t) => {
  const error = await downloading(t).problem("http://nowhere.invalid", { retries: 0, timeoutMs: 5000 });
  assert.equal(error.code, "MIRROR_UNREACHABLE");
  assert.match(error.message, /ENOTFOUND|EAI_AGAIN/);
});

test("T03: a slow body ends within a few timeouts", async (t) => {
  await using mirror = await serve(new Map(), [[/file/, drip(20)]]);
  const started = performance.now();
  await downloading(t).problem(mirror.url, { timeoutMs: 100, retries: 3 });
  const tookMs = performance.now() - started;
  assert.ok(tookMs >= 400 && tookMs < 4 * TIMEOUT_MS + 2000, `${tookMs} ms`);
  assert.equal(mirror.requests.length, 1, "a slow mirror is not asked again");
});

test("T06: an endless body is cut off at its cap", async (t) => {
  await using mirror = await serve(new Map(), [[/file/, endless()]]);
  const { problem, downloader } = downloading(t, { maxTotalBytes: 1_500_000 });
  assert.equal((await problem(mirror.url)).code, "DOWNLOAD_LIMIT");
  assert.equal(mirror.requests.length, 1, "a file above its cap is not asked for again");
  await downloader.close();
});
