/** Where this machine's apt keeps things, as apt itself says, or Debian's places where there is no apt-config. */
import { execFile } from "node:child_process";
import { arch } from "node:process";
import { promisify } from "node:util";
import { MergeError } from "../../lib/errors.ts";
import type { FollowerKindName } from "../../lib/settings.ts";
import type { AptDefaults } from "./entry.ts";
import { truth } from "./options.ts";

export interface AptSettings extends AptDefaults {
  /** Absolute paths of files and folders; they need not exist. */
  readonly sourceList: string;
  readonly sourceParts: string;
  readonly lists: string;
  readonly trusted: string;
  readonly trustedParts: string;
  /**
   * What apt does here unless a source says otherwise. Not taken over: it is a machine's choice for itself, and a merged archive hands the
   * result to others.
   */
  readonly checkValidUntil: boolean;
  /** Kinds of index beside packages and sources that apt fetches here, for itself or for programs such as apt-file. */
  readonly followers: readonly FollowerKindName[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 20_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
const SCALARS = {
  sourceList: ["Dir::Etc::sourcelist/f", "/etc/apt/sources.list"],
  sourceParts: ["Dir::Etc::sourceparts/d", "/etc/apt/sources.list.d/"],
  lists: ["Dir::State::lists/d", "/var/lib/apt/lists/"],
  trusted: ["Dir::Etc::trusted/f", "/etc/apt/trusted.gpg"],
  trustedParts: ["Dir::Etc::trustedparts/d", "/etc/apt/trusted.gpg.d/"],
  checkValidUntil: ["Acquire::Check-Valid-Until", ""],
} as const;
/** Debian's names for what Node runs on. */
const NODE_ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: "amd64",
  arm64: "arm64",
  arm: "armhf",
  ia32: "i386",
  ppc64: "ppc64el",
  s390x: "s390x",
  riscv64: "riscv64",
  loong64: "loong64",
};

/**
 * @param env of the run: APT_CONFIG leads to another configuration, PATH to apt-config
 * @throws MergeError CONFIG_INVALID when apt cannot read its own configuration
 */
export async function readAptSettings(env: Environment): Promise<AptSettings> {
  const query = Object.entries(SCALARS).flatMap(([name, [key]]) => [name, key]);
  const shell = await aptConfig(["shell", ...query], env);
  const listed = await aptConfig(["dump", "--format", "%v%n", "APT::Architectures"], env);
  const architectures = listed?.split("\n").filter((line) => line.trim() !== "") ?? [];
  const said = readShell(shell ?? "");
  const pick = (name: keyof typeof SCALARS): string => said.get(name) || SCALARS[name][1];
  return {
    sourceList: pick("sourceList"),
    sourceParts: pick("sourceParts"),
    lists: pick("lists"),
    trusted: pick("trusted"),
    trustedParts: pick("trustedParts"),
    checkValidUntil: truth(pick("checkValidUntil"), true),
    followers: readTargets((await aptConfig(["dump", "--format", "%f %v%n", TARGETS], env)) ?? ""),
    architectures: architectures.length > 0 ? architectures : [NODE_ARCHITECTURES[arch] ?? arch],
  };
}

const TARGETS = "Acquire::IndexTargets::deb";
/** Where a target's files lie. */
const TARGET_PATHS: readonly (readonly [FollowerKindName, RegExp])[] = [
  ["translation", /\/i18n\/Translation-/],
  ["contents", /\/Contents-/],
  ["dep11", /\/dep11\//],
  ["cnf", /\/cnf\//],
];

/** Kinds of the targets that are enabled, by lines such as `Acquire::IndexTargets::deb::NAME::MetaKey VALUE`. */
export function readTargets(dump: string): readonly FollowerKindName[] {
  const targets = new Map<string, Map<string, string>>();
  for (const line of dump.split("\n")) {
    const [, target, key, value] = /^Acquire::IndexTargets::deb::([^:]+)::(\w+) (.*)$/.exec(line) ?? [];
    if (target === undefined || key === undefined || value === undefined) continue;
    targets.set(target, (targets.get(target) ?? new Map()).set(key.toLowerCase(), value));
  }
  const paths = [...targets.values()].filter((one) => truth(one.get("defaultenabled"), true)).map((one) => one.get("metakey") ?? "");
  return TARGET_PATHS.filter(([, pattern]) => paths.some((path) => pattern.test(path))).map(([kind]) => kind);
}

/** Undefined where there is no apt-config. */
async function aptConfig(args: readonly string[], env: Environment): Promise<string | undefined> {
  try {
    const options = { env: { ...env, LC_ALL: "C.UTF-8" }, timeout: TIMEOUT_MS, maxBuffer: MAX_ANSWER_BYTES };
    return (await promisify(execFile)("apt-config", args, options)).stdout;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    const said = error instanceof Error ? error.message.trim().split("\n").join("; ") : String(error);
    throw new MergeError("CONFIG_INVALID", `Cannot read apt's configuration: apt-config says "${said}"`);
  }
}

/** Lines `name='value'`; an apostrophe in a value is written `'\''`. */
export function readShell(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split("\n")) {
    const match = /^(\w+)='(.*)'$/.exec(line);
    if (match) found.set(match[1] ?? "", (match[2] ?? "").replaceAll("'\\''", "'"));
  }
  return found;
}
