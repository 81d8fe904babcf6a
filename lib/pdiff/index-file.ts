/**
 * The Index of a `.diff` folder: from which states patches lead on, and the digests of these.
 *
 * @see https://wiki.debian.org/DebianRepository/Format, "Packages.diff/Index"
 */
import { parseSha256, type Sha256 } from "../archive/names.ts";
import { MergeError, type Where } from "../errors.ts";

export interface SizedDigest {
  readonly sha256: Sha256;
  readonly bytes: number;
}

export interface PdiffEntry {
  /** Of the file, without `.gz`. */
  readonly name: string;
  /** The state that it starts from, uncompressed. */
  readonly from: SizedDigest;
  /** The patch itself, and as `.gz`. */
  readonly patch: SizedDigest;
  readonly download: SizedDigest;
}

export interface PdiffIndex {
  readonly current: SizedDigest;
  /** Oldest state first. */
  readonly patches: readonly PdiffEntry[];
  /** Whether each patch leads to the current state, rather than to the next one. */
  readonly merged: boolean;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,200}$/;
/** Debian's longest has 56 in each list. */
const MAX_ENTRIES = 10_000;

/**
 * Only SHA256 counts, and an entry that lacks one makes the whole list unusable, as it is for clients.
 *
 * @param bytes hostile
 * @throws MergeError INDEX_MALFORMED
 */
export function parsePdiffIndex(bytes: Buffer, where: Where): PdiffIndex {
  const malformed = (found: string, wanted: string): MergeError =>
    new MergeError("INDEX_MALFORMED", `Cannot use ${where.file} of ${where.mirror}/${where.suite}: ${found}, ${wanted}`, where);
  const fields = fieldsOf(bytes.toString("latin1"));
  const listOf = (field: string, ending = ""): ReadonlyMap<string, SizedDigest> => {
    const list = new Map<string, SizedDigest>();
    for (const line of (fields.get(field) ?? "").split("\n")) {
      if (line.trim() === "") continue;
      const [digest, size, file, ...rest] = line.trim().split(/[ \t]+/);
      const entry = sized(digest, size);
      const name = file?.endsWith(ending) ? file.slice(0, file.length - ending.length) : undefined;
      if (entry === undefined || name === undefined || !NAME.test(name) || rest.length > 0)
        throw malformed(
          `${field} has the line ${JSON.stringify(line.trim().slice(0, 120))}`,
          `it must be digest, size and name${ending && ` with ${ending}`}`,
        );
      if (list.has(name)) throw malformed(`${field} has "${name}" twice`, "each may stand once");
      if (list.size >= MAX_ENTRIES) throw malformed(`${field} has more than ${MAX_ENTRIES} lines`, "so many are not read");
      list.set(name, entry);
    }
    return list;
  };
  const [digest, size] = (fields.get("SHA256-Current") ?? "").trim().split(/[ \t]+/);
  const current = sized(digest, size);
  if (current === undefined) throw malformed("it has no SHA256-Current with digest and size", "it must have one");
  const history = listOf("SHA256-History");
  const patches = listOf("SHA256-Patches");
  const downloads = listOf("SHA256-Download", ".gz");
  const entries = [...history].map(([name, from]): PdiffEntry => {
    const [patch, download] = [patches.get(name), downloads.get(name)];
    if (patch === undefined || download === undefined)
      throw malformed(`"${name}" has no ${patch === undefined ? "SHA256-Patches" : "SHA256-Download"}`, "every entry must have one");
    return { name, from, patch, download };
  });
  return { current, patches: entries, merged: fields.get("X-Patch-Precedence")?.trim() === "merged" };
}

/** Value of each field, lines of a list joined by newlines. */
function fieldsOf(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let field: string | undefined;
  for (const line of text.split("\n")) {
    if (/^[ \t]/.test(line)) {
      if (field !== undefined) fields.set(field, `${fields.get(field) ?? ""}\n${line}`);
      continue;
    }
    const colon = line.indexOf(":");
    field = colon > 0 ? line.slice(0, colon) : undefined;
    if (field !== undefined && !fields.has(field)) fields.set(field, line.slice(colon + 1));
  }
  return fields;
}

function sized(digest: string | undefined, size: string | undefined): SizedDigest | undefined {
  const sha256 = parseSha256(digest ?? "");
  return sha256 === undefined || !/^[0-9]{1,15}$/.test(size ?? "") ? undefined : { sha256, bytes: Number(size) };
}

export function formatPdiffIndex({ current, patches, merged }: PdiffIndex): Buffer {
  const width = Math.max(
    0,
    ...patches.flatMap(({ from, patch, download }) => [from, patch, download].map(({ bytes }) => String(bytes).length)),
  );
  const list = (field: string, pick: (one: PdiffEntry) => SizedDigest, ending = ""): readonly string[] => [
    `${field}:`,
    ...patches.map((one) => ` ${pick(one).sha256} ${String(pick(one).bytes).padStart(width)} ${one.name}${ending}`),
  ];
  const lines = [
    `SHA256-Current: ${current.sha256} ${current.bytes}`,
    ...list("SHA256-History", ({ from }) => from),
    ...list("SHA256-Patches", ({ patch }) => patch),
    ...list("SHA256-Download", ({ download }) => download, ".gz"),
    ...(merged ? ["X-Patch-Precedence: merged"] : []),
  ];
  return Buffer.from(`${lines.join("\n")}\n`);
}
