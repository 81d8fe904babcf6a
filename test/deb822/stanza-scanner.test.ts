/** A scan of bytes that still come must find what a scan of all of them finds. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type StanzaJudge, StanzaScanner } from "../../lib/deb822/stanza-scanner.ts";
import { fieldText, type StanzaTable, scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { MergeError } from "../../lib/errors.ts";
import { FIELDS, WHERE } from "./scan.ts";

const LIMITS = { fields: 6, stanzas: 5, key: "max-stanzas" };

/** All that can be told of an outcome, the order of the faults too. */
function outcomeOf(work: () => StanzaTable): unknown {
  try {
    const { bytes, faults, ...table } = work();
    return { ...table, text: bytes.toString("latin1"), faults: [...faults] };
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    return [error.code, error.message, error.where];
  }
}

/** Has something against some of the stanzas, by their bytes. */
const judge: StanzaJudge = (table, stanza) => {
  const name = fieldText(table, stanza, 0);
  return name === "again" || fieldText(table, stanza, 1) === "1" ? `it is ${name}` : undefined;
};

function judged(text: Buffer, limits: object): StanzaTable {
  const table = scanStanzas(text, FIELDS, WHERE, limits);
  const unfit = new Map<number, string>();
  for (let stanza = 0; stanza < table.count; stanza++) {
    const because = judge(table, stanza);
    if (because !== undefined) unfit.set(stanza, because);
  }
  // What is wrong with its form comes first.
  return { ...table, faults: new Map([...unfit, ...table.faults]), judged: true };
}

const scanned = (text: Buffer): unknown => outcomeOf(() => judged(text, LIMITS));

/** What lies behind the bytes that came: whoever read it would find a stanza, a fault or a mistake. */
const GARBAGE = "\nPackage: garbage\nPackage: again\n\0\n : nonsense\n";

/** Room in which a text arrives, at some offset of its memory and with garbage behind. */
function roomFor(text: Buffer, offset: number): Buffer {
  const room = Buffer.alloc(offset + text.length + GARBAGE.length);
  for (let at = 0; at < room.length; at += GARBAGE.length) room.write(GARBAGE, at, "latin1");
  return room.subarray(offset);
}

/** @param cuts how many bytes are there at each call; others are passed over */
function arriving(scanner: StanzaScanner, text: Buffer, cuts: readonly number[], offset = 0): Buffer {
  const whole = roomFor(text, offset);
  let there = 0;
  for (const filled of cuts.map((cut) => Math.min(cut, text.length)).sort((left, right) => left - right)) {
    text.copy(whole, there, there, filled);
    there = filled;
    scanner.read(whole, filled);
  }
  text.copy(whole, there, there);
  return whole.subarray(0, text.length);
}

const newScanner = (): StanzaScanner => new StanzaScanner(FIELDS, WHERE, LIMITS, judge);

const line = fc.constantFrom(
  ...["Package: a\n", "Version: 1 \n", "package:\t2\n", "Depends: b,\n", " c\n", "\td \n", " \t\n", "X-Y: z\n", "\n", "\n\n"],
  ...["Version: 1\r\n", "\r\n", "Depends: b\0c\n", "X\x1b: y\n", "#Y: 1\n", ": 1\n", "nonsense\n", " \r\n", `Z${"z".repeat(90)}`],
);
const hostile = fc
  .array(fc.oneof({ weight: 9, arbitrary: line }, { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 3 }) }), { maxLength: 16 })
  .map((lines) => Buffer.from(lines.join(""), "latin1"));
const cuts = fc.array(fc.nat(200), { maxLength: 12 });

test("law: however a text arrives, the scanner finds what is found in it as a whole", () => {
  fc.assert(
    fc.property(hostile, cuts, fc.nat(7), (text, at, offset) => {
      const scanner = newScanner();
      const bytes = arriving(scanner, text, at, offset);
      assert.deepEqual(
        outcomeOf(() => scanner.finish(bytes)),
        scanned(text),
      );
    }),
    { numRuns: 5000 },
  );
});

