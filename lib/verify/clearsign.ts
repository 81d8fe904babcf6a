/**
 * Splits a clear-signed file into the signed text and its signatures. Verifiers read such files leniently: they skip text before, after and
 * between, so a file that they call good may hold lines that nobody signed. This split knows one form and refuses the rest; only what it
 * returns may be parsed, and its parts are verified as a detached signature over `toVerify`.
 *
 * Form: the message's first line, `Hash:` lines, an empty line, the text, then one or more whole signature blocks up to the last byte.
 * Blanks at the ends of lines do not count, as in apt.
 *
 * @see RFC 4880, section 7
 */
import { MergeError, type Where } from "../errors.ts";
import { joinLines, readLines } from "./lines.ts";

const MESSAGE = "-----BEGIN PGP SIGNED MESSAGE-----";
const BEGIN = "-----BEGIN PGP SIGNATURE-----";
const END = "-----END PGP SIGNATURE-----";
const HASH_HEADER = /^Hash: [A-Za-z0-9, -]{1,200}$/;
const DASH = 0x2d;
const SPACE = 0x20;

/** Debian's archives have three or fewer. */
const MAX_SIGNATURE_BLOCKS = 16;

export interface Clearsigned {
  /** What was signed: without escapes, no blanks before line ends, LF after every line. The only part to parse. */
  readonly text: Buffer;
  /** What the signatures are over: `text` without its last line end. */
  readonly toVerify: Buffer;
  /** Armored signature blocks, as they stand in the file. */
  readonly signature: Buffer;
}

/**
 * @param file as fetched, hostile
 * @throws MergeError CLEARSIGN_MALFORMED for anything that is not exactly one clear-signed message
 */
export function splitClearsigned(file: Buffer, where: Where): Clearsigned {
  const malformed: (found: string) => never = (found) => {
    const what = `${where.file ?? "InRelease"} of ${where.mirror}/${where.suite}`;
    throw new MergeError("CLEARSIGN_MALFORMED", `Cannot read ${what}: ${found}, it must be one clear-signed text and nothing else`, where);
  };
  if (file.length === 0) malformed("it is empty");
  const page = pageFault(file);
  if (page !== undefined) malformed(page);
  const read = readLines(file);
  if (read.kind === "fault") malformed(read.because);
  const { lines } = read;
  if (!isLine(lines[0], MESSAGE)) malformed(`its first line is not "${MESSAGE}"`);

  let at = 1;
  while (at < lines.length && lines[at]?.length !== 0) {
    const header = lines[at]?.toString("latin1") ?? "";
    if (!HASH_HEADER.test(header)) malformed(`line ${at + 1} stands between the first line and the empty one and is no "Hash:" line`);
    at++;
  }
  at++;

  const text: Buffer[] = [];
  for (; at < lines.length && !isLine(lines[at], BEGIN); at++) {
    const line = lines[at] ?? Buffer.alloc(0);
    const escaped = line[0] === DASH && line[1] === SPACE;
    if (line[0] === DASH && !escaped) malformed(`line ${at + 1} of the text starts with a dash that is not escaped`);
    text.push(escaped ? line.subarray(2) : line);
  }
  if (at >= lines.length) malformed("it has no signature");
  if (text.length === 0) malformed("it signs no text");

  const signature = lines.slice(at);
  checkBlocks(signature, at, malformed);
  const joined = joinLines(text);
  return { text: joined, toVerify: joined.subarray(0, -1), signature: joinLines(signature) };
}

/** Only whole signature blocks, one right behind the other, the last one closed by the last line. What is inside is the checker's. */
function checkBlocks(lines: readonly Buffer[], offset: number, malformed: (found: string) => never): void {
  let open = false;
  let blocks = 0;
  for (const [position, line] of lines.entries()) {
    if (!open) {
      if (!isLine(line, BEGIN)) malformed(`line ${offset + position + 1} stands after the signature and is not signed`);
      if (++blocks > MAX_SIGNATURE_BLOCKS) malformed(`it has more than ${MAX_SIGNATURE_BLOCKS} signature blocks`);
      open = true;
    } else if (isLine(line, END)) {
      open = false;
    } else if (line[0] === DASH) {
      malformed(`line ${offset + position + 1} starts with a dash inside the signature`);
    }
  }
  if (open) malformed("its signature is not closed");
}

const isLine = (line: Buffer | undefined, text: string): boolean => line?.length === text.length && line.toString("latin1") === text;

/** The usual reason for a file that is no InRelease at all. */
function pageFault(file: Buffer): string | undefined {
  const start = file.subarray(0, 512).toString("latin1").trimStart().toLowerCase();
  if (!/^(?:<!doctype html|<html|<head|<\?xml|<!--)/.test(start)) return undefined;
  return "it is a web page, such as a login page or a proxy's error";
}
