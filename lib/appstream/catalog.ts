/**
 * DEP-11 catalogs, `COMPONENT/dep11/Components-ARCH.yml`: YAML documents, the first a header, then one for each software component. Read as bytes;
 * YAML is parsed only where it must be.
 *
 * @see https://www.freedesktop.org/software/appstream/docs/sect-AppStream-YAML.html
 */
import { isMap, isScalar, parseDocument, visit } from "yaml";
import { MergeError, type Where } from "../errors.ts";

/** One software component. */
export interface CatalogEntry {
  /** Undefined for the few that are no package's, such as the operating system itself. */
  readonly package: string | undefined;
  readonly id: string;
  /** The document, with the `---` before it and a newline at its end. */
  readonly bytes: Buffer;
}

export interface CatalogHeader {
  readonly version: string | undefined;
  readonly mediaBaseUrl: string | undefined;
  readonly priority: number | undefined;
  readonly time: string | undefined;
}

export interface Catalog {
  readonly header: CatalogHeader;
  readonly entries: readonly CatalogEntry[];
  /** Documents of which package or ID cannot be read. */
  readonly unreadable: number;
}

/** Longest document that is read, in bytes; the longest real ones have 300 kB. */
const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;
const BORDER = "\n---";
const PLAIN_VALUE = /^[A-Za-z0-9][A-Za-z0-9+._@~/-]*$/;

/**
 * @param bytes hostile: signed, but not to be trusted to be well-formed
 * @throws MergeError INDEX_MALFORMED when it does not begin with a header
 */
export function readCatalog(bytes: Buffer, where: Where): Catalog {
  const malformed = (found: string): MergeError => {
    const text = `Cannot use ${where.file} of ${where.mirror}/${where.suite}: ${found}, it must begin with a DEP-11 header`;
    return new MergeError("INDEX_MALFORMED", text, where);
  };
  const documents = documentsOf(bytes);
  const [first] = documents;
  if (first === undefined) throw malformed("it is empty");
  const header = readHeader(first);
  if (header === undefined) throw malformed("its first document has no File: DEP-11");
  const entries: CatalogEntry[] = [];
  let unreadable = 0;
  for (const document of documents.slice(1)) {
    if (document.length > MAX_DOCUMENT_BYTES) throw malformed(`a document has ${document.length} bytes, more than ${MAX_DOCUMENT_BYTES}`);
    const id = keyValue(document, "ID");
    const name = keyValue(document, "Package");
    if (id === undefined || name === null || id === null) unreadable++;
    else entries.push({ id, package: name, bytes: document });
  }
  return { header, entries, unreadable };
}

/** Documents with the line `---` before each. Text inside them is indented, so that such a line is always a border. */
function documentsOf(bytes: Buffer): readonly Buffer[] {
  const starts: number[] = [];
  for (let at = startsDocument(bytes, 0) ? 0 : bytes.indexOf(BORDER) + 1; at >= 0 && at < bytes.length; ) {
    if (at === 0 && !startsDocument(bytes, 0)) break;
    if (startsDocument(bytes, at)) starts.push(at);
    const next = bytes.indexOf(BORDER, at + 1);
    if (next < 0) break;
    at = next + 1;
  }
  return starts.map((start, position) => {
    const document = bytes.subarray(start, starts[position + 1] ?? bytes.length);
    return document.at(-1) === 0x0a ? document : Buffer.concat([document, Buffer.from("\n")]);
  });
}

const startsDocument = (bytes: Buffer, at: number): boolean => /^---[ \t\r]*(?:\n|$)/.test(bytes.toString("latin1", at, at + 80));

