/**
 * A mirror signs more than a machine can hold: bombs, endless lines, millions of stanzas. Through the whole program, as a child whose memory is
 * measured. Each must end by its own bound, with the published tree as it was.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { crc32, createGzip, gzipSync, zstdCompressSync } from "node:zlib";
import { createCompressor } from "../../lib/io/compressor.ts";
import type { Archive } from "../support/archive.ts";
import { runWell } from "../support/child.ts";
import { needs, whereIs } from "../support/needs.ts";
import { cliWithPeak } from "../support/peak-memory.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { deb, newWorld, RECENTLY, type TestWorld, upstream } from "../support/world.ts";

const MOST_MB = 300;
const PACKAGES = "main/binary-amd64/Packages";

const at = (minutes: number): Date => new Date(RECENTLY.getTime() - 3_600_000 + minutes * 60_000);
const calm = upstream().deb(deb("hello")).at(at(0));

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

interface Lie {
  readonly ending: "gz" | "xz" | "zst";
  readonly compressed: Buffer;
  /** What Release says of the uncompressed path; false: it does not list it. */
  readonly plain: { readonly bytes: number; readonly digest: string } | false;
}

const listed = (plain: Buffer): Lie["plain"] => ({ bytes: plain.length, digest: sha256(plain) });

/** An archive whose Packages is this file. */
function withPackages({ ending, compressed, plain }: Lie): Archive {
  const line = (path: string, digest: string, bytes: number): string => ` ${digest} ${bytes} ${path}\n`;
  const rest = (release: string): string => release.replace(/^ .* main\/binary-amd64\/Packages(\.\w+)?\n/gm, "");
  const own = line(`${PACKAGES}.${ending}`, sha256(compressed), compressed.length);
  return calm
    .at(at(1))
    .editRelease((release) => `${rest(release)}${own}${plain === false ? "" : line(PACKAGES, plain.digest, plain.bytes)}`)
    .file(`${PACKAGES}.${ending === "xz" ? "none" : "xz"}`, "", { listed: false })
    .file(`${PACKAGES}.${ending}.own`, compressed, { listed: false });
}

/** What `Archive` writes by itself is replaced when the tree is served. */
async function publish(world: TestWorld, lie: Lie): Promise<void> {
  await world.publish("base", withPackages(lie));
  world.mirror("base").tree.set(`dists/stable/${PACKAGES}.${lie.ending}`, lie.compressed);
}

async function assertBounded(t: TestContext, lie: Lie, exit: number, message: RegExp, mirror: object = {}, env = {}): Promise<void> {
  const world = await newWorld(t, { base: calm }, { mirrors: { base: { timeout: "20s", ...mirror } } });
  assert.equal((await world.run({ now: new Date() })).exit, 0);
  const before = await world.tree({ inodes: true });
  await publish(world, lie);
  const { status, stderr, peakMb } = await cliWithPeak(world, ["merge"], env);
  assert.match(stderr, message);
  assert.equal(status, exit, stderr);
  // What a Release honestly says of its text is held once.
  const mostMb = MOST_MB + (lie.plain === false ? 0 : lie.plain.bytes / 1e6);
  assert.ok(peakMb < mostMb, `it held ${peakMb} MB`);
  assert.deepEqual(await world.tree({ inodes: true }), before);
}

const again = (piece: Buffer, count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => piece));

const xzOf = (bytes: Buffer, ...more: readonly string[]): Promise<Buffer> =>
  runWell("xz", ["--compress", "--stdout", "--format=xz", "-0", ...more], { input: bytes });

/** A kilobyte by its Release, a gigabyte in truth: sixteen whole files in a row, which is one file. */
const SIXTEENTH = Buffer.alloc(64 * 1024 * 1024);
const small = { bytes: 1024, digest: sha256(Buffer.alloc(1024)) };

for (const [ending, compress] of [
  ["gz", (bytes: Buffer) => gzipSync(bytes, { level: 1 })],
  ["xz", xzOf],
  ["zst", (bytes: Buffer) => zstdCompressSync(bytes)],
] as const) {
  test(`M03: a .${ending} that says it holds 1 kB and holds 1 GiB is stopped behind that kilobyte`, async (t) => {
    if (!needs(t, "xz")) return;
    const compressed = again(await compress(SIXTEENTH), 16);
    const message = new RegExp(
      `INDEX_MISMATCH: .*Packages\\.${ending} of base/stable: it holds more than 1024 bytes, the size that its Release lists`,
    );
    await assertBounded(t, { ending, compressed, plain: small }, 5, message);
  });

  test(`M03: a .${ending} of 1 GiB whose size is not listed is stopped by max-index-size`, async (t) => {
    if (!needs(t, "xz")) return;
    const compressed = again(await compress(SIXTEENTH), 16);
    const message = /INDEX_TOO_LARGE: .*base\/stable: it holds more than 33554432 bytes, max-index-size/;
    await assertBounded(t, { ending, compressed, plain: false }, 6, message, { "max-index-size": "32M" });
  });
}

