/** Reports to format. */
import { type Change, NOTHING_MERGED, REPORT_SCHEMA, type Report, type SuiteReport } from "../../lib/report/report.ts";

export const change = (kind: Change["kind"], name: string, fields: Partial<Change> = {}): Change => ({
  kind,
  package: name,
  source: name,
  component: "main",
  architecture: "amd64",
  type: "deb",
  ...(kind === "added" ? {} : { from: { version: "1", mirror: "a" } }),
  ...(kind === "removed" ? {} : { to: { version: "2", mirror: "a" } }),
  reason: "",
  ...fields,
});

export const suite = (fields: Partial<SuiteReport> = {}): SuiteReport => ({
  name: "daedalus",
  outcome: "published",
  mirrors: [],
  indices: [],
  changes: [],
  ...NOTHING_MERGED,
  ...fields,
});

/** The run of a report that published nothing because it was not to. */
export const DRY = { id: "run", version: "0.1.0", started: "2026-11-21T03:00:00Z", finished: "2026-11-21T03:00:04Z", dryRun: true };

export const report = (suites: readonly SuiteReport[], fields: Partial<Report> = {}): Report => ({
  schema: REPORT_SCHEMA,
  run: { id: "run", version: "0.1.0", started: "2026-11-21T03:00:00Z", finished: "2026-11-21T03:00:04Z", dryRun: false },
  outcome: "published",
  exitCode: 0,
  generation: 42,
  suites,
  problems: [],
  timings: { fetchMs: 1, verifyMs: 2, mergeMs: 3, composeMs: 4, publishMs: 5 },
  ...fields,
});
