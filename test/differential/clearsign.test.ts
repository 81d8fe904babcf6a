/**
 * Our verdict on signed files, and the text that we read of them, beside those of apt, gpgv and sqv. What we accept they accept, and read the same
 * text. What apt accepts and we refuse is of a kind that STRICTER lists, and DECISIONS.md.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { splitClearsigned } from "../../lib/verify/clearsign.ts";
import { dearmored } from "../support/gpgv.ts";
import { needs } from "../support/needs.ts";
import { numbers } from "../support/numbers.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { ask } from "../verify/world.ts";
import { aptVerdicts } from "./apt-verdicts.ts";
import { decoded, hasModules, judges } from "./judges.ts";
import { rounds, SEED } from "./rounds.ts";
import { damaged, formsOf, KNOWN, NOW, type SignedFile, signedFiles } from "./signed-files.ts";

/** What we refuse though apt does not, by our message. */
const STRICTER: readonly (readonly [kind: string, message: RegExp])[] = [
  ["RSA below 2048 bits", /is an RSA key of 1024 bits/],
  ["a signature dated ahead", /which is in the future/],
  ["a signature older than its key", /it is older than its key/],
  ["a signature of bytes in a clear-signed file", /it is a signature of type 0/],
  ["armor headers but Hash", /is no "Hash:" line/],
  ["control bytes", /has (a NUL byte|a carriage return that ends no line|a vertical tab or form feed)/],
  ["lines over 16 KiB", /at most 16384 are read/],
  ["many signatures", /more than 16 signature blocks|at most 32 are read/],
  ["armor that is not as it is written", /an armored block with an unexpected line|it is not text|an unexpected line \d+ outside/],
];

interface Judged {
  readonly aptText: string | null;
  /** Status lines of gpgv on the file, and on the halves that apt makes of it. */
  readonly file: readonly string[];
  readonly halves: readonly string[];
  readonly output: string | null;
  readonly sqv: boolean | null;
}

interface Case extends SignedFile {
  readonly code: string;
  readonly message: string;
  /** The text that we read; undefined when the file is refused. */
  readonly text: Buffer | undefined;
  readonly toVerify: Buffer | undefined;
}

const keyring = Buffer.concat(KNOWN.map((key) => dearmored(Buffer.from(key.publicArmored))));

async function judgedByUs(files: readonly SignedFile[], path: string): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const file of files) {
    const { code, message } = await ask(file.bytes, path, { suite: "stable", now: NOW });
    const split = code === "trusted" ? splitClearsigned(file.bytes, {}) : undefined;
    cases.push({ ...file, code, message, text: split?.text, toVerify: split?.toVerify });
  }
  return cases;
}

/** apt's rule: a good signature with a digest that counts, and none that is bad. */
function isGood(status: readonly string[]): boolean {
  if (status.some((line) => line.startsWith("BADSIG "))) return false;
  let judged = "";
  return status.some((line) => {
    const words = line.split(" ");
    if (/^(NEWSIG|GOODSIG|EXPSIG|EXPKEYSIG|REVKEYSIG|ERRSIG)$/.test(words[0] ?? "")) judged = words[0] ?? "";
    return words[0] === "VALIDSIG" && judged === "GOODSIG" && ["8", "9", "10", "11"].includes(words[8] ?? "");
  });
}

/** gpgv keeps blanks and writes the last line end as it finds it. */
const plainLines = (text: Buffer): string =>
  `${text
    .toString("latin1")
    .replace(/[ \t\r]+$/gm, "")
    .replace(/\n$/, "")}\n`;

async function ready(t: TestContext): Promise<boolean> {
  return needs(t, "apt-get", "gpgv") && (await hasModules(t, "apt_pkg"));
}

async function setUp(): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = await temporaryFolder();
  const path = join(folder, "keyring.gpg");
  await writeFile(path, keyring, { mode: 0o644 });
  return { folder, path };
}

type Theirs = Judged & {
  /** Whether apt accepts it, by the rule above, on the halves that apt's own splitter makes. */
  readonly apt: boolean;
};

