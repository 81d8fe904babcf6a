/** What the steps need to know of an index kind. A new kind is one file beside this one and one line in registry.ts. */
import type { Architecture } from "../archive/names.ts";
import type { StanzaTable } from "../deb822/stanza-table.ts";
import type { IndexKindName } from "../settings.ts";

/** Positions in `fields` that every kind shares, so that the steps can read any table. */
export const NAME = 0;
export const VERSION = 1;
export const ARCHITECTURE = 2;
export const SOURCE_FIELD = 3;
export const DIGEST = 4;
export const PATH = 5;

export interface IndexKind {
  readonly name: IndexKindName;
  /** What the stanzas stand for; each type has a contest of its own. */
  readonly type: "deb" | "udeb" | "source";
  /** Lower-case field names in the order of the positions above, then the kind's own. */
  readonly fields: readonly string[];
  /** Field that names a path below the archive's root, as it is written when a stanza lacks it. */
  readonly pathField: "Filename" | "Directory";
  /** Whether there is one index per architecture, or one alone. */
  readonly perArchitecture: boolean;
  /** File name of the index, without compression. */
  readonly fileName: "Packages" | "Sources";
  /** Folder of the index below a suite, such as `main/binary-amd64`. */
  folder(component: string, architecture: Architecture): string;
  /** Whether the index has a Release file beside it, as Debian's has. */
  readonly hasRelease: boolean;
  /** Why a stanza may not be used; undefined when it is sound. Hostile input. */
  fault(table: StanzaTable, stanza: number, weakAllowed: boolean): string | undefined;
  /** Kept beside the winner and never competing (Extra-Source-Only). */
  aside(table: StanzaTable, stanza: number): boolean;
}