test("law: what arrived elsewhere counts for nothing", () => {
  fc.assert(
    fc.property(hostile, hostile, cuts, (text, other, at) => {
      const scanner = newScanner();
      arriving(scanner, other, at);
      scanner.read(text, text.length);
      assert.deepEqual(
        outcomeOf(() => scanner.finish(text)),
        scanned(text),
      );
    }),
    { numRuns: 1000 },
  );
});

test("law: of a text that is shorter than what arrived nothing is known", () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 9 }), (text, missing) => {
      const scanner = newScanner();
      const less = arriving(scanner, text, [text.length]).subarray(0, Math.max(0, text.length - missing));
      assert.deepEqual(
        outcomeOf(() => scanner.finish(less)),
        scanned(less),
      );
    }),
    { numRuns: 1000 },
  );
});

test("a text of several megabytes is found whole, byte by byte around its stanzas' borders and in large parts", () => {
  const stanza = `Package: abc\nVersion: 1\nDepends: ${"x".repeat(700)},\n ${"y".repeat(700)}\n\n`;
  const text = Buffer.from(stanza.repeat(2_500));
  for (const at of [65_535, 65_536, 131_071, 1_000_000, text.length - 2]) text[at] = 0x01;
  const limits = { stanzas: 10_000 };
  const expected = outcomeOf(() => judged(text, limits));
  for (const step of [1021, 65_536, 1_000_000]) {
    const scanner = new StanzaScanner(FIELDS, WHERE, limits, judge);
    for (let filled = step; filled < text.length; filled += step) scanner.read(text, filled);
    assert.deepEqual(
      outcomeOf(() => scanner.finish(text)),
      expected,
    );
  }
});

test("a mistake is told by finish, not while bytes come that nobody vouches for yet", () => {
  const scanner = newScanner();
  const text = Buffer.from("Package: a\nnonsense\nPackage: b\n");
  scanner.read(text, 25);
  scanner.read(text, text.length);
  assert.throws(() => scanner.finish(text), { code: "INDEX_MALFORMED", message: /line 2 is "nonsense"/ });
});

test("a line without an end that arrives in small parts is gone through once, not with each part", { timeout: 20_000 }, () => {
  const text = Buffer.alloc(16 * 1024 * 1024, "x");
  text.write("Package: a\nDepends: ", "latin1");
  const scanner = new StanzaScanner(FIELDS, WHERE, {}, judge);
  for (let filled = 0; filled < text.length; filled += 512) scanner.read(text, filled);
  assert.equal(scanner.finish(text).count, 1);
});

test("StanzaScanner: so far there are the stanzas that are whole, with all that is wrong with them", () => {
  const text = Buffer.from("Package: a\nPackage: b\n\nPackage: again\n\nPackage: c\0\n\nPackage: d\n", "latin1");
  const scanner = new StanzaScanner(FIELDS, WHERE, {}, judge);
  assert.equal(scanner.soFar(), undefined);
  const found: (readonly [count: number, faults: readonly number[]])[] = [];
  for (let filled = 1; filled <= text.length; filled++) {
    scanner.read(text, filled);
    const { count, faults, judged: isJudged } = scanner.soFar() ?? { count: 0, faults: new Map<number, string>(), judged: true };
    assert.ok(isJudged);
    if (count !== found.at(-1)?.[0]) found.push([count, [...faults.keys()].filter((stanza) => stanza < count)]);
  }
  assert.deepEqual(found, [
    [0, []],
    [1, [0]],
    [2, [1, 0]],
    [3, [1, 0, 2]],
  ]);
  const { faults } = scanner.finish(text);
  assert.deepEqual([...faults.keys()], [1, 0, 2]);
  assert.equal(scanner.isRestarted, false);
});

test("StanzaScanner: where much is wrong, nothing is told before the end", () => {
  const text = Buffer.from("Package: again\n\n".repeat(1001), "latin1");
  const scanner = new StanzaScanner(FIELDS, WHERE, {}, judge);
  scanner.read(text, text.length - 20);
  assert.equal(scanner.soFar()?.faults.size, 999);
  scanner.read(text, text.length);
  assert.equal(scanner.soFar(), undefined);
  assert.equal(scanner.finish(text).faults.size, 1001);
});