test("M04: an index that honestly says it has 20 GB is not even asked for, and the message names the option", async (t) => {
  const plain = { bytes: 20_000_000_000, digest: sha256(Buffer.alloc(0)) };
  const lie = { ending: "gz", compressed: gzipSync("x"), plain } as const;
  await assertBounded(t, lie, 6, /INDEX_TOO_LARGE: .*base\/stable: it says it has 20000000000 bytes, max-index-size is 4294967296/);
});

const INDEX = Buffer.from(
  "Package: hello\nVersion: 2\nArchitecture: amd64\nFilename: pool/h.deb\nSize: 1\nSHA256: ".concat("a".repeat(64), "\n"),
);

/** The size of the dictionary is one byte of the first block's header, which ends in its CRC32. */
function withDictionary(xz: Buffer, size: number): Buffer {
  const changed = Buffer.from(xz);
  const start = 12;
  const length = (changed.readUInt8(start) + 1) * 4;
  const filter = changed.indexOf(Buffer.from([0x21, 0x01]), start);
  changed.writeUInt8(size, filter + 2);
  changed.writeUInt32LE(crc32(changed.subarray(start, start + length - 4)), start + length - 4);
  return changed;
}

/** PATH to what the lock needs alone. */
async function pathWithoutXz(): Promise<string> {
  const folder = await temporaryFolder();
  for (const needed of ["flock", "sh", "cat"]) await symlink(whereIs(needed) ?? "", join(folder, needed));
  return folder;
}

for (const env of ["with xz", "without xz"] as const) {
  test(`M06: an xz file that wants a dictionary of 4 GiB is refused ${env}`, async (t) => {
    if (!needs(t, "xz")) return;
    const compressed = withDictionary(await xzOf(INDEX), 40);
    const lie = { ending: "xz", compressed, plain: listed(INDEX) } as const;
    const path = env === "without xz" ? { PATH: await pathWithoutXz() } : {};
    await assertBounded(t, lie, 6, /INDEX_MALFORMED: Cannot decompress .*Packages\.xz of base\/stable: /, {}, path);
  });
}

for (const ending of ["xz", "gz"] as const) {
  const compress = ending === "xz" ? xzOf : (bytes: Buffer) => gzipSync(bytes);

  test(`M06: a .${ending} of several whole files in a row is one file`, async (t) => {
    if (!needs(t, "xz")) return;
    const world = await newWorld(t, { base: calm });
    const compressed = Buffer.concat([await compress(INDEX.subarray(0, 40)), await compress(INDEX.subarray(40))]);
    await publish(world, { ending, compressed, plain: listed(INDEX) });
    const { status, stderr } = await world.cli(["merge"]);
    assert.deepEqual([status, await world.packages()], [0, ["hello 2"]], stderr);
  });

  for (const [what, spoil] of [
    ["with garbage behind its end", (bytes: Buffer) => Buffer.concat([bytes, Buffer.from("garbage!")])],
    ["that is cut off", (bytes: Buffer) => bytes.subarray(0, -3)],
  ] as const) {
    test(`M06: a signed .${ending} ${what} is malformed`, async (t) => {
      if (!needs(t, "xz")) return;
      const lie = { ending, compressed: spoil(await compress(INDEX)), plain: listed(INDEX) };
      await assertBounded(
        t,
        lie,
        6,
        new RegExp(`INDEX_MALFORMED: .*Packages\\.${ending} of base/stable: .*it must be a whole ${ending} file`),
      );
    });
  }
}

const TEXTS: readonly (readonly [what: string, text: () => Buffer, exit: number, message: RegExp])[] = [
  [
    "a line of 100 MB",
    () => Buffer.concat([INDEX, Buffer.from("Description: "), Buffer.alloc(100_000_000, "x"), Buffer.from("\n")]),
    6,
    /INDEX_MALFORMED: .*base\/stable main\/binary-amd64\/Packages: line 1 starts a stanza of \d+ bytes, it must be at most 67108864/,
  ],
  [
    "a line of 20 MB",
    () => Buffer.concat([INDEX, Buffer.from("Description: "), Buffer.alloc(20_000_000, "x"), Buffer.from("\n")]),
    6,
    /INDEX_MALFORMED: .*base\/stable main\/binary-amd64\/Packages: line 7 has 20000013 bytes, it must have at most 16777216/,
  ],
  [
    "a stanza of a million fields",
    () => Buffer.concat([INDEX, Buffer.from(Array.from({ length: 1_000_000 }, (_, number) => `F${number}: x\n`).join(""))]),
    6,
    /INDEX_MALFORMED: .*base\/stable main\/binary-amd64\/Packages: line \d+ is field 257 of its stanza, a stanza must have at most 256/,
  ],
  [
    "ten million stanzas",
    () => Buffer.alloc(40_000_000, "a:\n\n"),
    6,
    /INDEX_TOO_LARGE: .*base\/stable main\/binary-amd64\/Packages: it has more than 500000 stanzas, max-stanzas is 500000/,
  ],
];

