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
    if (Date.parse(from) + keepMs <= now.getTime()) continue;
    keep.push(path);
    superseded.set(path, from);
  }
  return { keep, superseded };
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
