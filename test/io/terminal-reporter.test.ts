import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { test } from "node:test";
import { type Problem, problem } from "../../lib/errors.ts";
import { createReporter, type ReporterOptions } from "../../lib/io/terminal-reporter.ts";
import { escapeControls } from "../../lib/io/terminal-text.ts";
import type { ProgressEvent } from "../../lib/ports.ts";

const MODULE = JSON.stringify(new URL("../../lib/io/terminal-reporter.ts", import.meta.url).href);

function terminal(options: Partial<ReporterOptions> & { isTTY?: boolean; columns?: number } = {}) {
  let written = "";
  let writes = 0;
  let time = 0;
  const stream = {
    isTTY: options.isTTY ?? false,
    columns: options.columns ?? 80,
    write(text: string) {
      written += text;
      writes++;
    },
  };
  const reporter = createReporter({ stream, quiet: false, verbose: false, progress: true, color: false, now: () => time, ...options });
  return {
    reporter,
    at(ms: number, event: ProgressEvent) {
      time = ms;
      reporter.event(event);
    },
    written: () => written,
    writes: () => writes,
  };
}

const download = (label: string, done: number, total?: number): ProgressEvent => ({ kind: "download", label, done, total });
const note = (text: string, detail = false): ProgressEvent => ({ kind: "note", text, detail });
const tell = (told: Problem): ProgressEvent => ({ kind: "problem", problem: told });
const EXPIRED = problem("error", "RELEASE_EXPIRED", "Cannot accept it", {}, "Do this");

test("reporter: a problem is the contract's two lines", () => {
  const { at, written } = terminal();
  at(0, tell(EXPIRED));
  assert.equal(written(), "aptmerge: error RELEASE_EXPIRED: Cannot accept it\n  hint: Do this\n");
});

