/**
 * Paths that stanzas give (Filename, Directory), and what becomes of them in the merged archive. The only place where an upstream string
 * turns into a path.
 */
import type { Branded } from "./names.ts";

/** Path of a file or folder below the merged archive's root. */
export type PoolPath = Branded<string, "PoolPath">;

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
// Printable ASCII without what a URL or a shell would read otherwise: space, ", #, ?, \, <, >, ^, `, {, |, }.
const PLAIN = /^[!$-;=@-[\]_a-z~]+$/;

/**
 * Why a Filename or Directory may not be used; undefined when it is sound. Hostile: apt itself would ask for `../../etc/passwd`.
 */
export function pathFault(path: string): string | undefined {
  if (path === "") return "it is empty";
  if (path.length > 1024) return "it is longer than 1024 bytes";
  if (!PLAIN.test(path)) return "it has control bytes, blanks or characters that no pool path has";
  if (path.startsWith("/")) return "it is absolute";
  if (SCHEME.test(path)) return "it is a URL";
  if (!path.includes("..") && !path.includes("%")) return undefined;
  for (const part of path.split("/")) {
    const plain = part.replace(/%2e/gi, ".").replace(/%(2f|5c|00)/gi, "/");
    if (plain.split("/").some((piece) => piece === "..")) return "it leaves the archive's root";
  }
  return undefined;
}

/** Without leading `./`, also repeated, as flat archives write it. */
export const withoutDot = (path: string): string => path.replace(/^(?:\.\/+)+/, "");

/**
 * The path in the merged archive: `pool/main/x.deb` becomes `pool/PREFIX/main/x.deb`, a path outside `pool/` becomes `pool/PREFIX/_/path`.
 * Without a prefix it stays. The path must have passed `pathFault`.
 */
export function prefixed(path: string, pool: string | undefined): PoolPath {
  if (pool === undefined) return path as PoolPath;
  const plain = withoutDot(path);
  if (plain === "." || plain === "") return `pool/${pool}/_` as PoolPath;
  return (plain.startsWith("pool/") ? `pool/${pool}/${plain.slice(5)}` : `pool/${pool}/_/${plain}`) as PoolPath;
}
