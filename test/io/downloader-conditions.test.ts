/** Conditional requests, and what else goes out with a request. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DownloadOutcome, Validator } from "../../lib/ports.ts";
import { downloading, textOf } from "../support/downloading.ts";
import { bytes, cutAfter, fromTree, inTurn, redirect, status } from "../support/fault-answers.ts";
import { etagOf, serve } from "../support/fault-server.ts";

const FILE = Buffer.from("file");
const FIRST_MODIFIED = "Thu, 01 Jan 2026 00:00:00 GMT";

function validatorOf(outcome: DownloadOutcome): Validator {
  assert.equal(outcome.kind, "fetched");
  assert.ok(outcome.kind === "fetched" && outcome.validator !== undefined);
  return outcome.validator;
}

test("a file that did not change is answered by 304", async (t) => {
  await using mirror = await serve(new Map([["file", FILE]]));
  const { get } = downloading(t);
  const validator = validatorOf(await get(mirror.url));
  assert.deepEqual(validator, { url: `${mirror.url}/file`, etag: etagOf(FILE), lastModified: FIRST_MODIFIED });
  assert.deepEqual(await get(mirror.url, { validator }), { kind: "not-modified", base: mirror.url });
  const { headers } = mirror.requests[1] ?? {};
  assert.deepEqual([headers?.["if-none-match"], headers?.["if-modified-since"]], [etagOf(FILE), FIRST_MODIFIED]);
});

test("a file that changed comes with a new validator", async (t) => {
  await using mirror = await serve(new Map([["file", FILE]]));
  const { get } = downloading(t);
  const validator = validatorOf(await get(mirror.url));
  mirror.tree = new Map([["file", Buffer.from("next")]]);
  const outcome = await get(mirror.url, { validator });
  assert.equal(textOf(outcome), "next");
  assert.notDeepEqual(validatorOf(outcome), validator);
});

test("a validator is sent only to the URL that it came from", async (t) => {
  await using first = await serve();
  await using second = await serve(new Map([["file", FILE]]));
  const { get } = downloading(t);
  const validator = validatorOf(await get(second.url));
  const other = { ...validator, url: `${second.url}/other` };
  assert.deepEqual(await get([first.url, second.url], { validator }), { kind: "not-modified", base: second.url });
  assert.equal(textOf(await get(second.url, { validator: other })), "file");
  assert.deepEqual(
    [...first.requests, ...second.requests].map(({ headers }) => headers["if-none-match"]),
    [undefined, undefined, etagOf(FILE), undefined],
  );
});

test("T22: an unexpected 304 is followed by one plain question", async (t) => {
  await using mirror = await serve(new Map([["file", FILE]]), [[/file/, inTurn(status(304), fromTree)]]);
  assert.equal(textOf(await downloading(t).get(mirror.url)), "file");
  assert.equal(mirror.requests.length, 2);
});

test("after a break the condition is not asked again", async (t) => {
  await using mirror = await serve(new Map([["file", FILE]]), [[/file/, inTurn(cutAfter(2, { ETag: etagOf(FILE) }), fromTree)]]);
  const validator = { url: `${mirror.url}/file`, etag: '"older"' };
  assert.equal(textOf(await downloading(t).get(mirror.url, { validator })), "file");
  assert.deepEqual(
    mirror.requests.map(({ headers }) => [headers["if-none-match"], headers["if-range"]]),
    [
      ['"older"', undefined],
      [undefined, etagOf(FILE)],
    ],
  );
});

const doubtful: readonly (readonly [name: string, headers: Record<string, string>, kept: Omit<Validator, "url"> | undefined])[] = [
  ["an ETag without quotes is not kept", { ETag: "abc", "Last-Modified": FIRST_MODIFIED }, { lastModified: FIRST_MODIFIED }],
  ["a weak ETag is kept", { ETag: 'W/"1"', "Last-Modified": FIRST_MODIFIED }, { etag: 'W/"1"', lastModified: FIRST_MODIFIED }],
  ["an ETag beyond ASCII is not kept", { ETag: '"\u00e9"', "Last-Modified": "" }, undefined],
  ["an endless ETag is not kept", { ETag: `"${"a".repeat(5000)}"`, "Last-Modified": "yesterday?" }, undefined],
];

for (const [name, headers, kept] of doubtful) {
  test(name, async (t) => {
    await using mirror = await serve(new Map([["file", FILE]]), [[/file/, bytes(FILE, headers)]]);
    const outcome = await downloading(t).get(mirror.url);
    const expected = kept === undefined ? undefined : { url: `${mirror.url}/file`, ...kept };
    assert.deepEqual(outcome.kind === "fetched" ? outcome.validator : outcome, expected);
  });
}

test("a damaged validator of the state is not sent", async (t) => {
  await using mirror = await serve(new Map([["file", FILE]]));
  const validator = { url: `${mirror.url}/file`, etag: '"x\r\nX-Evil: 1"', lastModified: "now\r\n" };
  assert.equal(textOf(await downloading(t).get(mirror.url, { validator })), "file");
  assert.equal(mirror.requests[0]?.headers["if-none-match"], undefined);
  assert.equal(mirror.requests[0]?.headers["if-modified-since"], undefined);
});

test("a request says who asks and that bytes are wanted as they are", async (t) => {
  await using mirror = await serve(new Map([["file", FILE]]));
  await downloading(t).get(mirror.url);
  const { headers, method } = mirror.requests[0] ?? {};
  assert.equal(method, "GET");
  assert.equal(headers?.["user-agent"], "aptmerge/0.0.0");
  assert.equal(headers?.["accept-encoding"], "identity");
  assert.equal(headers?.["cache-control"], undefined);
});

test("past caches a request says so to new and old ones", async (t) => {
  await using mirror = await serve(new Map([["file", FILE]]));
  await downloading(t).get(mirror.url, { pastCaches: true });
  const { headers } = mirror.requests[0] ?? {};
  assert.deepEqual([headers?.["cache-control"], headers?.pragma], ["no-cache", "no-cache"]);
});

test("a path is percent-encoded segment by segment", async (t) => {
  const path = "dists/a+b~c/x:y@z%2f,=/In Release";
  await using mirror = await serve(new Map([[`debian/${path}`, FILE]]));
  assert.equal(textOf(await downloading(t).get(`${mirror.url}/debian`, { paths: [path] })), "file");
  assert.equal(mirror.requests[0]?.path, "/debian/dists/a%2Bb~c/x%3Ay%40z%252f%2C%3D/In%20Release");
});

test("user and password of a URL go out as Basic, and into no message", async (t) => {
  await using mirror = await serve(new Map([["file", FILE]]), [[/secret/, status(403)]]);
  const base = mirror.url.replace("//", "//user%40x:pass%2Fword@");
  const { get, problem } = downloading(t);
  const outcome = await get(base);
  assert.equal(mirror.requests[0]?.headers.authorization, `Basic ${Buffer.from("user@x:pass/word").toString("base64")}`);
  assert.equal(validatorOf(outcome).url, `${mirror.url}/file`);
  assert.deepEqual(await get(base, { validator: validatorOf(outcome) }), { kind: "not-modified", base });
  const error = await problem(base, { paths: ["secret"] });
  assert.ok(error.message.includes(`"${mirror.url}/secret"`), error.message);
  assert.doesNotMatch(error.message, /pass|user/);
});

test("credentials do not follow a redirect to another origin", async (t) => {
  await using other = await serve(new Map([["file", FILE]]));
  await using mirror = await serve(new Map([["near", FILE]]), [
    [/file/, redirect(`${other.url}/file`)],
    [/here/, redirect("/near")],
  ]);
  const base = mirror.url.replace("//", "//user:pass@");
  const { get } = downloading(t);
  assert.equal(textOf(await get(base)), "file");
  assert.equal(textOf(await get(base, { paths: ["here"] })), "file");
  assert.equal(other.requests[0]?.headers.authorization, undefined);
  assert.notEqual(mirror.requests.at(-1)?.headers.authorization, undefined);
});
