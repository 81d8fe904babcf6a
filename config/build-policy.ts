/** From the policy of the config to that of one suite: the suite's own rules before the shared ones, defaults filled in. */
import type { SuiteName } from "../lib/archive/names.ts";
import type { BanRule, PinRule, Policy, WeakRelation } from "../lib/settings.ts";
import { pathText } from "./quoting.ts";
import type { Config } from "./schema.ts";
import type { BanEntry, PinEntry } from "./schema-policy.ts";

type PolicyConfig = Config["policy"];

const MAX_SHRINK = 0.2;

const WEAK: Readonly<Record<"recommends" | "suggests", WeakRelation>> = { recommends: "Recommends", suggests: "Suggests" };

/** What the suite's policy does not say comes from the shared one; lists of rules add up, an empty one clears them. */
export function policySettings(suite: SuiteName, own: PolicyConfig, shared: PolicyConfig): Policy {
  const rules = <Entry extends PinEntry | BanEntry, Rule>(
    list: "pin" | "ban",
    ownEntries: readonly Entry[] | undefined,
    sharedEntries: readonly Entry[] | undefined,
    made: (entry: Entry, place: string) => Rule,
  ): readonly Rule[] => {
    if (ownEntries?.length === 0) return [];
    const from = (entries: readonly Entry[] | undefined, path: readonly string[]): readonly Rule[] =>
      (entries ?? []).flatMap((entry, position) => (isFor(entry, suite) ? [made(entry, pathText([...path, list, position]))] : []));
    return [...from(ownEntries, ["suites", suite, "policy"]), ...from(sharedEntries, ["policy"])];
  };
  return {
    winner: own.winner ?? shared.winner ?? "priority",
    sources: own.sources ?? shared.sources ?? "keep",
    pins: rules("pin", own.pin, shared.pin, pinRule),
    bans: rules("ban", own.ban, shared.ban, banRule),
    maxShrink: own["max-shrink"] ?? shared["max-shrink"] ?? MAX_SHRINK,
    uninstallable: own.uninstallable ?? shared.uninstallable ?? "hold",
    debcheck: own.debcheck ?? shared.debcheck ?? false,
  };
}

/** Suites that an entry names; undefined when it names none and so is for all. */
export function suitesOf(entry: { readonly suite?: string | readonly (string | undefined)[] | undefined }): readonly string[] | undefined {
  if (entry.suite === undefined) return undefined;
  return (typeof entry.suite === "string" ? [entry.suite] : entry.suite).filter((name) => name !== undefined);
}

const isFor = (entry: PinEntry | BanEntry, suite: SuiteName): boolean => suitesOf(entry)?.includes(suite) ?? true;

type Conditions = Pick<PinRule, "by" | "pattern" | "architecture" | "version" | "place">;

function conditionsOf(entry: PinEntry | BanEntry, place: string): Conditions {
  const by = entry.package === undefined ? "source" : "package";
  return { by, pattern: entry.package ?? entry.source ?? "", architecture: entry.architecture, version: entry.version, place };
}

const pinRule = (entry: PinEntry, place: string): PinRule => ({ ...conditionsOf(entry, place), mirror: entry.mirror, until: entry.until });

const banRule = (entry: BanEntry, place: string): BanRule => ({
  ...conditionsOf(entry, place),
  mirror: entry.mirror,
  dependents: entry.dependents ?? "drop",
  reportWeak: (entry.report ?? []).map((relation) => WEAK[relation]),
  reason: entry.reason,
});
