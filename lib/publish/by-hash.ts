/**
 * by-hash links: each written file under its digests, and files of earlier generations for as long as a client or a cache may still hold
 * the Release that names them.
 */
import type { DigestName, Digests } from "../archive/digests.ts";
import type { Folder } from "../ports.ts";

/** Path of a by-hash link below a suite, such as `main/binary-amd64/by-hash/SHA256/HEX`. */
export function byHashPaths(path: string, digests: Digests, names: readonly DigestName[]): readonly string[] {
  const folder = path.includes("/") ? `${path.slice(0, path.lastIndexOf("/"))}/` : "";
  return [...new Set<DigestName>(["SHA256", ...names])].flatMap((name) => {
    const digest = digests[name];
    return digest === undefined ? [] : [`${folder}by-hash/${name}/${digest}`];
  });
}

/** Since when links are superseded: path below the generation to ISO 8601. Stored as `by-hash.json` in the generation. */
export type Superseded = ReadonlyMap<string, string>;

const RECORD = "by-hash.json";

/** A lost record only means that superseded files stay for another retention time. */
export async function readSuperseded(output: Folder, generation: string): Promise<Superseded> {
  const bytes = await output.read(`${generation}/${RECORD}`);
  if (bytes === undefined) return new Map();
  try {
    const value = JSON.parse(bytes.toString("utf8")) as { superseded?: Record<string, unknown> };
    const entries = Object.entries(value.superseded ?? {}).flatMap(([path, since]) =>
      typeof since === "string" ? [[path, since] as const] : [],
    );
    return new Map(entries);
  } catch {
    return new Map();
  }
}

export function formatSuperseded(superseded: Superseded): { readonly path: string; readonly bytes: Buffer } {
  const sorted = [...superseded].sort(([left], [right]) => (left < right ? -1 : 1));
  return {
    path: RECORD,
    bytes: Buffer.from(`${JSON.stringify({ schema: "aptmerge.by-hash/1", superseded: Object.fromEntries(sorted) }, null, 2)}\n`),
  };
}

export interface Retention {
  /** Links to take over from the last generation. */
  readonly keep: readonly string[];
  readonly superseded: Superseded;
}

/**
 * @param old links of the last generation
 * @param current links that the new generation has of its own
 */
export function planRetention(
  old: readonly string[],
  since: Superseded,
  current: ReadonlySet<string>,
  now: Date,
  keepMs: number,
): Retention {
  const keep: string[] = [];
  const superseded = new Map<string, string>();
  for (const path of old) {
    if (current.has(path)) continue;
    const from = since.get(path) ?? now.toISOString();
    if (isSpent(from, now, keepMs)) continue;
    keep.push(path);
    superseded.set(path, from);
  }
  return { keep, superseded };
}

/** Whether nobody can hold the Release any more that names what was superseded then. */
export const isSpent = (since: string, now: Date, keepMs: number): boolean => Date.parse(since) + keepMs <= now.getTime();

/**
 * Superseded files of a generation whose time has come. The record may be damaged: what a Release or a list of patches names is never among them.
 *
 * @param suites of the generation
 */
export async function listSpentFiles(
  output: Folder,
  generation: string,
  suites: readonly string[],
  now: Date,
  keepMs: number,
): Promise<readonly string[]> {
  const current = new Set<string>();
  for (const suite of suites) {
    const release = await output.read(`${generation}/dists/${suite}/Release`);
    if (release === undefined) return []; // nobody knows what is current
    for (const [digest] of release.toString("latin1").matchAll(/\b[0-9a-f]{32,128}\b/g)) current.add(digest);
  }
  const spent: string[] = [];
  for (const [path, since] of await readSuperseded(output, generation)) {
    const [, folder = "", name = ""] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
    if (!path.startsWith("dists/") || path.split("/").includes("..") || !isRetained(path) || !isSpent(since, now, keepMs)) continue;
    if (current.has(name)) continue;
    const list = path.includes("/by-hash/") ? undefined : await output.read(`${generation}/${folder}/Index`);
    if (list?.includes(name)) continue;
    if ((await output.stat(`${generation}/${path}`)) !== undefined) spent.push(path);
  }
  return spent;
}

/** Removes files that `listSpentFiles` found, then their lines in the record: one that names what is not there does no harm. */
export async function removeSpentFiles(output: Folder, generation: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) await output.remove(`${generation}/${path}`);
  const left = new Map(await readSuperseded(output, generation));
  for (const path of paths) left.delete(path);
  const record = formatSuperseded(left);
  await output.writeDurably(`${generation}/${record.path}`, record.bytes);
}

/** All files below a folder, as paths below it. */
export async function filesBelow(folder: Folder, path: string): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (below: string): Promise<void> => {
    for (const { name, kind } of (await folder.list(below === "" ? path : `${path}/${below}`)) ?? []) {
      const inside = below === "" ? name : `${below}/${name}`;
      if (kind === "folder") await walk(inside);
      else if (kind === "file") found.push(inside);
    }
  };
  await walk("");
  return found;
}

/** Whether clients that still hold an older Release may ask for the file by a name that no newer one has: by-hash links, and patches. */
export const isRetained = (path: string): boolean => path.includes("/by-hash/") || /\.diff\/T-[^/]+\.gz$/.test(path);
