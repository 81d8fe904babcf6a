/** Laws of the code that reads and writes bytes, held against a slow and simple form of the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, gunzipSync } from "node:zlib";
import fc from "fast-check";
import { countLines } from "../../lib/archive/lines.ts";
import { prefixed } from "../../lib/archive/paths.ts";
import { parseRelease } from "../../lib/archive/release.ts";
import { spliceGzip } from "../../lib/compose/gzip-splice.ts";
import { parseRunLayout } from "../../lib/compose/known-runs.ts";
import { composeBlocks } from "../../lib/compose/stanzas.ts";
import { editStanza } from "../../lib/deb822/edit.ts";
import { scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { walkDelta } from "../../lib/delta/stanza-delta.ts";
import { MergeError } from "../../lib/errors.ts";
import { createCompressor } from "../../lib/io/compressor.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { KINDS } from "../../lib/kinds/registry.ts";
import { keptOf } from "../compose/kept.ts";

/** Bytes as a hostile archive may send them: sound lines, odd ones, and noise between. */
const piece = fc.oneof(
  fc.constantFrom(
    "Package: a\n",
    "Version: 1\n",
    "\n",
    " x\n",
    ":",
    "\r\n",
    "\0",
    "\x1b",
    "\t",
    "#",
    "-",
    "SHA256:\n",
    `${"a".repeat(64)} 1 x\n`,
  ),
  fc.string({ unit: "binary", maxLength: 4 }),
);
const hostile = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.from(pieces.join(""), "latin1"));

/** Whatever happens must have a code: anything else would be a bug, exit 70. */
function codeOf(work: () => unknown): string {
  try {
    work();
    return "none";
  } catch (error) {
    if (error instanceof MergeError) return error.code;
    throw error;
  }
}

test("law: hostile bytes make an index or INDEX_MALFORMED, and each kind finds a fault or none, but never a bug", () => {
  fc.assert(
    fc.property(hostile, fc.constantFrom(...KINDS), (bytes, kind) => {
      const code = codeOf(() => {
        const table = scanStanzas(bytes, kind.fields, {});
        for (let stanza = 0; stanza < table.count; stanza++) {
          kind.fault(table, stanza, false);
          kind.aside(table, stanza);
        }
      });
      assert.ok(["none", "INDEX_MALFORMED"].includes(code), code);
    }),
    { numRuns: 3000 },
  );
});

test("law: hostile bytes make a Release or RELEASE_MALFORMED", () => {
  fc.assert(
    fc.property(hostile, (bytes) => {
      const code = codeOf(() => parseRelease(bytes, {}));
      assert.ok(["none", "RELEASE_MALFORMED"].includes(code), code);
    }),
    { numRuns: 3000 },
  );
});

test("law: a stored layout is read or is none, whatever stands in it", () => {
  const value = fc.jsonValue();
  const near = fc.record(
    {
      schema: fc.constant("aptmerge.runs/4"),
      codec: fc.constant("gz"),
      level: fc.constant(1),
      file: fc.constant("a".repeat(64)),
      settled: fc.constant(1),
      loose: fc.constant(false),
      runs: value,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(value, near), (stored) => {
      const layout = parseRunLayout(JSON.stringify(stored), "gz");
      assert.ok(layout === undefined || layout.runs.every(({ offset }) => offset >= 0));
    }),
  );
});

test("law: a control byte is found wherever it is, however the bytes lie in memory", () => {
  const stanza = "Package: abc\nVersion: 1\n\n";
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 7 }), fc.nat(99), fc.nat(21), fc.integer({ min: 0, max: 31 }), (shift, count, at, control) => {
      // Inside the value of Package: the stanza stays one.
      const place = count * stanza.length + 9 + (at % 3);
      const whole = Buffer.alloc(shift + 100 * stanza.length + 9, "\n");
      const bytes = whole.subarray(shift, shift + 100 * stanza.length);
      bytes.write(stanza.repeat(100), "latin1");
      bytes[place] = control;
      if (control === 0x0a) return;
      const { faults } = scanStanzas(bytes, [], {});
      assert.deepEqual([...faults.keys()], control === 0x09 ? [] : [count]);
    }),
    { numRuns: 2000 },
  );
});

