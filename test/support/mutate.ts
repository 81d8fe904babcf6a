/** Small damage to a file, as a bad disk, a careless tool or an attacker does it: the same in every run for the same numbers. */

type Pick = (below: number) => number;

export interface Mutant {
  /** What was done, for messages. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** Bytes that readers take for line ends, blanks, ends of text or marks of their own. */
const ODD = [
  "\0",
  "\r",
  "\n",
  "\t",
  " ",
  "\v",
  "\f",
  "\x1b",
  "\x7f",
  "\x85",
  "\xa0",
  "\xff",
  "\ufeff",
  "\u2028",
  "-",
  "- ",
  ":",
  "#",
  "=",
  "%2e",
  "../",
].map((text) => (text.charCodeAt(0) > 0xff ? Buffer.from(text, "utf8") : Buffer.from(text, "latin1")));

const NEWLINE = Buffer.from("\n");
const CR = Buffer.from("\r");

/** Changes of whole lines; `lines` come and go without their line ends. */
const LINE_CHANGES: readonly (readonly [
  name: string,
  change: (lines: Buffer[], at: number, pick: Pick, extra: readonly string[]) => void,
])[] = [
  ["deletes a line", (lines, at) => void lines.splice(at, 1)],
  ["repeats a line", (lines, at) => void lines.splice(at, 0, line(lines, at))],
  ["inserts a line", (lines, at, pick, extra) => void lines.splice(at, 0, Buffer.from(extra[pick(extra.length)] ?? "", "latin1"))],
  ["replaces a line", (lines, at, pick, extra) => void lines.splice(at, 1, Buffer.from(extra[pick(extra.length)] ?? "", "latin1"))],
  ["empties a line", (lines, at) => void lines.splice(at, 1, Buffer.alloc(0))],
  ["joins two lines", (lines, at) => void lines.splice(at, 2, Buffer.concat([line(lines, at), line(lines, at + 1)]))],
  ["moves a line", (lines, at, pick) => void lines.splice(pick(lines.length), 0, ...lines.splice(at, 1))],
  ["puts blanks behind a line", (lines, at, pick) => append(lines, at, [" ", "\t", " \t ", "\r", "\r\r", " \r"][pick(6)] ?? "")],
  ["puts blanks before a line", (lines, at, pick) => prepend(lines, at, [" ", "\t", "  ", "\r"][pick(4)] ?? "")],
  ["escapes a line", (lines, at) => prepend(lines, at, "- ")],
  [
    "makes a line very long",
    (lines, at, pick) => append(lines, at, (["x", " ", "\t"][pick(3)] ?? "x").repeat([300, 16_400, 20_100][pick(3)] ?? 300)),
  ],
  ["copies a part to another place", (lines, at, pick) => void lines.splice(pick(lines.length), 0, ...lines.slice(at, at + 1 + pick(8)))],
  ["ends every line in CR LF", (lines) => void lines.splice(0, lines.length, ...lines.map((one) => Buffer.concat([one, CR])))],
  [
    "changes capitals of a line",
    (lines, at) => void lines.splice(at, 1, Buffer.from(swapped(line(lines, at).toString("latin1")), "latin1")),
  ],
];

/** Changes of bytes. */
const BYTE_CHANGES: readonly (readonly [name: string, change: (bytes: Buffer, at: number, pick: Pick) => Buffer])[] = [
  ["inserts an odd byte", (bytes, at, pick) => spliced(bytes, at, 0, ODD[pick(ODD.length)] ?? NEWLINE)],
  ["replaces a byte by an odd one", (bytes, at, pick) => spliced(bytes, at, 1, ODD[pick(ODD.length)] ?? NEWLINE)],
  ["flips a bit", (bytes, at, pick) => spliced(bytes, at, 1, Buffer.of((bytes[at] ?? 0) ^ (1 << pick(8))))],
  ["deletes bytes", (bytes, at, pick) => spliced(bytes, at, 1 + pick(6), Buffer.alloc(0))],
  ["cuts the end off", (bytes, at) => bytes.subarray(0, at)],
  ["cuts the last line end off", (bytes) => bytes.subarray(0, -1)],
  ["cuts the beginning off", (bytes, at) => bytes.subarray(at)],
  ["makes a number long", (bytes, at) => longNumber(bytes, at)],
];

/**
 * One change, or up to three.
 *
 * @param extra lines that mean something in such a file
 * @param part where changes of lines happen, as parts of the file's length; the whole file by default
 */
export function mutate(bytes: Buffer, pick: Pick, extra: readonly string[], part: readonly [from: number, to: number] = [0, 1]): Mutant {
  const done: string[] = [];
  let now = bytes;
  for (let times = 1 + (pick(3) === 0 ? pick(3) : 0); times > 0 && now.length > 0; times--) {
    if (pick(3) > 0) {
      const lines = splitLines(now);
      const [first, last] = [Math.floor(part[0] * lines.length), Math.ceil(part[1] * lines.length)];
      const at = Math.min(first + pick(Math.max(1, last - first)), lines.length - 1);
      const [name, change] = LINE_CHANGES[pick(LINE_CHANGES.length)] ?? ["", () => undefined];
      change(lines, at, pick, extra);
      now = Buffer.concat(lines.flatMap((one, position) => (position === 0 ? [one] : [NEWLINE, one])));
      done.push(`${name} (${at + 1})`);
    } else {
      const [first, last] = [Math.floor(part[0] * now.length), Math.ceil(part[1] * now.length)];
      const at = Math.min(first + pick(Math.max(1, last - first)), now.length - 1);
      const [name, change] = BYTE_CHANGES[pick(BYTE_CHANGES.length)] ?? ["", (same: Buffer) => same];
      now = change(now, at, pick);
      done.push(`${name} (byte ${at})`);
    }
  }
  return { name: done.join(", "), bytes: now };
}

const line = (lines: readonly Buffer[], at: number): Buffer => lines[at] ?? Buffer.alloc(0);

function append(lines: Buffer[], at: number, text: string): void {
  lines[at] = Buffer.concat([line(lines, at), Buffer.from(text, "latin1")]);
}

function prepend(lines: Buffer[], at: number, text: string): void {
  lines[at] = Buffer.concat([Buffer.from(text, "latin1"), line(lines, at)]);
}

function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  lines.push(bytes.subarray(start));
  return lines;
}

const spliced = (bytes: Buffer, at: number, remove: number, put: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + remove)]);

const swapped = (text: string): string =>
  text.replace(/[a-z]|[A-Z]/g, (letter) => (letter < "a" ? letter.toLowerCase() : letter.toUpperCase()));

function longNumber(bytes: Buffer, at: number): Buffer {
  const found = /[0-9]+/.exec(bytes.toString("latin1", at));
  return found === null ? bytes : spliced(bytes, at + found.index, 0, Buffer.from("9".repeat(20)));
}
