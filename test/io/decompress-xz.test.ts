import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sha256Of } from "../../lib/archive/digests.ts";
import { findProgram } from "../../lib/io/child.ts";
import { decompressXz } from "../../lib/io/decompress-xz.ts";
import { needs } from "../support/needs.ts";
import { survivorsOf } from "../support/processes.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { running, xzThat } from "../support/xz-that.ts";

const XZ = findProgram("xz") ?? "";
/** Half a MiB as xz: more than a pipe takes at once. */
const TEXT = Buffer.from(Array.from({ length: 12_000 }, (_, i) => `Package: p${i}\nSHA256: ${sha256Of(String(i))}\n\n`).join(""));
const packed = (text: Buffer): Buffer => execFileSync("xz", ["-1", "-c"], { input: text, maxBuffer: 2 ** 28 });
const MODULE = JSON.stringify(new URL("../../lib/io/decompress-xz.ts", import.meta.url).href);

/** Of a shell: its standard output is a file. */
const TO_FILE = "[ -f /proc/self/fd/1 ]";

for (const [what, script] of [
  ["has no room for its output", `if ${TO_FILE}; then echo "xz: (stdout): Write error: No space left on device" >&2; exit 1; fi`],
  ["writes a part of it and is killed", `if ${TO_FILE}; then echo Package: x; kill -9 $$; fi`],
  ["cannot be limited", `if ${TO_FILE}; then exit 2; fi`],
] as const) {
  test(`decompressXz: what ${what} is decompressed through pipes`, async (t) => {
    if (!needs(t, "xz")) return;
    const { program, starts } = await xzThat(script);
    const outcome = await decompressXz(program, packed(TEXT), TEXT.length);
    assert.ok(outcome.kind === "plain" && TEXT.equals(outcome.bytes));
    assert.equal(starts().length, 2);
  });
}

test("decompressXz: what is damaged is said as through pipes", async (t) => {
  if (!needs(t, "xz")) return;
  const bytes = packed(TEXT);
  const outcome = await decompressXz(XZ, bytes.subarray(0, bytes.length - 20), TEXT.length);
  assert.deepEqual(outcome, { kind: "damaged", because: "Unexpected end of input" });
});

test("decompressXz: where no file can be made, it is done through pipes", (t) => {
  if (!needs(t, "xz")) return;
  const script = `
    import { decompressXz } from ${MODULE};
    const parts = [];
    for await (const part of process.stdin) parts.push(part);
    const { bytes } = await decompressXz(${JSON.stringify(XZ)}, Buffer.concat(parts), ${TEXT.length});
    process.stdout.write(bytes);
  `;
  const run = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], {
    env: { ...process.env, TMPDIR: "/nowhere" },
    input: packed(TEXT),
    timeout: 30_000,
    maxBuffer: 2 ** 28,
  });
  assert.equal(run.status, 0, run.stderr.toString());
  assert.ok(run.stdout.equals(TEXT));
});

test("decompressXz: the system stops a file that grows beyond its limit, whoever looks at it", async (t) => {
  if (!needs(t, "xz")) return;
  const folder = await temporaryFolder();
  const note = join(folder, "limit");
  const { program, starts } = await xzThat(`ulimit -f >"${note}"`);
  assert.deepEqual(await decompressXz(program, packed(TEXT), TEXT.length - 1), { kind: "too-long" });
  assert.equal(readFileSync(note, "utf8"), `${Math.ceil(TEXT.length / 512)}\n`);
  assert.equal(starts().length, 1);
  const bomb = packed(Buffer.concat([TEXT, Buffer.alloc(64 * 1024 * 1024)]));
  assert.deepEqual(await decompressXz(program, bomb, TEXT.length), { kind: "too-long" });
  assert.equal(starts().length, 2);
});

test("decompressXz: nothing is left in the folder for temporary files, however it ends", { timeout: 60_000 }, async (t) => {
  if (!needs(t, "xz")) return;
  const folder = await temporaryFolder();
  const script = `
    import { decompressXz } from ${MODULE};
    const parts = [];
    for await (const part of process.stdin) parts.push(part);
    const bytes = Buffer.concat(parts);
    await decompressXz(${JSON.stringify(XZ)}, bytes, ${TEXT.length});
    await decompressXz(${JSON.stringify(XZ)}, bytes, 100_000);
    await decompressXz(${JSON.stringify(XZ)}, bytes.subarray(0, -20), ${TEXT.length});
    void decompressXz(${JSON.stringify(XZ)}, bytes, ${TEXT.length});
    process.kill(process.pid, "SIGKILL");
  `;
  const run = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], {
    env: { ...process.env, TMPDIR: folder },
    input: packed(TEXT),
    timeout: 30_000,
  });
  assert.equal(run.signal, "SIGKILL", run.stderr.toString());
  assert.deepEqual(readdirSync(folder), []);
});

test("decompressXz: a file of nothing but zeros is stopped at its limit, not at its end", { timeout: 120_000 }, async (t) => {
  if (!needs(t, "xz")) return;
  // Random bytes make it more than a pipe takes.
  const script = "(head -c 300000 /dev/urandom; head -c 1000000000 /dev/zero) | xz -0 -c";
  const bomb = execFileSync("sh", ["-c", script], { maxBuffer: 2 ** 28 });
  const begun = performance.now();
  execFileSync(XZ, ["-dc"], { input: bomb, stdio: ["pipe", "ignore", "inherit"] });
  const wholeMs = performance.now() - begun;
  const started = performance.now();
  assert.deepEqual(await decompressXz(XZ, bomb, 10_000_000), { kind: "too-long" });
  assert.ok(performance.now() - started < wholeMs / 2, `it took ${performance.now() - started} of ${wholeMs} ms`);
});

test("decompressXz: when progress fails, the child is stopped", { timeout: 60_000 }, async (t) => {
  if (!needs(t, "xz")) return;
  const { program, starts } = await xzThat(`if ${TO_FILE}; then echo Package: x; exec sleep 5; fi`);
  let calls = 0;
  const outcome = await decompressXz(program, packed(TEXT), TEXT.length, () => {
    if (calls++ === 0) throw new Error("a slip");
  });
  assert.ok(outcome.kind === "plain" && TEXT.equals(outcome.bytes));
  const [first = ""] = starts();
  assert.deepEqual(await survivorsOf(await running([first])), []);
});
