/**
 * Armored OpenPGP blocks to bytes and back. Own reader: the library reads only the first of several blocks and skips lines it does not
 * understand; here a line that is neither header, base64 nor checksum is a fault.
 *
 * @see RFC 4880, section 6.2
 */
import { isAscii, isUtf8 } from "node:buffer";
import { armor, enums } from "openpgp";

export type ArmorLabel = "SIGNATURE" | "PUBLIC KEY BLOCK" | "PRIVATE KEY BLOCK";

export interface ArmorBlock {
  readonly label: ArmorLabel;
  readonly bytes: Buffer;
}

/** `because` completes a sentence that starts with "it". */
export type Dearmored =
  | { readonly kind: "blocks"; readonly blocks: readonly ArmorBlock[] }
  | { readonly kind: "fault"; readonly because: string };

const BEGIN = /^-----BEGIN PGP (SIGNATURE|PUBLIC KEY BLOCK|PRIVATE KEY BLOCK)-----$/;
const HEADER = /^[A-Za-z][A-Za-z0-9-]{0,40}:(?: .*)?$/;
const BASE64 = /^[A-Za-z0-9+/]{1,256}={0,2}$/;
const CHECKSUM = /^=([A-Za-z0-9+/]{4})$/;

/** OpenPGP packets start with a byte of which the highest bit is set; armor and the text around it do not. */
export const isBinary = (bytes: Uint8Array): boolean => (bytes[0] ?? 0) >= 0x80;

/**
 * Reads every armored block of a file, hostile or not.
 *
 * @param between what may stand outside of the blocks: `nothing` but empty lines, or `text` as people write above keys
 */
export function dearmor(file: Buffer, between: "nothing" | "text"): Dearmored {
  if (!isUtf8(file) || file.includes(0)) return { kind: "fault", because: "is not text" };
  const lines = file.toString("utf8").split(/\r?\n/);
  const blocks: ArmorBlock[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = (lines[at] ?? "").trimEnd();
    const label = labelOf(line);
    if (label === undefined) {
      if (line.startsWith("-----") || (between === "nothing" && line !== "")) {
        return { kind: "fault", because: `has an unexpected line ${at + 1} outside of its armored blocks` };
      }
      continue;
    }
    const read = readBlock(lines, at + 1, label);
    if (read.kind === "fault") return read;
    blocks.push({ label, bytes: read.bytes });
    at = read.end;
  }
  return { kind: "blocks", blocks };
}

type BlockRead =
  | { readonly kind: "block"; readonly bytes: Buffer; readonly end: number }
  | { readonly kind: "fault"; readonly because: string };

function readBlock(lines: readonly string[], start: number, label: ArmorLabel): BlockRead {
  const fault = (at: number): BlockRead => ({ kind: "fault", because: `has an armored block with an unexpected line ${at + 1}` });
  const text = (at: number): string => (lines[at] ?? "").trimEnd();
  let at = start;
  while (at < lines.length && text(at) !== "") {
    if (!HEADER.test(text(at)) || !isAscii(Buffer.from(text(at)))) return fault(at);
    at++;
  }
  const parts: string[] = [];
  for (at++; at < lines.length && BASE64.test(text(at)); at++) {
    if (parts.at(-1)?.endsWith("=") === true) return fault(at);
    parts.push(text(at));
  }
  const checksum = CHECKSUM.exec(text(at))?.[1];
  if (checksum !== undefined) at++;
  if (at >= lines.length || text(at) !== `-----END PGP ${label}-----`) return fault(at);
  const base64 = parts.join("");
  const bytes = Buffer.from(base64, "base64");
  if (base64.length === 0 || base64.length % 4 !== 0 || bytes.toString("base64") !== base64) return fault(at);
  // gpg, and apt by it, read no block whose checksum is wrong.
  if (checksum !== undefined && Buffer.from(checksum, "base64").readUIntBE(0, 3) !== crc24(bytes)) {
    return { kind: "fault", because: `has an armored block whose checksum is "${checksum}", which is not that of its bytes` };
  }
  return { kind: "block", bytes, end: at };
}

/** @see RFC 4880, section 6.1 */
function crc24(bytes: Buffer): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x800000) === 0 ? crc << 1 : (crc << 1) ^ 0x1864cfb;
  }
  return crc;
}

function labelOf(line: string): ArmorLabel | undefined {
  switch (BEGIN.exec(line)?.[1]) {
    case "SIGNATURE":
      return "SIGNATURE";
    case "PUBLIC KEY BLOCK":
      return "PUBLIC KEY BLOCK";
    case "PRIVATE KEY BLOCK":
      return "PRIVATE KEY BLOCK";
    default:
      return undefined;
  }
}

/** One armored block with a checksum, without which gpg 2.2 fails to read some. */
export function enarmor(label: "SIGNATURE" | "PUBLIC KEY BLOCK", bytes: Uint8Array): string {
  const type = label === "SIGNATURE" ? enums.armor.signature : enums.armor.publicKey;
  return armor(type, bytes, undefined, undefined, undefined, true);
}
