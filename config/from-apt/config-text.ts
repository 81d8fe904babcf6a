/** Writes the config that `init --from-apt` leaves behind: meant to be read and changed by a person. */
import { formatInstant } from "../../lib/archive/dates.ts";
import { isFlat } from "../../lib/archive/names.ts";
import type { Problem } from "../../lib/errors.ts";
import type { FollowerKindName } from "../../lib/settings.ts";
import { hasCredentials } from "./archive-url.ts";
import { CONFIG_HEAD, CONFIG_TAIL } from "./config-frame.ts";
import type { Member } from "./members.ts";
import { keyringFiles, type PlannedMirror, pinsOf } from "./mirrors.ts";
import { otherCodename, planFields } from "./release-fields.ts";
import type { PlannedSuite } from "./suites.ts";
import { yamlList, yamlScalar } from "./yaml-scalar.ts";

export interface ConfigPlan {
  readonly mirrors: readonly PlannedMirror[];
  readonly suites: readonly PlannedSuite[];
  readonly trustedKeyrings: readonly string[];
  readonly now: Date;
  /** Whether apt here heeds Valid-Until. */
  readonly checkValidUntil: boolean;
  /** Kinds of index beside packages and sources that apt fetches here. */
  readonly followers: readonly FollowerKindName[];
}

export interface ConfigText {
  readonly text: string;
  /** A URL holds a password: the file is not for everybody. */
  readonly secret: boolean;
  readonly problems: readonly Problem[];
}

const LENIENT = `# apt here accepts expired Release files of every archive (Acquire::Check-Valid-Until). aptmerge does so only for a mirror with
# check-valid-until: false, to be given only to archives that are known to be frozen.`;

export function configText(plan: ConfigPlan): ConfigText {
  const problems: Problem[] = [];
  const mirrors = plan.mirrors.map((mirror) => mirrorText(mirror, plan.trustedKeyrings));
  const suites = plan.suites.map((suite) => {
    const { fields, problems: found } = planFields(suite);
    problems.push(...found);
    return suiteText(suite, fields, found.length > 0, plan.followers);
  });
  const text = `# Config of aptmerge, made from this machine's apt sources on ${formatInstant(plan.now)}.
${CONFIG_HEAD}
# The archives that apt reads here. One mirror each: packages are redirected by the prefix under pool to where they come from.
${plan.checkValidUntil ? "" : `${LENIENT}\n`}mirrors:
${mirrors.join("\n")}

# The merged suites. Clients need one line for each: deb [signed-by=KEY] http://THIS-SERVER/ SUITE COMPONENTS
suites:
${suites.join("\n")}

policy:
  winner: newest                # the highest version of all mirrors, as apt chooses; ties go to the first in from
  uninstallable: report         # a package that cannot be installed is told: apt would see it as well. hold publishes nothing then
${CONFIG_TAIL}`;
  return { text, secret: plan.mirrors.some((mirror) => hasCredentials(mirror.url)), problems };
}

function mirrorText(mirror: PlannedMirror, trustedKeyrings: readonly string[]): string {
  const places = [...new Set(mirror.entries.map((entry) => `${entry.place.file}:${entry.place.line}`))];
  const lines = [
    `  # ${oneComment(places.join(", "))}`,
    `  ${yamlScalar(mirror.name)}:`,
    `    url: ${yamlScalar(mirror.url)}`,
    ...signedByLines(mirror, trustedKeyrings),
    `    pool: ${yamlScalar(mirror.pool)}`,
  ];
  if (!mirror.checkValidUntil) lines.push("    check-valid-until: false    # as apt is told here: expired Release files are accepted");
  if (mirror.allowWeak) lines.push("    allow-weak: true            # as apt is told here: Release files with weak digests are accepted");
  return lines.join("\n");
}

function signedByLines(mirror: PlannedMirror, trustedKeyrings: readonly string[]): string[] {
  const files = keyringFiles(mirror, trustedKeyrings);
  const pins = pinsOf(mirror);
  const shared = mirror.signedBy.kind === "machine" ? "    # No Signed-By in the source: apt takes any key that it trusts.\n" : "";
  const [only] = files.length === 1 ? files : [];
  if (pins.length === 0 && only !== undefined) return [`${shared}    signed-by: ${yamlScalar(only)}`];
  const list = (indent: string): string[] => files.map((file) => `${indent}- ${yamlScalar(file)}`);
  if (files.length === 0) return [`${shared}    signed-by: []`];
  if (pins.length === 0) return [`${shared}    signed-by:`, ...list("      ")];
  const keyring = only === undefined ? ["      keyring:", ...list("        ")] : [`      keyring: ${yamlScalar(only)}`];
  return [`${shared}    signed-by:`, ...keyring, `      fingerprints: ${yamlList(pins)}`];
}

function suiteText(
  suite: PlannedSuite,
  fields: readonly (readonly [string, string])[],
  unknown: boolean,
  followers: readonly string[],
): string {
  const components = mergedComponents(suite.from);
  const architectures = [...new Set(suite.from.flatMap((member) => member.architectures))];
  if (suite.from.some((member) => member.sources)) architectures.push("source");
  return [
    ...(suite.apart ? ["  # NotAutomatic: stays apart, so that clients get from it only what they ask for."] : []),
    `  ${yamlScalar(suite.name)}:`,
    "    from:                       # the first wins a tie",
    ...suite.from.map((member) => `      - ${memberText(member, components)}`),
    `    components: ${yamlList(components)}`,
    `    architectures: ${yamlList(architectures)}`,
    `    indices: ${yamlList(["packages", "sources", ...followers])}   # as apt fetches here; contents is for apt-file, dep11 for software centres`,
    ...(followers.includes("translation") ? ["    languages: [en]             # of long descriptions; all takes every one"] : []),
    unknown
      ? "    release:                    # the base suite's fields could not be had: fill in Origin, Label, Suite, Version by hand"
      : "    release:                    # the base suite's, so that pins and unattended upgrades go on working",
    ...fields.map(([name, value]) => `      ${name}: ${yamlScalar(value)}`),
    "    # valid-for: 7d             # clients refuse the suite when it is older; needs a merge every few days",
  ].join("\n");
}

/** A flat archive has no components: what it has goes to main. */
function mergedComponents(members: readonly Member[]): readonly string[] {
  return [...new Set(members.flatMap((member) => (isFlat(member.suite) ? ["main"] : member.components)))];
}

function memberText(member: Member, merged: readonly string[]): string {
  const [mirror, suite, codename] = [yamlScalar(member.mirror.name), yamlScalar(member.suite), otherCodename(member)];
  if (isFlat(member.suite)) return `{ mirror: ${mirror}, suite: ${suite}, component: main }`;
  const same = member.components.length === merged.length && member.components.every((component) => merged.includes(component));
  if (same && codename === undefined && !member.suite.includes("/")) return yamlScalar(`${member.mirror.name}/${member.suite}`);
  const map = member.components.map((component) => `${yamlScalar(component)}: ${yamlScalar(component)}`);
  const components = same ? "" : `, components: { ${map.join(", ")} }`;
  return `{ mirror: ${mirror}, suite: ${suite}${codename === undefined ? "" : `, codename: ${yamlScalar(codename)}`}${components} }`;
}

/** A path in a comment must not end it. */
const oneComment = (text: string): string => text.replace(/[^\x20-\x7e]+/g, "?");