test("reporter: with colour only the severity is coloured", () => {
  const { at, written } = terminal({ color: true });
  at(0, tell(EXPIRED));
  assert.equal(written().replace(/\x1b\[[0-9;]*m/g, ""), "aptmerge: error RELEASE_EXPIRED: Cannot accept it\n  hint: Do this\n");
  assert.match(written(), /^aptmerge: \x1b\[[^a-z]*m.*error\x1b\[/);
});

const ALL: readonly ProgressEvent[] = [
  download("a", 10, 100),
  { kind: "downloaded", label: "a", bytes: 1500 },
  { kind: "compress", label: "b", done: 1, total: 2 },
  note("note"),
  note("detail", true),
  tell(EXPIRED),
  tell({ ...EXPIRED, severity: "warning" }),
  tell({ ...EXPIRED, severity: "info" }),
];
const lines = (severity: string) => `aptmerge: ${severity} RELEASE_EXPIRED: Cannot accept it\n  hint: Do this\n`;

for (const [name, options, expected] of [
  ["in a file only notes and problems", {}, `note\n${lines("error")}${lines("warning")}${lines("info")}`],
  [
    "with --verbose details and downloads too",
    { verbose: true },
    `fetched a (1.5 kB)\nnote\ndetail\n${lines("error")}${lines("warning")}${lines("info")}`,
  ],
  ["with --quiet errors and warnings only", { quiet: true }, `${lines("error")}${lines("warning")}`],
  ["with --quiet on a terminal too", { quiet: true, isTTY: true }, `${lines("error")}${lines("warning")}`],
  [
    "with --no-progress on a terminal as in a file",
    { progress: false, isTTY: true },
    `note\n${lines("error")}${lines("warning")}${lines("info")}`,
  ],
] as const) {
  test(`reporter: ${name}`, () => {
    const { at, written, reporter } = terminal(options);
    for (const event of ALL) at(0, event);
    reporter.end();
    assert.equal(written(), expected);
  });
}

test("reporter: on a terminal one live line shows the download and is erased at the end", () => {
  const { at, written, reporter } = terminal({ isTTY: true });
  at(0, download("main/binary-amd64/Packages.xz", 0, 10_000_000));
  at(2000, download("main/binary-amd64/Packages.xz", 5_000_000, 10_000_000));
  reporter.end();
  assert.equal(
    written(),
    "fetch main/binary-amd64/Packages.xz: 0 B of 10.0 MB, 0 B/s\r\x1b[Kfetch main/binary-amd64/Packages.xz: 5.0 MB of 10.0 MB, 2.5 MB/s\r\x1b[K",
  );
});

test("reporter: several downloads and a compression share the live line", () => {
  const { at, written } = terminal({ isTTY: true, columns: 200 });
  at(0, download("a", 1));
  at(500, download("b", 2000));
  at(1000, { kind: "compress", label: "c", done: 3, total: 9 });
  assert.equal(written().split("\r\x1b[K").at(-1), "fetch b (+1): 2.0 kB, 2.0 kB/s · compress c: 3/9 blocks");
});

test("reporter: it redraws at most ten times a second, and what came between is shown later", async () => {
  const { at, writes, written, reporter } = terminal({ isTTY: true });
  for (let ms = 0; ms < 1000; ms++) at(ms, download("a", ms));
  assert.equal(writes(), 10);
  await new Promise((resolve) => setTimeout(resolve, 250));
  assert.match(written(), /fetch a: 999 B/);
  reporter.end();
});

test("reporter: a problem takes the live line away first", () => {
  const { at, written } = terminal({ isTTY: true });
  at(0, download("a", 1));
  at(1, tell(EXPIRED));
  assert.equal(written(), `fetch a: 1 B, 0 B/s\r\x1b[K${lines("error")}`);
  at(200, download("a", 2));
  assert.match(written(), /Do this\nfetch a: 2 B/);
});

test("reporter: the live line is cut to the terminal's width, whole characters", () => {
  const { at, written } = terminal({ isTTY: true, columns: 12 });
  at(0, download("\u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f600}", 1));
  assert.equal(written(), "fetch \u{1f600}\u{1f600}\u{1f600}\u{1f600}\u{1f600}");
});

test("reporter: nothing from outside steers the terminal", () => {
  const hostile = "\x1b[2J\r\n\x9b1m\u202eevil\u2028\x7f\ud800";
  const { at, written, reporter } = terminal({ isTTY: true, columns: 500, verbose: true });
  at(0, download(hostile, 1));
  at(200, { kind: "compress", label: hostile, done: 1, total: 2 });
  at(400, { kind: "downloaded", label: hostile, bytes: 1 });
  at(600, note(hostile));
  at(800, tell(problem("error", "BUG", hostile, {}, hostile)));
  reporter.end();
  const ours = written().replaceAll("\r\x1b[K", "").replaceAll("\n", "");
  assert.doesNotMatch(ours, /[^\x20-\x7e·]/);
});

for (const [name, text, expected] of [
  ["plain text and letters beyond ASCII stay", 'Grüße "x" \\n 世界 \u{1f600}', 'Grüße "x" \\n 世界 \u{1f600}'],
  ["line ends and tabs are shown", "a\r\n\tb", "a\\r\\n\\tb"],
  ["escape and C1 are shown", "\x1b[31m\x9b", "\\x1b[31m\\x9b"],
  ["turning marks and separators are shown", "\u202e\u2066\u2029\u200f", "\\u202e\\u2066\\u2029\\u200f"],
  ["a lone half of a pair is shown", "\ud83d", "\\ud83d"],
] as const) {
  test(`escapeControls: ${name}`, () => assert.equal(escapeControls(text), expected));
}

test("reporter: a stream that throws silences it and nothing else", () => {
  const stream = {
    write() {
      throw new Error("broken");
    },
  };
  const { reporter } = terminal({ stream });
  reporter.event(tell(EXPIRED));
  reporter.event(note("more"));
});

const RUN = `
  import { createReporter } from ${MODULE};
  const reporter = createReporter({ stream: process.stderr, quiet: false, verbose: true, progress: true, color: false });
  for (let i = 0; i < 200; i++) {
    reporter.event({ kind: "note", text: "line ".repeat(1000), detail: false });
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  reporter.end();
  console.log("finished");
`;

test("reporter: a reader that goes away does not stop the run", { timeout: 30_000 }, async () => {
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", RUN], { stdio: ["ignore", "pipe", "pipe"] });
  child.stderr.once("data", () => child.stderr.destroy());
  let stdout = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  const status = await new Promise((resolve) => child.once("close", resolve));
  assert.deepEqual([status, stdout], [0, "finished\n"]);
});

test("reporter: a full disk behind the log does not stop the run", { timeout: 30_000 }, () => {
  const run = spawnSync("sh", ["-c", 'exec "$@" 2>/dev/full', "sh", process.execPath, "--input-type=module-typescript", "-e", RUN], {
    encoding: "utf8",
  });
  assert.deepEqual([run.status, run.stdout], [0, "finished\n"]);
});
