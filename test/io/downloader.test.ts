/** Which base and path a file comes from, and the bounds that hold over a whole run. */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { promisify } from "node:util";
import { backoffMs } from "../../lib/io/http-download.ts";
import type { ProgressEvent } from "../../lib/ports.ts";
import { downloading, textOf } from "../support/downloading.ts";
import { endless, fromTree, hang, hangUp, inTurn, late, redirect, status, times } from "../support/fault-answers.ts";
import { type Answer, deadPort, serve } from "../support/fault-server.ts";

const tree = (name: string): Map<string, Buffer> => new Map([[name, Buffer.from(name)]]);

for (const [name, answer] of [
  ["404", status(404)],
  ["410", status(410)],
  ["a redirect to 404", redirect("/gone")],
] as const) {
  test(`${name} leads to the next path, then to the next base`, async (t) => {
    await using first = await serve(new Map(), [[/^\/(a|b)$/, answer]]);
    await using second = await serve(tree("b"), [[/^\/a$/, answer]]);
    const outcome = await downloading(t).get([first.url, second.url], { paths: ["a", "b"] });
    assert.equal(textOf(outcome), "b");
    assert.equal(outcome.kind === "fetched" ? outcome.base : "", second.url);
    const asked = (paths: readonly { readonly path: string }[]) => paths.map(({ path }) => path).filter((path) => path !== "/gone");
    assert.deepEqual(
      [asked(first.requests), asked(second.requests)],
      [
        ["/a", "/b"],
        ["/a", "/b"],
      ],
    );
  });
}

test("the first path that is there ends the search", async (t) => {
  await using first = await serve(new Map([...tree("a"), ...tree("b")]));
  await using second = await serve(tree("a"));
  assert.equal(textOf(await downloading(t).get([first.url, second.url], { paths: ["a", "b"] })), "a");
  assert.equal(first.requests.length + second.requests.length, 1);
});

test("a file that no base has is absent", async (t) => {
  await using first = await serve();
  await using second = await serve();
  assert.deepEqual(await downloading(t).get([first.url, second.url], { paths: ["a", "b"] }), { kind: "absent" });
});

for (const [name, answer] of [
  ["500", status(500)],
  ["403", status(403)],
  ["a hang-up", hangUp],
  ["no answer", hang],
  ["a refused redirect", redirect("ftp://a.example/")],
  ["a file above its cap", status(200, { "Content-Length": "2000000" })],
] as const) {
  test(`${name} at the first base leads to the next base, and no other path of the first is asked`, async (t) => {
    await using first = await serve(tree("b"), [[/^\/a$/, answer]]);
    await using second = await serve(tree("a"));
    assert.equal(textOf(await downloading(t).get([first.url, second.url], { paths: ["a", "b"], retries: 0 })), "a");
    assert.deepEqual(
      first.requests.map(({ path }) => path),
      ["/a"],
    );
  });
}

test("T29: a failure is not taken for absence: the first one is thrown when no base delivers", async (t) => {
  await using first = await serve();
  await using second = await serve(new Map(), [[/./, status(403)]]);
  await using third = await serve(new Map(), [[/./, status(500)]]);
  const error = await downloading(t).problem([first.url, second.url, third.url]);
  assert.equal(error.code, "MIRROR_REFUSED");
  assert.ok(error.message.includes(second.url));
});

test("a base that does not answer is asked last for the rest of the run", async (t) => {
  await using mirror = await serve(new Map([...tree("a"), ...tree("b")]));
  await using silent = await serve(new Map(), [[/./, hang]]);
  const { get } = downloading(t);
  for (const path of ["a", "b", "b"]) assert.equal(textOf(await get([silent.url, mirror.url], { paths: [path], retries: 0 })), path);
  assert.equal(silent.requests.length, 1);
});

test("T01: an attempt is repeated as often as retries say, and not after 4xx", async (t) => {
  await using mirror = await serve(tree("file"), [[/file/, times(3, status(503))]]);
  const { get, problem } = downloading(t);
  assert.equal(textOf(await get(mirror.url, { retries: 3 })), "file");
  assert.equal(mirror.requests.length, 4);
  mirror.rules = [[/file/, inTurn(status(403), fromTree)]];
  assert.equal((await problem(mirror.url, { retries: 3 })).code, "MIRROR_REFUSED");
  assert.equal(mirror.requests.length, 5);
});

test("T01: the pause between attempts doubles, varies by chance and has a bound", () => {
  assert.deepEqual(
    [1, 2, 3].map((tries) => backoffMs(tries, 30_000, () => 1)),
    [500, 1000, 2000],
  );
  assert.equal(
    backoffMs(1, 30_000, () => 0),
    250,
  );
  assert.equal(
    backoffMs(50, 30_000, () => 1),
    10_000,
  );
});

test("T28: Retry-After lengthens the pause", async (t) => {
  await using mirror = await serve(tree("file"), [[/file/, times(1, status(503, { "Retry-After": "1" }))]]);
  const started = performance.now();
  await downloading(t).get(mirror.url);
  assert.ok(performance.now() - started >= 990);
});

test("no more downloads run at a time than allowed", async (t) => {
  let open = 0;
  let most = 0;
  const counted: Answer = async (exchange) => {
    most = Math.max(most, ++open);
    await late(20)(exchange);
    open--;
    return "tree";
  };
  await using mirror = await serve(tree("file"), [[/file/, counted]]);
  const { get } = downloading(t, { parallel: 3 });
  await Promise.all(Array.from({ length: 12 }, () => get(mirror.url)));
  assert.equal(most, 3);
});