/** Value of a key at the beginning of a line; undefined when it is not there, null when it cannot be read. */
function keyValue(document: Buffer, key: string): string | undefined | null {
  const at = document.indexOf(`\n${key}:`);
  if (at < 0) return undefined;
  const end = document.indexOf("\n", at + 1);
  const text = document
    .toString("utf8", at + key.length + 2, end < 0 ? document.length : end)
    .trim()
    .replace(/^(['"])(.*)\1$/, "$2");
  if (PLAIN_VALUE.test(text)) return text;
  const parsed: unknown = sectionOf(document, key) === undefined ? undefined : parseSection(document, key)?.get(key);
  return typeof parsed === "string" && parsed !== "" ? parsed : null;
}

/** Offsets of a key at the beginning of a line and all that belongs to it. */
function sectionOf(document: Buffer, key: string): { readonly start: number; readonly end: number } | undefined {
  const before = document.indexOf(`\n${key}:`);
  if (before < 0) return undefined;
  const start = before + 1;
  let end = start;
  do {
    const newline = document.indexOf("\n", end);
    end = newline < 0 ? document.length : newline + 1;
    // What belongs to a key is indented, or an item of a list, or empty.
  } while (end < document.length && /[ \t\n\r#-]/.test(String.fromCharCode(document[end] ?? 0)));
  return { start, end };
}

function parseSection(document: Buffer, key: string): { get(key: string): unknown } | undefined {
  const section = sectionOf(document, key);
  if (section === undefined) return undefined;
  const parsed = parseDocument(document.toString("utf8", section.start, section.end), { logLevel: "silent" });
  return parsed.errors.length > 0 || !isMap(parsed.contents) ? undefined : parsed.contents;
}

function readHeader(document: Buffer): CatalogHeader | undefined {
  const parsed = parseDocument(document.toString("utf8", 0, Math.min(document.length, 64 * 1024)), { logLevel: "silent" });
  if (parsed.errors.length > 0 || !isMap(parsed.contents)) return undefined;
  const value = (key: string): unknown => parsed.get(key);
  if (value("File") !== "DEP-11") return undefined;
  const text = (key: string): string | undefined =>
    typeof value(key) === "string" || typeof value(key) === "number" ? String(value(key)) : undefined;
  const priority = Number(value("Priority"));
  return {
    version: text("Version"),
    mediaBaseUrl: text("MediaBaseUrl")?.replace(/\/+$/, ""),
    priority: Number.isSafeInteger(priority) && value("Priority") !== undefined && value("Priority") !== null ? priority : undefined,
    time: text("Time"),
  };
}

/** Keys below which media may be named relative to MediaBaseUrl. */
const MEDIA_KEYS = ["Icon", "Screenshots"];
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/**
 * The document with its media named in full, for a catalog with another MediaBaseUrl. Everything else keeps its bytes.
 *
 * @returns undefined when it cannot be read
 */
export function withFullMedia(document: Buffer, base: string): Buffer | undefined {
  let whole = document;
  for (const key of MEDIA_KEYS) {
    const section = sectionOf(whole, key);
    if (section === undefined) continue;
    const text = whole.toString("utf8", section.start, section.end);
    const parsed = parseDocument(text, { logLevel: "silent" });
    if (parsed.errors.length > 0) return undefined;
    const changes: { readonly from: number; readonly to: number; readonly url: string }[] = [];
    visit(parsed, {
      Pair(_, { key: name, value }) {
        if (!isScalar(name) || name.value !== "url" || !isScalar(value) || typeof value.value !== "string" || !value.range) return;
        if (ABSOLUTE.test(value.value) || value.value.startsWith("/")) return;
        changes.push({ from: value.range[0], to: value.range[1], url: `${base}/${value.value}` });
      },
    });
    if (changes.length === 0) continue;
    let changed = "";
    let at = 0;
    for (const { from, to, url } of changes.sort((left, right) => left.from - right.from)) {
      changed += `${text.slice(at, from)}${JSON.stringify(url)}`;
      at = to;
    }
    changed += text.slice(at);
    whole = Buffer.concat([whole.subarray(0, section.start), Buffer.from(changed), whole.subarray(section.end)]);
  }
  return whole;
}

/** The header of a merged catalog. */
export function formatHeader(origin: string, { version, mediaBaseUrl, priority, time }: CatalogHeader): Buffer {
  const lines = ["---", "File: DEP-11", `Version: ${JSON.stringify(version ?? "0.12")}`, `Origin: ${JSON.stringify(origin)}`];
  if (mediaBaseUrl !== undefined) lines.push(`MediaBaseUrl: ${JSON.stringify(mediaBaseUrl)}`);
  if (priority !== undefined) lines.push(`Priority: ${priority}`);
  if (time !== undefined) lines.push(`Time: ${JSON.stringify(time)}`);
  return Buffer.from(`${lines.join("\n")}\n`);
}
