/**
 * What holds a suite although all is well signed: losing much of it, changing what clients pin by, breaking packages. An empty index is
 * signed just as well as a full one. Never on a first run.
 */
import type { Release } from "../archive/release.ts";
import { MergeError, type Problem, problem } from "../errors.ts";
import { readIndexPath } from "../kinds/registry.ts";
import type { SuiteSettings } from "../settings.ts";
import type { SuiteRecord } from "../state/inputs-record.ts";
import { defaultPin } from "../verify/upstream-change.ts";
import type { MergedSuite } from "./merge-suite.ts";
import type { RunRequest } from "./world.ts";

interface Guarded {
  readonly suite: SuiteSettings;
  /** What is published of the suite; undefined before the first time. */
  readonly record: SuiteRecord | undefined;
  readonly release: Release | undefined;
  readonly merged: MergedSuite;
  readonly request: RunRequest;
}

/** Everything that must hold the suite, and what is told of guards that do not. */
export function checkGuards(guarded: Guarded): { readonly errors: readonly MergeError[]; readonly warnings: readonly Problem[] } {
  const found = [shrinkFault(guarded), releaseFault(guarded), breakageFault(guarded)].filter((fault) => fault !== undefined);
  return {
    errors: found.filter(({ holds }) => holds).map(({ error }) => error),
    warnings: found
      .filter(({ holds }) => !holds)
      .map(({ error }) =>
        problem("warning", error.code, error.message, error.where, "The config, a flag or the privilege of the mirror lets it pass"),
      ),
  };
}

interface Fault {
  readonly error: MergeError;
  readonly holds: boolean;
}

const percent = (value: number): string => `${Math.round(value * 1000) / 10}%`;

function shrinkFault({ suite, record, merged, request }: Guarded): Fault | undefined {
  if (record === undefined || request.acceptShrink) return undefined;
  const count = (indices: readonly { readonly stanzas: number }[]): number => indices.reduce((sum, { stanzas }) => sum + stanzas, 0);
  // Files that follow the packages shrink with them; one that a mirror does not have today is told elsewhere.
  const [before, after] = [count(record.indices.filter(({ path }) => readIndexPath(path) !== undefined)), count(merged.indices)];
  if (before === 0) return undefined;
  const bans = lostToBans(merged);
  const limit = `max-shrink is ${percent(suite.policy.maxShrink)}`;
  const refuse = (text: string): Fault => ({
    error: new MergeError("SUITE_SHRANK", `Cannot publish suite "${suite.name}": ${text}, ${limit}`, { suite: suite.name }),
    holds: true,
  });
  const share = (before - after) / before;
  if (share > suite.policy.maxShrink) return refuse(`it would go from ${before} stanzas to ${after}, which is ${percent(share)} less`);
  // What else is added must not hide what a ban takes.
  if (bans / before > suite.policy.maxShrink)
    return refuse(`its bans would take ${bans} of ${before} published packages, which is ${percent(bans / before)}`);
  return undefined;
}

/** Packages that were published and are banned now, or went with what is banned. */
function lostToBans({ indices, banned }: MergedSuite): number {
  const names = new Set(banned.map(({ type, architecture, package: name }) => `${type} ${architecture} ${name}`));
  if (names.size === 0) return 0;
  return indices.reduce(
    (sum, { kind, architecture, changes }) =>
      sum + changes.filter((change) => change.kind === "removed" && names.has(`${kind.type} ${architecture} ${change.name}`)).length,
    0,
  );
}

/** Fields whose change apt refuses until its user consents. */
const PINNED_FIELDS = ["Origin", "Label", "Codename"];

function releaseFault({ suite, release, request }: Guarded): Fault | undefined {
  if (release === undefined || request.acceptReleaseChange) return undefined;
  const given = new Map([...suite.release].map(([name, value]) => [name.toLowerCase(), value]));
  const fieldNow = (name: string): string => given.get(name.toLowerCase()) ?? (name === "Codename" ? suite.name : "");
  const error = releaseChange(suite, release, fieldNow);
  return error === undefined ? undefined : { error, holds: true };
}

/** What clients would have to consent to; undefined when nothing. */
export function releaseChange({ name: suite }: SuiteSettings, before: Release, fieldNow: (name: string) => string): MergeError | undefined {
  const fieldBefore = (name: string): string => before.fields.get(name.toLowerCase()) ?? "";
  const changes = PINNED_FIELDS.filter((name) => fieldNow(name) !== fieldBefore(name)).map(
    (name) => `${name} from "${fieldBefore(name)}" to "${fieldNow(name)}"`,
  );
  const [pinBefore, pinNow] = [defaultPin(fieldBefore), defaultPin(fieldNow)];
  if (pinBefore !== pinNow)
    changes.push(`NotAutomatic and ButAutomaticUpgrades so that apt's default pin goes from ${pinBefore} to ${pinNow}`);
  if (changes.length === 0) return undefined;
  const text = `Cannot publish suite "${suite}": its Release would change ${changes.join(", ")}, which apt refuses to follow by itself`;
  return new MergeError("RELEASE_CHANGED", text, { suite });
}

/** Packages that a message names. */
const MOST_NAMED = 5;

function breakageFault({ suite, merged, request }: Guarded): Fault | undefined {
  const { uninstallable } = merged;
  if (uninstallable.length === 0) return undefined;
  const examples = uninstallable
    .slice(0, MOST_NAMED)
    .map(({ package: name, architecture, chain, relation }) =>
      chain.length === 1
        ? `${name} for ${architecture} (${relation})`
        : `${name} for ${architecture} (by ${chain.slice(1).join(", ")}: ${relation})`,
    );
  const more = uninstallable.length > MOST_NAMED ? ` and ${uninstallable.length - MOST_NAMED} more` : "";
  const count = uninstallable.length === 1 ? "1 package" : `${uninstallable.length} packages`;
  // A limited mirror may add packages: with broken ones of its own it must not keep a suite from being published.
  const limited = new Set<string>(suite.from.flatMap(({ mirror }) => (mirror.privilege === "limited" ? [mirror.name] : [])));
  const vital = uninstallable.some(({ mirror }) => !limited.has(mirror));
  const holds = vital && suite.policy.uninstallable === "hold" && !request.acceptUninstallable;
  const verb = holds ? "Cannot publish suite" : "Suite";
  const text = `${verb} "${suite.name}"${holds ? ":" : " has"} ${count} ${holds ? "could not" : "that cannot"} be installed from it, which the last generation did not have: ${examples.join(", ")}${more}`;
  return { error: new MergeError("PACKAGES_UNINSTALLABLE", text, { suite: suite.name }), holds };
}