for (const [what, text, exit, message] of TEXTS) {
  test(`M12${what === "ten million stanzas" ? " X14" : ""}: ${what} ends in an error that names the limit`, async (t) => {
    const plain = text();
    await assertBounded(t, { ending: "gz", compressed: gzipSync(plain, { level: 1 }), plain: listed(plain) }, exit, message);
  });
}

test("M12: a description that apt can still read is carried as it is", async (t) => {
  const plain = Buffer.concat([INDEX, Buffer.from("Description: "), Buffer.alloc(990_000, "x"), Buffer.from("\n")]);
  const world = await newWorld(t, { base: calm });
  await publish(world, { ending: "gz", compressed: gzipSync(plain, { level: 1 }), plain: listed(plain) });
  const { status, stderr, peakMb } = await cliWithPeak(world, ["merge"]);
  assert.equal(status, 0, stderr);
  assert.equal((await world.index()).match(/^Description: x*$/m)?.[0].length, 990_013);
  assert.ok(peakMb < MOST_MB, `it held ${peakMb} MB`);
});

test("M12: a description of 10 MB, of which apt would read none of the index, is left out and told, and the rest is carried", async (t) => {
  const plain = Buffer.concat([INDEX, Buffer.from("Description: "), Buffer.alloc(10_000_000, "x"), Buffer.from("\n\n")]);
  const other = Buffer.from(INDEX.toString().replace("hello", "other").replace("pool/h", "pool/o"));
  const world = await newWorld(t, { base: calm });
  const both = Buffer.concat([plain, other]);
  await publish(world, { ending: "gz", compressed: gzipSync(both, { level: 1 }), plain: listed(both) });
  const { status, stderr, peakMb } = await cliWithPeak(world, ["merge"]);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /STANZA_REFUSED: .*it has \d+ bytes, apt reads at most 1000000/);
  assert.deepEqual(await world.packages(), ["other 2"]);
  assert.ok(peakMb < MOST_MB, `it held ${peakMb} MB`);
});

const LINES = 3_000_000;

/** Contents of more text than may be held, without a header; numbered, so that the order is given. */
async function hugeContents(line: (number: number) => string): Promise<{ readonly text: number; readonly gz: Buffer }> {
  const gzip = createGzip({ level: 1 });
  const pieces: Buffer[] = [];
  gzip.on("data", (piece: Buffer) => pieces.push(piece));
  let text = 0;
  for (let number = 0; number < LINES; number += 10_000) {
    const lines = Buffer.from(Array.from({ length: 10_000 }, (_, more) => line(number + more)).join(""), "latin1");
    text += lines.length;
    if (!gzip.write(lines)) await once(gzip, "drain");
  }
  gzip.end();
  await once(gzip, "end");
  return { text, gz: Buffer.concat(pieces) };
}

test("M26: Contents of three million lines, odd paths among them and no header, go through in bounded memory", {
  timeout: 120_000,
}, async (t) => {
  const odd = ["\u00e9", " two  blanks", "\u0007", "../..", "%2e", "plain"];
  const { text, gz } = await hugeContents(
    (number) => `usr/share/a-folder-with-a-long-name/another/${String(number).padStart(9, "0")}${odd[number % odd.length]}\tmisc/hello\n`,
  );
  assert.ok(text > 200_000_000, String(text));
  const path = "main/Contents-amd64.gz";
  const base = calm.editRelease((release) => `${release} ${sha256(gz)} ${gz.length} ${path}\n`);
  const world = await newWorld(t, { base }, { config: { publish: { compress: { gz: 1 }, pdiffs: false } } });
  world.mirror("base").tree.set(`dists/stable/${path}`, gz);
  const { status, stderr, peakMb } = await cliWithPeak(world, ["merge"]);
  assert.equal(status, 0, stderr);
  assert.ok(peakMb < MOST_MB, `it held ${peakMb} MB for ${text / 1e6} MB`);
  const outcome = await createCompressor().decompress(Buffer.from(await readPublished(world)), "gz", 2 * text);
  assert.ok(outcome.kind === "plain");
  assert.equal(outcome.bytes.length, text);
});

async function readPublished(world: TestWorld): Promise<Buffer> {
  return readFile(`${world.output}/dists/merged/main/Contents-amd64.gz`);
}
