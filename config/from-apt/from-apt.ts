/** From this machine's apt sources to the config that merges them: the work of `init --from-apt`. */
import { isAbsolute, join } from "node:path";
import { MergeError, type Problem, problem } from "../../lib/errors.ts";
import { readAptSettings } from "./apt-settings.ts";
import { type ConfigText, configText } from "./config-text.ts";
import { readListed } from "./lists-folder.ts";
import { isKeyring, readMachine } from "./machine.ts";
import { type FetchRelease, gatherMembers } from "./members.ts";
import { archiveOf, keyringFiles, keyringPath, type PlannedMirror, planMirrors } from "./mirrors.ts";
import { type PlannedSuite, planSuites } from "./suites.ts";

export type { FetchRelease } from "./members.ts";

export interface FromAptWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: Date;
  /** Absolute path of the folder that the config will stand in. */
  readonly folder: string;
  /** Asked for suites that apt has not fetched. */
  readonly fetchRelease: FetchRelease;
  /** Writes a key block that stood in a source; path relative to the folder. Called before `fetchRelease`. */
  writeKeyring(path: string, armor: string): Promise<void>;
}

export interface FromApt extends ConfigText {
  readonly mirrors: readonly PlannedMirror[];
  readonly suites: readonly PlannedSuite[];
}

/** @throws MergeError APT_SOURCES_ABSENT when nothing is left to merge, CONFIG_INVALID when apt cannot read its own configuration */
export async function configFromApt(world: FromAptWorld): Promise<FromApt> {
  const settings = await readAptSettings(world.env);
  const machine = await readMachine(settings);
  const { mirrors, problems: mirrorProblems } = planMirrors(machine.entries);
  const problems = [...machine.problems, ...mirrorProblems];
  if (mirrors.length === 0) {
    const left = problems.map((found) => found.message).join("; ");
    const found = `${settings.sourceList} and ${settings.sourceParts} name no archive that can be merged${left === "" ? "" : ` (${left})`}`;
    throw new MergeError("APT_SOURCES_ABSENT", `Cannot make a config from apt sources: ${found}, one is needed`);
  }
  for (const mirror of mirrors) {
    if (mirror.signedBy.kind === "embedded") await world.writeKeyring(keyringPath(mirror), mirror.signedBy.armor);
  }
  const absolute = (path: string): string => (isAbsolute(path) ? path : join(world.folder, path));
  problems.push(...(await missingKeyrings(mirrors, machine.trustedKeyrings, absolute)));
  const members = await gatherMembers(mirrors, {
    listed: (uri, suite) => readListed(settings.lists, uri, suite),
    fetched: (mirror, suite) => world.fetchRelease(archiveOf(mirror, machine.trustedKeyrings, absolute), suite),
  });
  const suites = planSuites(members);
  const text = configText({
    mirrors,
    suites,
    trustedKeyrings: machine.trustedKeyrings,
    now: world.now,
    checkValidUntil: settings.checkValidUntil,
    followers: settings.followers,
  });
  return { ...text, problems: [...problems, ...text.problems], mirrors, suites };
}

async function missingKeyrings(
  mirrors: readonly PlannedMirror[],
  trustedKeyrings: readonly string[],
  absolute: (path: string) => string,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const mirror of mirrors) {
    for (const file of keyringFiles(mirror, trustedKeyrings).map(absolute)) {
      if (await isKeyring(file)) continue;
      const message = `Cannot use keyring "${file}" of mirror "${mirror.name}": it is absent, unreadable, empty or a keybox, it must be an OpenPGP keyring`;
      problems.push(problem("warning", "KEYRING_UNUSABLE", message, { mirror: mirror.name, file }));
    }
  }
  return problems;
}
