/** What a run did or would do, as scripts read it. @see CONTRACT section 7 */
import type { ChangeKind } from "../archive/change-kind.ts";
import type { Problem } from "../errors.ts";

export const REPORT_SCHEMA = "aptmerge.report/1";

export type Outcome = "published" | "unchanged" | "would-publish" | "partial" | "failed";
export type SuiteOutcome = "published" | "unchanged" | "would-publish" | "held" | "failed";

export interface Report {
  readonly schema: typeof REPORT_SCHEMA;
  readonly run: {
    readonly id: string;
    readonly version: string;
    readonly started: string;
    readonly finished: string;
    readonly dryRun: boolean;
  };
  readonly outcome: Outcome;
  readonly exitCode: number;
  /** The live one at the end of the run; absent before the first publish. */
  readonly generation?: number;
  readonly suites: readonly SuiteReport[];
  readonly problems: readonly Problem[];
  readonly timings: Timings;
}

export interface Timings {
  readonly fetchMs: number;
  readonly verifyMs: number;
  readonly mergeMs: number;
  readonly composeMs: number;
  readonly publishMs: number;
}

export interface SuiteReport {
  readonly name: string;
  readonly outcome: SuiteOutcome;
  readonly mirrors: readonly MirrorReport[];
  readonly indices: readonly IndexReport[];
  readonly changes: readonly Change[];
  /** Stanzas that lost to another mirror. */
  readonly shadowed: number;
  /** What bans took out, directly or because it needs what they took out. */
  readonly banned: readonly BannedReport[];
  /** What stays although it needs, recommends or suggests something banned: `dependents: report` and `report` of a ban. */
  readonly needsBanned: readonly NeedsBannedReport[];
  /** Kept binaries whose source is in the suite under no such version. */
  readonly orphans: readonly { readonly package: string; readonly source: string; readonly version: string }[];
  /** Kept binaries whose Built-Using or Static-Built-Using names a source that the suite does not have. */
  readonly builtUsing: readonly {
    readonly package: string;
    readonly architecture: string;
    readonly field: string;
    readonly source: string;
    readonly version: string;
  }[];
  /** Names won by priority or pin while another mirror offers a higher version. */
  readonly behind: readonly BehindReport[];
  /** What limited mirrors offered and did not get, and what they or watched ones say beyond their own packages. */
  readonly limited: readonly LimitedReport[];
  /** Packages that cannot be installed from the suite and could be in the last generation. */
  readonly uninstallable: readonly UninstallableReport[];
  /** Stanzas that an override changed. */
  readonly overridden: number;
}

/** Of a suite that was not merged in this run. */
export const NOTHING_MERGED = {
  shadowed: 0,
  banned: [],
  needsBanned: [],
  orphans: [],
  builtUsing: [],
  behind: [],
  limited: [],
  uninstallable: [],
  overridden: 0,
} as const satisfies Partial<SuiteReport>;

/** A stanza of a merged index, as reports name it. */
export interface NamedStanza {
  readonly package: string;
  readonly type: "deb" | "udeb" | "source";
  /** Of the index; `source` for sources. */
  readonly architecture: string;
  readonly version: string;
  readonly mirror: string;
}

export interface BannedReport extends NamedStanza {
  /** As `explain --ban` takes it, such as `package systemd-sysv`. */
  readonly rule: string;
  /** From the package to the banned one, both included; one name when it is banned itself. */
  readonly chain: readonly string[];
  /** The relation that no longer holds, such as `Depends: systemd-sysv`; absent when it is banned itself. */
  readonly relation?: string;
  /** As the config gives it. */
  readonly reason?: string;
}

export interface NeedsBannedReport extends BannedReport {
  readonly relation: string;
}

export interface BehindReport extends NamedStanza {
  /** The highest version that another mirror offers. */
  readonly newer: { readonly version: string; readonly mirror: string };
  /** Why the older one wins, in words. */
  readonly because: string;
}

export interface LimitedReport extends NamedStanza {
  /** What was refused, taken out or is told, such as `Essential: yes`, `Provides: libc6` or `the name`. */
  readonly what: string;
  /** It is told and left. */
  readonly stays?: true;
}

export interface UninstallableReport extends NamedStanza {
  /** From the package to the one whose relation cannot be met. */
  readonly chain: readonly string[];
  /** That relation, such as `Depends: libfoo1 (>= 2)`. */
  readonly relation: string;
}

export interface MirrorReport {
  readonly name: string;
  readonly suite: string;
  readonly state: "new" | "changed" | "unchanged" | "cached" | "failed";
  readonly date?: string;
  readonly validUntil?: string;
  readonly signedBy: readonly string[];
  /** Fetched in this run. */
  readonly files: number;
  readonly bytes: number;
  readonly via: readonly ("full" | "pdiff" | "not-modified")[];
}

export interface IndexReport {
  /** Below the suite, without compression. */
  readonly path: string;
  readonly stanzas: number;
  /** Packages added, removed and changed in any other way. */
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** Uncompressed. */
  readonly bytes: number;
  /** False when the last generation's file was taken over. */
  readonly rebuilt: boolean;
}

/** One per package, architecture and component. */
export interface Change {
  readonly kind: ChangeKind;
  readonly package: string;
  readonly source: string;
  readonly component: string;
  /** Of the index; `source` for sources. */
  readonly architecture: string;
  readonly type: "deb" | "udeb" | "source";
  readonly from?: { readonly version: string; readonly mirror: string; readonly component?: string };
  readonly to?: { readonly version: string; readonly mirror: string };
  readonly reason: string;
}

/** One line for each change and each finding: a first run has a hundred thousand of them, and they are looked for with grep. */
export const formatJson = (report: Report): string => [...jsonPieces(report)].join("");

/** The same in pieces of some 100 kB, so that a report of hundreds of thousands of changes need not be held as a text. */
export function* jsonPieces({ suites, ...rest }: Report): Generator<string> {
  let piece = `${JSON.stringify(rest).slice(0, -1)},\n"suites":[`;
  for (const [place, suite] of suites.entries()) {
    piece += `${place === 0 ? "" : ","}\n{`;
    for (const [position, [name, value]] of Object.entries(suite).entries()) {
      piece += `${position === 0 ? "" : ","}${JSON.stringify(name)}:`;
      if (!Array.isArray(value)) {
        piece += JSON.stringify(value);
        continue;
      }
      piece += "[";
      for (const [line, one] of value.entries()) {
        piece += `${line === 0 ? "" : ","}\n${JSON.stringify(one)}`;
        if (piece.length < PIECE_LENGTH) continue;
        yield piece;
        piece = "";
      }
      piece += "]";
    }
    piece += "}";
  }
  yield `${piece}]}\n`;
}

const PIECE_LENGTH = 100_000;
