/** The suites that take part: each suite of each mirror once, with all that the sources say of it. */
import { parseSuitePath, type SuitePath } from "../../lib/archive/names.ts";
import { MergeError } from "../../lib/errors.ts";
import type { ReleaseFields } from "./lists-folder.ts";
import type { AptArchive, PlannedMirror } from "./mirrors.ts";

export interface Member {
  readonly mirror: PlannedMirror;
  readonly suite: SuitePath;
  readonly components: readonly string[];
  readonly architectures: readonly string[];
  /** Whether a deb-src names it. */
  readonly sources: boolean;
  /** Fields of its Release; undefined when nobody knows them yet. */
  readonly fields: ReleaseFields | undefined;
  /** Why asking the archive for its Release failed. */
  readonly fault: string | undefined;
}

/**
 * Asks an archive for the Release of a suite, verified like that of a merge; undefined when there is none.
 *
 * @throws MergeError as the download and the verification do
 */
export type FetchRelease = (archive: AptArchive, suite: SuitePath) => Promise<ReleaseFields | undefined>;

export interface ReleaseSource {
  /** Fields that apt has fetched before. */
  listed(uri: string, suite: string): Promise<ReleaseFields | undefined>;
  fetched(mirror: PlannedMirror, suite: SuitePath): Promise<ReleaseFields | undefined>;
}

/** In order of appearance. */
export async function gatherMembers(mirrors: readonly PlannedMirror[], releases: ReleaseSource): Promise<readonly Member[]> {
  const members: Promise<Member & { position: number }>[] = [];
  const positions = new Map(mirrors.flatMap((mirror) => mirror.entries).map((entry, position) => [entry, position]));
  for (const mirror of mirrors) {
    for (const [suite, entries] of Map.groupBy(mirror.entries, (entry) => entry.suite)) {
      const unite = (list: (entry: (typeof entries)[number]) => readonly string[]): string[] => [...new Set(entries.flatMap(list))];
      const known = {
        mirror,
        suite: parseSuitePath(suite),
        components: unite((entry) => entry.components),
        architectures: unite((entry) => (entry.source ? [] : entry.options.architectures)),
        sources: entries.some((entry) => entry.source),
        position: Math.min(...entries.map((entry) => positions.get(entry) ?? 0)),
      };
      members.push(readFields(releases, mirror, known.suite).then((found) => ({ ...known, ...found })));
    }
  }
  return (await Promise.all(members)).sort((a, b) => a.position - b.position);
}

async function readFields(releases: ReleaseSource, mirror: PlannedMirror, suite: SuitePath): Promise<Pick<Member, "fields" | "fault">> {
  for (const uri of new Set(mirror.entries.map((entry) => entry.uri))) {
    const fields = await releases.listed(uri, suite);
    if (fields !== undefined) return { fields, fault: undefined };
  }
  try {
    return { fields: await releases.fetched(mirror, suite), fault: undefined };
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    return { fields: undefined, fault: error.message };
  }
}
