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
  readonly banned: readonly {
    readonly package: string;
    readonly architecture: string;
    readonly rule: string;
    readonly chain: readonly string[];
  }[];
  /** Kept binaries whose source is in the suite under no such version. */
  readonly orphans: readonly { readonly package: string; readonly source: string; readonly version: string }[];
  /** Stanzas that an override changed. */
  readonly overridden: number;
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
  readonly via: readonly ("full" | "not-modified")[];
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

/** One line for each change: a first run has a hundred thousand of them, and they are looked for with grep. */
export function formatJson(report: Report): string {
  const { suites, ...rest } = report;
  const open = (value: object): string => JSON.stringify(value).slice(0, -1);
  const suite = ({ changes, ...own }: SuiteReport): string =>
    `${open(own)},"changes":[${changes.map((change) => `\n${JSON.stringify(change)}`).join(",")}]}`;
  return `${open(rest)},\n"suites":[${suites.map((one) => `\n${suite(one)}`).join(",")}]}\n`;
}
