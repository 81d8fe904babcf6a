/** THREATS 2.1 from outside: what servers and proxies do to a download ends in its exit status, a message, and a tree that did not move. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { type Attack, assertFails } from "../support/attack.ts";
import { bytes, cutAfter, cutChunks, drip, endless, flipBit, hang, raw, redirect, status } from "../support/fault-answers.ts";
import type { Answer, Rule } from "../support/fault-server.ts";

const IN_RELEASE = /InRelease$/;
const PACKAGES = /Packages/;
const QUICK = { timeout: "250ms" };
const LOGIN = Buffer.from("<!DOCTYPE html>\n<html><title>Please log in</title></html>\n");
const WHOLE = /the whole file must come/;

const on =
  (pattern: RegExp, answer: Answer): (() => readonly Rule[]) =>
  () => [[pattern, answer]];
const unreachable = { code: "MIRROR_UNREACHABLE", exit: 4 };
const slow = { code: "MIRROR_TOO_SLOW", exit: 4, mirror: QUICK, hint: /timeout/ };
const broke = { code: "MIRROR_BROKE_OFF", exit: 4 };
const redirected = { code: "REDIRECT_REFUSED", exit: 4 };
const mismatch = { code: "INDEX_MISMATCH", exit: 5, hint: /Mirror sync in progress/ };
const malformed = { code: "CLEARSIGN_MALFORMED", exit: 5 };

/** 1xx answers for as long as anybody reads. */
const storm: Answer = ({ socket }) => {
  const piece = "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n".repeat(200);
  const timer = setInterval(() => socket.write(piece), 5);
  socket.on("close", () => clearInterval(timer));
};

const onAndOn: Answer = ({ request, response }) => response.writeHead(302, { Location: `${request.path}1` }).end();

