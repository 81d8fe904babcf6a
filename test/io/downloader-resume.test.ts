/** What happens after a body broke off: THREATS 2.1, T04 and T18 to T21. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { downloading, textOf, titleOf } from "../support/downloading.ts";
import { cutAfter, cutChunks, fromTree, inTurn, status, times } from "../support/fault-answers.ts";
import { type Answer, etagOf, serve } from "../support/fault-server.ts";

const FILE = Buffer.from("0123456789".repeat(1000));
const OTHER = Buffer.from("abcdefghij".repeat(1000));
const STRONG = { ETag: etagOf(FILE), "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT" };

const cut = cutAfter(4000, STRONG);

/** A 206 that lies about where it starts. */
const range = (header: string, body: Buffer, headers: Record<string, string> = {}): Answer =>
  status(206, { "Content-Range": header, ...headers }, body);

test("a body that broke off goes on by Range", async (t) => {
  await using mirror = await serve(new Map([["file", FILE]]), [[/file/, times(1, cut)]]);
  assert.equal(textOf(await downloading(t).get(mirror.url)), FILE.toString());
  const [first, second] = mirror.requests;
  assert.equal(first?.headers.range, undefined);
  assert.deepEqual([second?.headers.range, second?.headers["if-range"]], ["bytes=4000-", etagOf(FILE)]);
});

test("three breaks in a row are mended when there are three retries", async (t) => {
  const again: Answer = ({ request, response, socket }) => {
    const from = Number(/bytes=([0-9]+)-/.exec(request.headers.range ?? "")?.[1]);
    response.writeHead(206, { "Content-Range": `bytes ${from}-9999/10000`, "Content-Length": 10_000 - from });
    response.write(FILE.subarray(from, from + 1000), () => socket.destroy());
  };
  await using mirror = await serve(new Map([["file", FILE]]), [[/file/, inTurn(cut, again, again, fromTree)]]);
  assert.equal(textOf(await downloading(t).get(mirror.url, { retries: 3 })), FILE.toString());
  assert.equal(mirror.requests.at(-1)?.headers.range, "bytes=6000-");
});

const whole: readonly (readonly [name: string, ...answers: readonly [Answer, ...Answer[]]])[] = [
  ["T18 a Range that is answered with the whole file", cut, status(200, {}, FILE)],
  ["T21 a Range that is answered 416", cut, status(416), fromTree],
  ["T22 a Range that is answered 304", cut, status(304), fromTree],
  ["a rest of a file with another ETag", cut, range("bytes 4000-9999/10000", OTHER.subarray(4000), { ETag: etagOf(OTHER) }), fromTree],
  ["a rest of a file with another length", cut, range("bytes 4000-4009/4010", OTHER.subarray(0, 10)), fromTree],
  ["a body without validators, which cannot be joined", cutAfter(4000), fromTree],
  ["a body with a weak ETag only", cutAfter(4000, { ETag: 'W/"1"' }), fromTree],
  ["chunks that broke off", cutChunks(4000), fromTree],
  ["a pause of the server by Retry-After", status(503, { "Retry-After": "0" }), fromTree],
  ["408", status(408), fromTree],
];

for (const [name, first, ...others] of whole) {
  test(titleOf("download delivers the whole file after", name), async (t) => {
    await using mirror = await serve(new Map([["file", FILE]]), [[/file/, inTurn(first, ...others)]]);
    assert.equal(textOf(await downloading(t).get(mirror.url)), FILE.toString());
    assert.equal(mirror.requests.length, others.length + 1);
  });
}

const wrong: readonly (readonly [name: string, answer: Answer, message: RegExp])[] = [
  [
    "T20 with another offset",
    range("bytes 4001-9999/10000", FILE.subarray(4001)),
    /206 with bytes from 4001 .*it must go on from byte 4000/,
  ],
  ["T20 from the start", range("bytes 0-9999/10000", FILE), /206 with bytes from 0 .*it must go on from byte 4000/],
  ["without Content-Range", status(206, {}, FILE.subarray(4000)), /206 without a range/],
  ["of several ranges", status(206, { "Content-Type": "multipart/byteranges; boundary=x" }, "--x"), /206 without a range/],
  ["that ends before it starts", range("bytes 4000-3999/10000", FILE), /206 with bytes from 4000/],
];

for (const [name, answer, message] of wrong) {
  test(titleOf("download refuses a 206", name), async (t) => {
    await using mirror = await serve(new Map([["file", FILE]]), [[/file/, inTurn(cut, answer)]]);
    const error = await downloading(t).problem(mirror.url);
    assert.equal(error.code, "MIRROR_BROKE_OFF");
    assert.match(error.message, message);
  });
}

test("T19: the rest of a changed file by a server that ignores If-Range is joined: only its digest can tell", async (t) => {
  const lie = range("bytes 4000-9999/10000", OTHER.subarray(4000));
  await using mirror = await serve(new Map([["file", FILE]]), [[/file/, inTurn(cut, lie)]]);
  const joined = Buffer.concat([FILE.subarray(0, 4000), OTHER.subarray(4000)]);
  assert.equal(textOf(await downloading(t).get(mirror.url)), joined.toString());
});

test("a rest that runs over the end of the file is not delivered", async (t) => {
  const answer = range("bytes 4000-9999/10000", Buffer.concat([FILE.subarray(4000), OTHER]));
  await using mirror = await serve(new Map([["file", FILE]]), [[/file/, inTurn(cut, answer)]]);
  const error = await downloading(t).problem(mirror.url);
  assert.equal(error.code, "MIRROR_BROKE_OFF");
  assert.match(error.message, /the body ended after 20000 of 10000 bytes/);
});

test("a piece that is not the rest is no whole file", async (t) => {
  const chunked: Answer = ({ response }) => {
    response.writeHead(200, STRONG);
    response.write(FILE.subarray(0, 4000), () => response.socket?.destroy());
  };
  const piece = range("bytes 4000-4999/10000", FILE.subarray(4000, 5000));
  await using mirror = await serve(new Map([["file", FILE]]), [[/file/, inTurn(chunked, piece, fromTree)]]);
  const { get, problem } = downloading(t);
  assert.match((await problem(mirror.url)).message, /the body ended after 5000 of 10000 bytes/);
  mirror.rules = [[/file/, inTurn(chunked, piece, fromTree)]];
  assert.equal(textOf(await get(mirror.url, { retries: 2 })), FILE.toString());
});

test("the cap counts what came before the break", async (t) => {
  const chunked: Answer = ({ response }) => {
    response.writeHead(200, STRONG);
    response.write(FILE.subarray(0, 4000), () => response.socket?.destroy());
  };
  const endlessRest: Answer = ({ response }) => response.writeHead(206, { "Content-Range": "bytes 4000-9999/*" }).end(FILE);
  await using mirror = await serve(new Map([["file", FILE]]), [[/file/, inTurn(chunked, endlessRest)]]);
  assert.equal((await downloading(t).problem(mirror.url, { maxBytes: 5000 })).code, "DOWNLOAD_LIMIT");
});

test("without retries a broken body is not asked for again", async (t) => {
  await using mirror = await serve(new Map([["file", FILE]]), [[/file/, times(1, cut)]]);
  const error = await downloading(t).problem(mirror.url, { retries: 0 });
  assert.match(error.message, /the connection broke off after 4000 of 10000 bytes \([A-Z_]+: "[^"]*"\), the whole file must come/);
  assert.equal(mirror.requests.length, 1);
});