test("the cap on a run's bytes ends it, whatever other bases there are", async (t) => {
  await using mirror = await serve(new Map([["file", Buffer.alloc(600)]]));
  const { get, problem } = downloading(t, { maxTotalBytes: 1000 });
  assert.equal((await get(mirror.url)).kind, "fetched");
  const error = await problem([mirror.url, mirror.url]);
  assert.equal(error.code, "DOWNLOAD_LIMIT");
  assert.match(error.message, /all downloads of this run passed 1000 bytes, their total must stay below/);
  assert.equal(mirror.requests.length, 2);
});

test("progress is told about ten times a second, and the end once", async (t) => {
  const slow: Answer = async ({ response }) => {
    response.writeHead(200, { "Content-Length": 40_000 });
    for (let sent = 0; sent < 40; sent++) {
      response.write(Buffer.alloc(1000));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    response.end();
  };
  await using mirror = await serve(new Map(), [[/file/, slow]]);
  const { get, events } = downloading(t);
  await get(mirror.url);
  const isProgress = (event: ProgressEvent) => event.kind === "download";
  const running = events.filter(isProgress);
  assert.ok(running.length >= 2 && running.length <= 10, `${running.length} events`);
  assert.deepEqual(running.at(0), { kind: "download", label: "debian bookworm file", done: 1000, total: 40_000 });
  const downloaded = { kind: "downloaded", label: "debian bookworm file", bytes: 40_000 };
  assert.deepEqual(
    events.filter((event) => !isProgress(event)),
    [downloaded],
  );
});

test("a signal ends what is in flight, what waits for a retry and what has not begun, with its reason", { timeout: 5000 }, async (t) => {
  await using mirror = await serve(new Map(), [
    [/hang/, hang],
    [/pour/, endless()],
    [/retry/, status(503, { "Retry-After": "30" })],
  ]);
  const stop = new AbortController();
  const { get } = downloading(t, { signal: stop.signal, parallel: 3 });
  const long = { timeoutMs: 60_000, maxBytes: 2 ** 40 };
  const running = ["hang", "pour", "retry", "later"].map((path) => get(mirror.url, { ...long, paths: [path] }));
  const ends = Promise.allSettled(running);
  while (mirror.requests.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  stop.abort(new Error("stopped by SIGINT"));
  for (const end of await ends) assert.equal(end.status === "rejected" ? String(end.reason) : end.status, "Error: stopped by SIGINT");
  assert.equal(mirror.requests.length, 3);
});

test("T24: a download that is to wait takes no place from the others, and ends with the run", async (t) => {
  await using mirror = await serve(tree("file"));
  const stop = new AbortController();
  const { get } = downloading(t, { parallel: 1, signal: stop.signal });
  const ended = assert.rejects(get(mirror.url, { pauseMs: 60_000 }), /stopped/);
  assert.equal(textOf(await get(mirror.url, { timeoutMs: 5000 })), "file");
  stop.abort(new Error("stopped"));
  await ended;
  assert.equal(mirror.requests.length, 1);
});

test("a closed downloader lets its process end at once", { timeout: 20_000 }, async () => {
  await using mirror = await serve(tree("file"), [[/hang/, hang]]);
  const script = `
    import { createDownloader } from ${JSON.stringify(new URL("../../lib/io/downloader.ts", import.meta.url).href)};
    const downloader = createDownloader({ env: {}, reporter: { event() {} }, parallel: 2, maxTotalBytes: 1e6, userAgent: "aptmerge/0" });
    const ask = (path) => downloader.download({ where: {}, bases: [${JSON.stringify(mirror.url)}], paths: [path], maxBytes: 1e6, timeoutMs: 60000, retries: 3 });
    const hanging = ask("hang").catch((error) => console.log(error.message));
    console.log((await ask("file")).kind);
    await downloader.close();
    await hanging;`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { timeout: 15_000 });
  assert.equal(stdout, "fetched\nCannot download: the downloader was closed\n");
});

/** Listens and then sleeps, so that the kernel answers until its queue is full and drops what comes later. */
const DEAF = `
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    require("node:fs").writeSync(1, String(server.address().port));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);
  });`;

test("T02: a connection that is never made ends in time, by signal, and is cut by close", { timeout: 10_000 }, async (t) => {
  const server = spawn(process.execPath, ["-e", DEAF], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => server.kill("SIGKILL"));
  const [printed] = await once(server.stdout, "data");
  const port = Number(String(printed));
  const fillers = Array.from({ length: 6 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const stop = new AbortController();
  const { downloader, get, problem } = downloading(t, { signal: stop.signal });
  const mirror = `http://127.0.0.1:${port}`;
  assert.match((await problem(mirror)).message, /no answer came \(tried 2 times\), it must come within 250 ms/);
  const endless = assert.rejects(get(mirror, { timeoutMs: 600_000 }), /stopped/);
  for (const filler of fillers) filler.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const connecting = (): boolean => process.getActiveResourcesInfo().includes("ConnectWrap");
  assert.ok(connecting());
  stop.abort(new Error("stopped"));
  await endless;
  await downloader.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(!connecting());
});

test("an unknown scheme is refused, a path that leaves the base is a bug", async (t) => {
  const { get, problem } = downloading(t);
  const error = await problem("ftp://a.example/debian");
  assert.equal(error.code, "MIRROR_REFUSED");
  await assert.rejects(get(`http://127.0.0.1:${await deadPort()}`, { paths: ["../x"] }), /Cannot ask for path "\.\.\/x"/);
});