const ROWS: readonly (readonly [name: string, attack: Attack])[] = [
  [
    "T02: a server that takes the question for InRelease and never answers",
    { ...unreachable, mirror: QUICK, rules: on(IN_RELEASE, hang), says: [/InRelease/, /within 250 ms/], hint: /network/ },
  ],
  [
    "T02: a server that takes the question for an index and never answers",
    { ...unreachable, mirror: QUICK, rules: on(PACKAGES, hang), says: [/Packages\.xz/, /within 250 ms/] },
  ],
  [
    "T03: an InRelease of one byte now and then",
    { ...slow, rules: on(IN_RELEASE, drip(20)), says: [/at least 1024 bytes must come each/] },
  ],
  [
    "T03: an index of one byte now and then",
    { ...slow, rules: on(PACKAGES, drip(20)), says: [/Packages/, /at least 1024 bytes must come/] },
  ],
  [
    "T04: an InRelease shorter than its length",
    { ...broke, rules: on(IN_RELEASE, cutAfter(100)), says: [/after 100 of [0-9]+ bytes/, WHOLE] },
  ],
  [
    "T04: an index shorter than its length, also at the second try",
    {
      ...broke,
      mirror: { retries: 1, ...QUICK },
      rules: on(PACKAGES, cutAfter(100)),
      says: [/after 100 of [0-9]+ bytes/, /tried 2 times/, WHOLE],
    },
  ],
  ["T05: an InRelease in chunks without a last one", { ...broke, rules: on(IN_RELEASE, cutChunks(100)), says: [/after 100 bytes/, WHOLE] }],
  ["T05: an index in chunks without a last one", { ...broke, rules: on(PACKAGES, cutChunks(100)), says: [/after 100 bytes/, WHOLE] }],
  [
    "T06: an InRelease without an end",
    { code: "DOWNLOAD_LIMIT", exit: 5, rules: on(IN_RELEASE, endless()), says: [/InRelease/, /it may have at most 10485760 bytes/] },
  ],
  [
    "T07: an index without an end",
    { ...mismatch, rules: on(PACKAGES, endless()), says: [/longer than the [0-9]+ bytes that its Release lists/] },
  ],
  [
    "T07: an index that is announced longer than listed",
    {
      ...mismatch,
      rules: on(
        PACKAGES,
        bytes((file) => Buffer.concat([file, file])),
      ),
      says: [/longer than the [0-9]+ bytes/],
    },
  ],
  [
    "T08: an index of the right length with one bit wrong",
    {
      ...mismatch,
      rules: on(PACKAGES, flipBit(20)),
      says: [/Packages\.xz/, /SHA256 is [0-9a-f]{64}, the signed Release says [0-9a-f]{64}/],
    },
  ],
  [
    "T09: a login page for every file",
    { ...malformed, rules: on(/./, status(200, {}, LOGIN)), says: [/InRelease/, /login page/], hint: /login page/ },
  ],
  [
    "T10: a login page for the indices alone",
    { ...mismatch, rules: on(/main\//, status(200, {}, LOGIN)), says: [/Packages\.xz/, /58 bytes/] },
  ],
  ["T11: an empty InRelease", { ...malformed, rules: on(IN_RELEASE, status(200)), says: [/InRelease/, /it is empty/] }],
  ["T11: an empty index", { ...mismatch, rules: on(PACKAGES, status(200)), says: [/Packages\.xz/, /its size is 0 bytes/] }],
  ["T12: a redirect to itself", { ...redirected, rules: on(IN_RELEASE, redirect("/dists/stable/InRelease")), says: [/in a loop/] }],
  ["T12: redirects on and on", { ...redirected, rules: on(PACKAGES, onAndOn), says: [/at most 10 redirects are followed/] }],
  ...["file:///etc/passwd", "data:,x", "gopher://127.0.0.1/"].map((target): readonly [string, Attack] => [
    `T13: a redirect to ${target}`,
    { ...redirected, rules: on(IN_RELEASE, redirect(target)), says: [/it must be http or https/] },
  ]),
  [
    "T15: an encoded line break in Location",
    { ...redirected, rules: on(PACKAGES, redirect("/x%0d%0aSize:")), says: [/control characters/] },
  ],
  [
    "T15: a raw line break in Location, which ends it and starts other headers",
    {
      ...broke,
      rules: on(PACKAGES, raw("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")),
      says: [/Packages/],
    },
  ],
  [
    "T17: an index that is compressed on the way although identity was asked for",
    {
      ...mismatch,
      rules: on(
        PACKAGES,
        bytes((file) => gzipSync(file), { "Content-Encoding": "gzip" }),
      ),
      says: [/Packages\.xz/],
    },
  ],
  [
    "T17: an InRelease that is compressed on the way although identity was asked for",
    {
      ...malformed,
      rules: on(
        IN_RELEASE,
        bytes((file) => gzipSync(file), { "Content-Encoding": "gzip" }),
      ),
      says: [/InRelease/],
    },
  ],
  [
    "T20: a part of the file although no Range was asked for",
    { ...broke, rules: on(PACKAGES, status(206, { "Content-Range": "bytes 0-0/1" }, "x")), says: [/answered 206 to no range/] },
  ],
  [
    "T22: a 304 that nothing was asked for",
    { ...broke, rules: on(PACKAGES, status(304)), says: [/Packages/, /answered 304 to no condition/] },
  ],
  ["T28: 500 for the InRelease", { ...broke, rules: on(IN_RELEASE, status(500)), says: [/InRelease/, /status 500/] }],
  [
    "T28: 503 that asks to come back in a day",
    {
      ...broke,
      mirror: { retries: 5 },
      rules: on(/./, status(503, { "Retry-After": "86400" })),
      says: [/in 86400 s, at most 30 s are waited/],
    },
  ],
  [
    "T30: headers that break off",
    { ...broke, rules: on(IN_RELEASE, raw("HTTP/1.1 200 OK\r\nContent-Le")), says: [/broke off before an answer/] },
  ],
  [
    "T30: headers of 200 kB",
    { ...broke, rules: on(IN_RELEASE, raw(`HTTP/1.1 200 OK\r\nX: ${"a".repeat(200_000)}\r\n\r\n`)), says: [/at most 32768 bytes/] },
  ],
  ["T30: a storm of 1xx answers", { ...unreachable, mirror: QUICK, rules: on(IN_RELEASE, storm), says: [/no answer came/] }],
];

for (const [name, attack] of ROWS) {
  test(`${name} is refused, and the tree stays`, async (t) => {
    const world = await assertFails(t, attack);
    const asked = world.mirror("base").requests;
    // Whatever was refused was not asked for without end.
    assert.ok(asked.length < 60, `${asked.length} requests`);
  });
}