const path = fc.constantFrom("pool/main/x.deb", "./x.deb", "x.deb", "binary/y.deb");
const entry = fc.record({ name: fc.constantFrom("a", "b", "c", "d"), path, note: fc.stringMatching(/^[ -~]{0,12}$/) });
const field = fc.record({ field: fc.constantFrom("Section", "X-Note", "Task"), value: fc.stringMatching(/^[!-~]{1,6}$/) });
const edits = fc.dictionary(fc.constantFrom("a", "b"), fc.array(field, { maxLength: 2 })).map((given) => new Map(Object.entries(given)));

test("law: an index is its stanzas with path and overrides changed, one after the other, however it is cut into blocks", () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 10 }), edits, fc.constantFrom(undefined, "P"), (entries, changes, pool) => {
      const text = (given: string, { name, note }: (typeof entries)[number]): string =>
        `Package: ${name}\nFilename: ${given}\nX-Note: ${note}\n more\n`;
      const kept = keptOf(
        entries.map((one) => text(one.path, one)),
        { pool },
      );
      const blocks = [
        ...composeBlocks(
          packages,
          kept,
          (_, name) => changes.get(name),
          () => {},
        ),
      ];
      for (const { bytes, lines } of blocks) assert.equal(lines, countLines(bytes));
      const made = blocks.map(({ bytes }) => bytes.toString()).join("");
      const simple = entries.map((one) => `${editStanza(Buffer.from(text(prefixed(one.path, pool), one)), changes.get(one.name) ?? [])}\n`);
      assert.equal(made, simple.join(""));
    }),
  );
});

test("law: however bytes are cut, the pieces make one gzip file that holds them", async () => {
  const { compressBlock } = createCompressor();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 6 }),
      fc.integer({ min: 1, max: 9 }),
      async (pieces, level) => {
        const plain = Buffer.concat(pieces);
        const blocks = await Promise.all(pieces.map((one) => compressBlock(Buffer.from(one), "gz", level)));
        assert.deepEqual(gunzipSync(Buffer.concat(spliceGzip(blocks, crc32(plain), plain.length))), plain);
      },
    ),
  );
});

const state = fc
  .uniqueArray(
    fc.record({ name: fc.constantFrom("a", "b", "c"), version: fc.constantFrom("1", "2", "3"), file: fc.constantFrom("x", "y") }),
    {
      selector: ({ name, version }) => `${name} ${version}`,
      maxLength: 6,
    },
  )
  .map((all) => all.sort((left, right) => (`${left.name} ${left.version}` < `${right.name} ${right.version}` ? -1 : 1)));

test("law: a delta tells each name once: added when it is new, removed when it is gone, nothing when it is as it was", () => {
  fc.assert(
    fc.property(state, state, (before, after) => {
      const stanza = ({ name, version, file }: (typeof before)[number]): string =>
        `Package: ${name}\nVersion: ${version}\nSHA256: ${file}\n`;
      const old = scanStanzas(Buffer.from(before.map((one) => `${stanza(one)}\n`).join("")), packages.fields, {});
      const walk = walkDelta(old, () => "m");
      for (const one of after)
        walk.see(
          one.name,
          () => Buffer.from(stanza(one)),
          () => ({ version: one.version, digest: one.file, mirror: "m", source: one.name }),
        );
      const changes = walk.finish();
      const of = (all: typeof before, name: string): string =>
        all
          .filter((one) => one.name === name)
          .map(stanza)
          .join();
      const names = [...new Set([...before, ...after].map(({ name }) => name))].sort();
      assert.deepEqual(
        changes.map(({ name }) => name),
        names.filter((name) => of(before, name) !== of(after, name)),
      );
      for (const { kind, name, from, to } of changes) {
        if (of(before, name) === "") assert.deepEqual([kind, from], ["added", undefined]);
        else if (of(after, name) === "") assert.deepEqual([kind, to], ["removed", undefined]);
      }
    }),
    { numRuns: 1000 },
  );
});
