/**
 * Tar archives of small files, as icons come: read and written whole. Ours are the same for the same files, whoever made them and when.
 *
 * @see POSIX.1-1988 ustar; GNU tar for names of more than 100 bytes
 */
import { MergeError, type Where } from "../errors.ts";

export interface TarFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const BLOCK = 512;
const MAX_FILES = 1_000_000;
const LONG_NAME = "././@LongLink";
/** Places of the header's fields. */
const [NAME, NAME_BYTES, SIZE, SIZE_BYTES, CHECKSUM, CHECKSUM_BYTES, TYPE, PREFIX, PREFIX_BYTES] = [0, 100, 124, 12, 148, 8, 156, 345, 155];

/**
 * Regular files, in their order; folders, links and devices are passed over.
 *
 * @param bytes hostile
 * @throws MergeError INDEX_MALFORMED
 */
export function readTar(bytes: Buffer, where: Where): readonly TarFile[] {
  const malformed = (at: number, found: string): MergeError => {
    const text = `Cannot use ${where.file} of ${where.mirror}/${where.suite}: at byte ${at} ${found}, it must be a whole tar archive`;
    return new MergeError("INDEX_MALFORMED", text, where);
  };
  const files: TarFile[] = [];
  let longName: string | undefined;
  for (let at = 0; at < bytes.length; ) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.length < BLOCK) throw malformed(at, "it breaks off");
    if (header.every((byte) => byte === 0)) break;
    if (octal(header, CHECKSUM, CHECKSUM_BYTES) !== checksumOf(header)) throw malformed(at, "the header has a wrong checksum");
    const size = octal(header, SIZE, SIZE_BYTES);
    const start = at + BLOCK;
    if (size === undefined || start + size > bytes.length) throw malformed(at, "a file is longer than the archive");
    const content = bytes.subarray(start, start + size);
    const type = String.fromCharCode(header[TYPE] ?? 0);
    const next = start + Math.ceil(size / BLOCK) * BLOCK;
    if (type === "L") longName = textOf(content, 0, content.length);
    else if (type === "x") longName = paxPath(content) ?? longName;
    else {
      const prefix = textOf(header, PREFIX, PREFIX_BYTES);
      const name = longName ?? `${prefix === "" ? "" : `${prefix}/`}${textOf(header, NAME, NAME_BYTES)}`;
      longName = undefined;
      if (type === "0" || type === "\0") files.push({ name: name.replace(/^(?:\.\/)+/, ""), bytes: content });
      if (files.length > MAX_FILES) throw malformed(at, `there are more than ${MAX_FILES} files`);
    }
    at = next;
  }
  return files;
}

const textOf = (bytes: Buffer, start: number, length: number): string => {
  const end = bytes.indexOf(0, start);
  return bytes.toString("utf8", start, end < 0 || end > start + length ? start + length : end);
};

function octal(header: Buffer, start: number, length: number): number | undefined {
  const text = header
    .toString("latin1", start, start + length)
    .replace(/\0.*$/s, "")
    .trim();
  return /^[0-7]{1,11}$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

/** The checksum's own bytes count as blanks. */
function checksumOf(header: Buffer): number {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += i >= CHECKSUM && i < CHECKSUM + CHECKSUM_BYTES ? 0x20 : (header[i] ?? 0);
  return sum;
}

/** `LENGTH path=NAME\n` of a pax header. */
function paxPath(content: Buffer): string | undefined {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(content.toString("utf8"))?.[1];
}

/** One file as it stands in an archive: header, content, padding. */
export function tarEntry({ name, bytes }: TarFile): Buffer {
  const long = Buffer.byteLength(name) > NAME_BYTES;
  const nameBytes = Buffer.from(`${name}\0`);
  const before = long ? [header(LONG_NAME, nameBytes.length, "L"), padded(nameBytes)] : [];
  return Buffer.concat([
    ...before,
    header(long ? nameBytes.subarray(0, NAME_BYTES).toString("latin1") : name, bytes.length, "0", long),
    padded(bytes),
  ]);
}

/** What ends an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);

function header(name: string, size: number, type: string, raw = false): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(name, NAME, NAME_BYTES, raw ? "latin1" : "utf8");
  for (const [at, value] of [
    [100, "0000644\0"],
    [108, "0000000\0"],
    [116, "0000000\0"],
    [SIZE, `${size.toString(8).padStart(11, "0")}\0`],
    [136, "00000000000\0"],
    [TYPE, type],
    [257, "ustar\0" + "00"],
  ] as const)
    block.write(value, at, "latin1");
  block.write(`${checksumOf(block).toString(8).padStart(6, "0")}\0 `, CHECKSUM, "latin1");
  return block;
}

const padded = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