async function judgedByThem(cases: readonly Case[], path: string): Promise<readonly Theirs[]> {
  const asks = cases.map(({ bytes, text }) => ({ file: bytes.toString("base64"), keyring: path, all: text !== undefined }));
  return (await judges<Judged>("signed", asks)).map((one) => ({ ...one, apt: isGood(one.halves) }));
}

function faultOf({ text, toVerify, message }: Case, theirs: Theirs | undefined): string | undefined {
  if (theirs === undefined) return "nobody else has judged it";
  if (text === undefined || toVerify === undefined) {
    return theirs.apt && kindOf(message) === undefined ? `apt accepts, we say: ${message}` : undefined;
  }
  if (!theirs.apt) return `we accept, gpgv on the halves says ${theirs.halves.join("; ")}`;
  // apt writes no line end behind the last line.
  if (theirs.aptText === null || !decoded(theirs.aptText).equals(toVerify)) return "apt reads another text";
  // gpgv refuses a file whose Hash header names another digest, which apt and we do not look at.
  const written = isGood(theirs.file) ? theirs.output : undefined;
  if (written === null || (written !== undefined && plainLines(decoded(written)) !== plainLines(text))) return "gpgv writes another text";
  return theirs.sqv === false ? "sqv refuses what we accept" : undefined;
}

const kindOf = (message: string): string | undefined => STRICTER.find(([, pattern]) => pattern.test(message))?.[0];

/** The faults of all, with what it takes to see them again. */
function told(cases: readonly Case[], fault: (one: Case, position: number) => string | undefined): readonly string[] {
  return cases.flatMap((one, position) => {
    const found = fault(one, position);
    return found === undefined ? [] : [`${one.name}: ${found} (FUZZ_SEED=${SEED}): ${one.bytes.toString("base64")}`];
  });
}

/** How often each kind was met. */
function tally(cases: readonly Case[], theirs: readonly Theirs[]): string {
  const counts = new Map<string, number>();
  for (const [position, { text, message }] of cases.entries()) {
    const kind = text === undefined && theirs[position]?.apt === true ? kindOf(message) : undefined;
    if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${kind}: ${count}`).join(", ");
}

const accepted = (cases: readonly Case[]): readonly Case[] => cases.filter(({ text }) => text !== undefined);

test("S01-S07, S10-S14: every form and kind of signature that we accept is accepted by apt, gpgv and sqv, with the same text", async (t) => {
  if (!(await ready(t))) return;
  const { folder, path } = await setUp();
  const signed = await signedFiles();
  const [sound] = signed;
  assert.ok(sound);
  const cases = await judgedByUs([...signed, ...formsOf(sound)], path);
  const theirs = await judgedByThem(cases, path);
  assert.deepEqual(
    told(cases, (one, position) => faultOf(one, theirs[position])),
    [],
  );
  assert.ok(accepted(cases).length >= 20, `only ${accepted(cases).length} are accepted`);
  // The rule by which damaged files are judged is that of the whole program.
  const files = cases.map(({ bytes }) => bytes);
  const real = await aptVerdicts(folder, keyring, files);
  assert.deepEqual(
    told(cases, (_, position) => (real[position] === theirs[position]?.apt ? undefined : `apt-get update says ${real[position]}`)),
    [],
  );
  t.diagnostic(`stricter than apt: ${tally(cases, theirs)}`);
});

test("S01-S07, S14: a damaged file that we accept is accepted by apt, gpgv and sqv, with the same text", async (t) => {
  if (!(await ready(t))) return;
  const { folder, path } = await setUp();
  const cases = await judgedByUs(damaged(await signedFiles(), rounds(250), numbers(SEED)), path);
  const theirs = await judgedByThem(cases, path);
  assert.deepEqual(
    told(cases, (one, position) => faultOf(one, theirs[position])),
    [],
  );
  const taken = accepted(cases);
  assert.ok(taken.length >= cases.length / 10, `only ${taken.length} of ${cases.length} are accepted`);
  const some = taken.slice(0, rounds(30));
  const files = some.map(({ bytes }) => bytes);
  const real = await aptVerdicts(folder, keyring, files);
  assert.deepEqual(
    told(some, (_, position) => (real[position] === true ? undefined : "apt-get update refuses it")),
    [],
  );
  t.diagnostic(`${taken.length} of ${cases.length} accepted; stricter than apt: ${tally(cases, theirs)}`);
});
