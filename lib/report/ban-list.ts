/** The ban report that is published beside the tree, so that users can see why a package is missing: OUTPUT/bans.json. */
import type { BannedReport } from "./report.ts";

export const BANS_SCHEMA = "aptmerge.bans/1";

export interface BanList {
  readonly schema: typeof BANS_SCHEMA;
  /** By suite; in each the packages that bans took out, directly or because they need what is banned. */
  readonly suites: Readonly<Record<string, readonly BannedReport[]>>;
}

/** One line for each package: it is looked for with grep. */
export function formatBans({ schema, suites }: BanList): Buffer {
  const names = Object.keys(suites).sort();
  const parts = names.map(
    (name) => `${JSON.stringify(name)}: [${(suites[name] ?? []).map((one) => `\n${JSON.stringify(one)}`).join(",")}]`,
  );
  return Buffer.from(`{"schema":${JSON.stringify(schema)},"suites":{\n${parts.join(",\n")}}}\n`);
}

/** The list of the last generation, by suite; empty when there is none or it cannot be read: it decides nothing. */
export function parseBans(bytes: Buffer | undefined): ReadonlyMap<string, readonly BannedReport[]> {
  try {
    const value = JSON.parse(bytes?.toString("utf8") ?? "{}") as Partial<BanList>;
    const sound = value?.schema === BANS_SCHEMA && typeof value.suites === "object" && value.suites !== null;
    return new Map(sound ? Object.entries(value.suites ?? {}).filter(([, list]) => Array.isArray(list)) : []);
  } catch {
    return new Map();
  }
}
