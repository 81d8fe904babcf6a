import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { type TestContext, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { sha256Of } from "../../lib/archive/digests.ts";
import { createCompressor } from "../../lib/io/compressor.ts";
import type { Compression } from "../../lib/ports.ts";
import { needs } from "../support/needs.ts";

const HUGE = 4 * 1024 ** 3;

/** Lines that compress like an index does, in more than one block of bzip2. */
const SAMPLE = Buffer.from(
  Array.from({ length: 30_000 }, (_, i) => `Package: p${i}\nVersion: ${(i * 7919) % 10_007}\nDescription: text\n\n`).join(""),
);

/** The same with digests, which do not shrink. */
const NOISY_SAMPLE = Buffer.from(
  Array.from({ length: 12_000 }, (_, i) => `Package: p${i}\nSHA256: ${sha256Of(String(i))}\nDescription: text\n\n`).join(""),
);

interface Engine {
  readonly name: string;
  readonly compression: Compression;
  readonly programs: readonly string[];
  readonly compress: (bytes: Buffer) => Buffer;
  readonly sample: Buffer;
  /** PATH for the compressor; undefined = the real one. */
  readonly searchPath?: string;
}

const byProgram =
  (program: string, ...args: string[]) =>
  (bytes: Buffer) =>
    execFileSync(program, args, { input: bytes, maxBuffer: 2 ** 28 });

const XZ = { compression: "xz", programs: ["xz"], compress: byProgram("xz", "-1", "-c") } as const;

const ENGINES: readonly Engine[] = [
  { name: "gz", compression: "gz", programs: [], compress: (bytes) => gzipSync(bytes), sample: SAMPLE },
  { name: "zst", compression: "zst", programs: [], compress: (bytes) => zstdCompressSync(bytes), sample: SAMPLE },
  { name: "bz2", compression: "bz2", programs: ["bzip2"], compress: byProgram("bzip2", "-c"), sample: SAMPLE },
  { ...XZ, name: "xz", sample: SAMPLE },
  { ...XZ, name: "xz of more than a pipe takes", sample: NOISY_SAMPLE },
  { ...XZ, name: "xz without the program", sample: SAMPLE, searchPath: "/nowhere" },
];

function engineTest(
  name: string,
  body: (t: TestContext, engine: Engine, run: (bytes: Buffer, maxBytes: number) => Promise<string>) => Promise<void>,
): void {
  for (const engine of ENGINES) {
    test(`decompress ${engine.name}: ${name}`, { timeout: 60_000 }, async (t) => {
      if (!needs(t, ...engine.programs)) return;
      const compressor = createCompressor(engine.searchPath);
      await body(t, engine, async (bytes, maxBytes) => {
        const outcome = await compressor.decompress(bytes, engine.compression, maxBytes);
        if (outcome.kind !== "plain") return outcome.kind;
        return engine.sample.equals(outcome.bytes) ? "the sample" : `${outcome.bytes.length} bytes`;
      });
    });
  }
}

engineTest("the text comes out whole, at its exact size and with a far larger limit", async (_t, engine, run) => {
  const packed = engine.compress(engine.sample);
  assert.equal(await run(packed, engine.sample.length), "the sample");
  assert.equal(await run(packed, HUGE), "the sample");
});

engineTest("one byte more than the limit is too long", async (_t, engine, run) => {
  assert.equal(await run(engine.compress(engine.sample), engine.sample.length - 1), "too-long");
  assert.equal(await run(engine.compress(engine.sample), 0), "too-long");
});

engineTest("an empty text is empty", async (_t, engine, run) => {
  assert.equal(await run(engine.compress(Buffer.alloc(0)), 100), "0 bytes");
  assert.equal(await run(engine.compress(Buffer.alloc(0)), 0), "0 bytes");
});

engineTest("parts in a row are one text, and its length counts as a whole", async (_t, engine, run) => {
  const half = engine.sample.length >> 1;
  const packed = Buffer.concat([engine.compress(engine.sample.subarray(0, half)), engine.compress(engine.sample.subarray(half))]);
  assert.equal(await run(packed, engine.sample.length), "the sample");
  assert.equal(await run(packed, engine.sample.length - 1), "too-long");
});

engineTest(
  "progress tells of the text as far as it is there, in the buffer that it ends in or that it is copied from",
  async (t, engine) => {
    if (!needs(t, ...engine.programs)) return;
    for (const maxBytes of [engine.sample.length, 3 * engine.sample.length, HUGE]) {
      const told: { readonly whole: Buffer; readonly filled: number }[] = [];
      const progress = (whole: Buffer, filled: number): void => {
        assert.ok(filled > (told.at(-1)?.filled ?? 0) && filled <= engine.sample.length);
        assert.ok(engine.sample.subarray(0, filled).equals(whole.subarray(0, filled)));
        told.push({ whole, filled });
      };
      const outcome = await createCompressor(engine.searchPath).decompress(
        engine.compress(engine.sample),
        engine.compression,
        maxBytes,
        progress,
      );
      assert.ok(outcome.kind === "plain" && engine.sample.equals(outcome.bytes));
      assert.ok(told.every(({ whole }) => whole === told[0]?.whole));
      if (!engine.name.startsWith("xz") || engine.searchPath !== undefined || maxBytes > engine.sample.length) continue;
      assert.equal(told.at(-1)?.filled, engine.sample.length);
      assert.deepEqual([told[0]?.whole.buffer, told[0]?.whole.byteOffset], [outcome.bytes.buffer, outcome.bytes.byteOffset]);
    }
  },
);

engineTest("progress is not told of bytes beyond the limit", async (_t, engine) => {
  const packed = engine.compress(engine.sample);
  let most = 0;
  const progress = (_whole: Buffer, filled: number): void => {
    most = filled;
  };
  const outcome = await createCompressor(engine.searchPath).decompress(packed, engine.compression, engine.sample.length - 1, progress);
  assert.equal(outcome.kind, "too-long");
  assert.ok(most < engine.sample.length);
});

engineTest("no input is damaged", async (_t, _engine, run) => {
  assert.equal(await run(Buffer.alloc(0), 100), "damaged");
});

engineTest("an early end is damaged, wherever it is", async (_t, engine, run) => {
  const packed = engine.compress(engine.sample);
  for (const left of [1, 5, 12, 60, packed.length >> 1, packed.length - 12, packed.length - 5, packed.length - 1]) {
    assert.equal(await run(packed.subarray(0, left), HUGE), "damaged", `with ${left} of ${packed.length} bytes`);
  }
});

engineTest("other bytes after the end are damaged", async (_t, engine, run) => {
  const packed = engine.compress(engine.sample);
  for (const tail of ["garbage", "\0", "\0garbage", "\x1f\x8b", "BZh", "\n"]) {
    assert.equal(await run(Buffer.concat([packed, Buffer.from(tail, "latin1")]), HUGE), "damaged", JSON.stringify(tail));
  }
});

engineTest("a flipped bit is damaged or too long, never another text", async (_t, engine, run) => {
  const packed = engine.compress(engine.sample);
  // Zstandard as written here has no checksum: there the digest of the plain text is what tells.
  if (engine.compression === "zst") return;
  for (let k = 1; k < 8; k++) {
    const flipped = Buffer.from(packed);
    const position = Math.floor((packed.length * k) / 8);
    flipped[position] = (flipped[position] ?? 0) ^ 0x10;
    assert.match(await run(flipped, engine.sample.length), /damaged|too-long/, `bit flipped in byte ${position}`);
  }
});

engineTest("another form is damaged", async (_t, _engine, run) => {
  assert.equal(await run(Buffer.from("Package: a\nVersion: 1\n".repeat(100)), HUGE), "damaged");
});

test("decompress plain: the same bytes, up to the limit", async () => {
  const { decompress } = createCompressor();
  assert.deepEqual(await decompress(Buffer.from("abc"), "plain", 3), { kind: "plain", bytes: Buffer.from("abc") });
  assert.deepEqual(await decompress(Buffer.from(""), "plain", 0), { kind: "plain", bytes: Buffer.from("") });
  assert.deepEqual(await decompress(Buffer.from("abcd"), "plain", 3), { kind: "too-long" });
});

test("decompress xz: a file that needs more than 256 MiB of memory is refused, a file of xz -9 is not", async (t) => {
  if (!needs(t, "xz")) return;
  const { decompress } = createCompressor();
  const greedy = execFileSync("xz", ["-c", "--lzma2=dict=1GiB,mode=fast,mf=hc3,nice=3"], { input: "small" });
  const outcome = await decompress(greedy, "xz", 100);
  assert.equal(outcome.kind, "damaged");
  assert.match(outcome.kind === "damaged" ? outcome.because : "", /[Mm]emory/);
  assert.equal((await decompress(byProgram("xz", "-9", "-c")(SAMPLE), "xz", HUGE)).kind, "plain");
});

test("decompress xz: XZ_OPT of the caller changes nothing", async (t) => {
  if (!needs(t, "xz")) return;
  const before = process.env.XZ_OPT;
  process.env.XZ_OPT = "--no-such-option";
  t.after(() => {
    if (before === undefined) delete process.env.XZ_OPT;
    else process.env.XZ_OPT = before;
  });
  const { decompress, compressBlock } = createCompressor();
  const outcome = await decompress(await compressBlock(SAMPLE, "xz", 1), "xz", SAMPLE.length);
  assert.equal(outcome.kind, "plain");
});

test("decompress: a bomb of 256 MiB stops at the limit in little memory", { timeout: 120_000 }, (t) => {
  if (!needs(t, "xz", "bzip2", "zstd")) return;
  const script = `
    import { execFileSync } from "node:child_process";
    import { createCompressor } from ${JSON.stringify(new URL("../../lib/io/compressor.ts", import.meta.url).href)};
    const bomb = (command) => execFileSync("sh", ["-c", "head -c 268435456 /dev/zero | " + command], { maxBuffer: 2 ** 26 });
    for (const [form, command, path] of [["gz", "gzip -1"], ["zst", "zstd -q -1"], ["xz", "xz -0"], ["xz", "xz -0", "/nowhere"], ["bz2", "bzip2 -1"]]) {
      const outcome = await createCompressor(path).decompress(bomb(command), form, 1000);
      console.log(form, outcome.kind);
    }
    console.log(process.resourceUsage().maxRSS < 200_000 ? "little" : process.resourceUsage().maxRSS);
  `;
  const run = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script], { encoding: "utf8" });
  assert.equal(run.stdout, "gz too-long\nzst too-long\nxz too-long\nxz too-long\nbz2 too-long\nlittle\n", run.stderr);
});
