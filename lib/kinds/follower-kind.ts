/**
 * What the steps need to know of an index kind that follows the packages: no contest of its own, but what it says of a package stays with
 * that package's winner. A new kind is one file beside this one and one line in followers.ts.
 */
import type { Block } from "../archive/block.ts";
import type { Architecture, ComponentName, SuiteName } from "../archive/names.ts";
import type { Problem, Where } from "../errors.ts";
import type { Codec } from "../ports.ts";
import type { FollowerKindName } from "../settings.ts";
import type { Winners } from "./winners.ts";

/** What a suite asks for, and what there is of it. */
export interface FollowerWish {
  readonly architectures: readonly Architecture[];
  readonly languages: readonly string[] | "all";
  readonly udebs: boolean;
  readonly sources: boolean;
  /** Paths that the Release lists, without the compression's ending. */
  readonly listed: ReadonlySet<string>;
}

/** One file of a mirror that goes into a merged file. */
export interface FollowerFile {
  /** Upstream path below the suite, without compression. */
  readonly path: string;
  readonly merged: MergedFile;
}

/** A file of the merged suite, in each of its components. */
export interface MergedFile {
  /** Below the component, without compression, such as `i18n/Translation-en`. */
  readonly name: string;
  /** Whose winners it follows. */
  readonly type: "deb" | "udeb" | "source";
  /** `all` follows the winners of every architecture. */
  readonly architecture: Architecture;
}

/** A mirror's file, verified as it is read. */
export interface FollowerInput {
  readonly where: Where;
  /** Place of its mirror's suite in the configured order, 0 wins. */
  readonly rank: number;
  /** @throws MergeError INDEX_MISMATCH, INDEX_MALFORMED, INDEX_TOO_LARGE */
  whole(): Promise<Buffer>;
  /** The same bytes in pieces, for what is too large to be held. @throws the same, at the latest behind the last piece */
  chunks(): AsyncIterable<Buffer>;
}

export interface FollowerOrder {
  readonly suite: SuiteName;
  readonly component: ComponentName;
  readonly merged: MergedFile;
  /** In order of rank. */
  readonly inputs: readonly FollowerInput[];
  readonly winners: Winners;
  /** Positions of inputs that were found not to be in order, see MergeAgain. */
  readonly unsorted: Set<number>;
  /** Told of what was left out. */
  tell(problem: Problem): void;
}

/** Thrown when blocks were handed out that turn out to be wrong: all are to be thrown away, and the merge to be made again with the same order. */
export class MergeAgain extends Error {}

export interface FollowerKind {
  readonly name: FollowerKindName;
  /** Which of a mirror's listed files the suite wants for one upstream component. */
  files(component: string, wish: FollowerWish): readonly FollowerFile[];
  /** Whether an entry may stand in a file of another component than the one its winner is in. */
  readonly acrossComponents: boolean;
  /** The only forms in which it is written, where the config has them; undefined: all that the config has. */
  codecs(merged: MergedFile): readonly Codec[] | undefined;
  /** What its text is made of, for patches from one state to the next; undefined when clients do not patch it. */
  readonly unit: "stanza" | "line" | undefined;
  /**
   * The merged text. No block: nothing is written.
   *
   * @throws MergeError INDEX_MALFORMED, and what reading the inputs throws; MergeAgain
   */
  merge(order: FollowerOrder): Iterable<Block> | AsyncIterable<Block>;
}
