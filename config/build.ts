/** From the config, found sound, to the settings that the pipeline reads: defaults that need more than one key, paths absolute. */
import { resolve } from "node:path";
import { ALL, isFlat, type MirrorName, parseComponentName, parseMirrorName, parseSuiteName, SOURCE } from "../lib/archive/names.ts";
import type {
  IndexKindName,
  KeyringSettings,
  MirrorSettings,
  MirrorSuite,
  PublishSettings,
  Settings,
  SigningKey,
  SuiteSettings,
} from "../lib/settings.ts";
import { policySettings } from "./build-policy.ts";
import { listOf } from "./check-mirrors.ts";
import { FLAT_COMPONENT } from "./check-suites.ts";
import type { Config } from "./schema.ts";
import type { FromEntry } from "./schema-suite.ts";
import { baseUrl } from "./urls.ts";

type MirrorConfig = Config["mirrors"][string];
type SuiteConfig = Config["suites"][string];
type PolicyConfig = Config["policy"];

const ESSENTIAL: readonly IndexKindName[] = ["packages", "sources"];

/** What the values alone do not tell. */
export interface Surroundings {
  /** Absolute; where relative paths start. */
  readonly folder: string;
  /** Overrides when the config names none. */
  readonly defaultOverrides: string | undefined;
  /** Keys of a map in the order of the file: objects put keys such as "10" first. */
  keys(path: readonly PropertyKey[]): readonly string[];
}

export function buildSettings(config: Config, around: Surroundings): Settings {
  const at = (path: string): string => resolve(around.folder, path);
  const mirrors = new Map<MirrorName, MirrorSettings>();
  for (const name of around.keys(["mirrors"])) {
    const mirror = config.mirrors[name];
    if (mirror !== undefined) mirrors.set(parseMirrorName(name), mirrorSettings(parseMirrorName(name), mirror, around.folder));
  }
  return {
    state: at(config.state),
    output: at(config.output),
    overrides: config.overrides === undefined ? around.defaultOverrides : at(config.overrides),
    sign: config.sign.map(
      (entry): SigningKey =>
        "key" in entry
          ? { kind: "file", path: at(entry.key), passphrase: entry.passphrase }
          : { kind: "gpg", fingerprint: entry.gpg, homedir: entry.homedir === undefined ? undefined : at(entry.homedir) },
    ),
    mirrors,
    suites: around.keys(["suites"]).flatMap((name) => {
      const suite = config.suites[name];
      return suite === undefined ? [] : [suiteSettings(name, suite, config.policy, mirrors, around)];
    }),
    publish: publishSettings(config.publish),
  };
}

function mirrorSettings(name: MirrorName, mirror: MirrorConfig, folder: string): MirrorSettings {
  return {
    name,
    urls: listOf(mirror.url).map((url) => baseUrl(url, folder)),
    keyring: keyringSettings(mirror["signed-by"], folder),
    pool: mirror.pool,
    checkValidUntil: mirror["check-valid-until"],
    maxAgeMs: mirror["max-age"],
    allowWeak: mirror["allow-weak"],
    onFailure: mirror["on-failure"],
    pollMs: mirror.poll,
    timeoutMs: mirror.timeout,
    retries: mirror.retries,
    maxIndexBytes: mirror["max-index-size"],
    maxStanzas: mirror["max-stanzas"],
    privilege: mirror.privilege,
  };
}

function keyringSettings(signedBy: MirrorConfig["signed-by"], folder: string): KeyringSettings {
  const { keyring, fingerprints } =
    typeof signedBy === "string" || Array.isArray(signedBy) ? { keyring: signedBy, fingerprints: undefined } : signedBy;
  return { files: listOf(keyring).map((file) => resolve(folder, file)), pins: fingerprints ?? [] };
}

function suiteSettings(
  name: string,
  suite: SuiteConfig,
  shared: PolicyConfig,
  mirrors: ReadonlyMap<MirrorName, MirrorSettings>,
  around: Surroundings,
): SuiteSettings {
  const path = ["suites", name];
  return {
    name: parseSuiteName(name),
    aliases: suite.aliases,
    from: suite.from.map((entry, rank): MirrorSuite => {
      const mirror = mirrors.get(parseMirrorName(entry.mirror));
      if (mirror === undefined) throw new Error(`mirror ${entry.mirror} passed the checks and is not there`);
      const keys = around.keys([...path, "from", rank, "components"]);
      return { mirror, suite: entry.suite, rank, components: componentMap(entry, suite, keys), codename: entry.codename };
    }),
    components: suite.components,
    architectures: suite.architectures.filter((architecture) => architecture !== SOURCE && architecture !== ALL),
    sources: suite.architectures.includes(SOURCE),
    languages: suite.languages,
    indices: suite.indices,
    essential: suite.essential ?? ESSENTIAL.filter((kind) => suite.indices.includes(kind)),
    release: new Map(around.keys([...path, "release"]).flatMap((field) => pairOf(suite.release, field))),
    validForMs: suite["valid-for"],
    policy: policySettings(parseSuiteName(name), suite.policy, shared),
  };
}

/** Upstream component to merged component, in the order of the config. */
function componentMap(entry: FromEntry, suite: SuiteConfig, keys: readonly string[]): MirrorSuite["components"] {
  if (isFlat(entry.suite)) return new Map([["", entry.component ?? parseComponentName(FLAT_COMPONENT)]]);
  const components = entry.components ?? suite.components;
  if (Array.isArray(components)) return new Map(components.map((component) => [component, component]));
  return new Map(keys.flatMap((upstream) => pairOf(components, upstream)));
}

function pairOf<Value>(map: Readonly<Record<string, Value>>, key: string): readonly (readonly [string, Value])[] {
  const value = map[key];
  return value === undefined ? [] : [[key, value]];
}

function publishSettings(publish: Config["publish"]): PublishSettings {
  return {
    compress: { gz: publish.compress.gz, xz: publish.compress.xz },
    digests: publish.digests.filter((digest) => digest !== "SHA256"),
    byHashKeepMs: publish["by-hash"] === false ? undefined : publish["by-hash"].keep,
    generations: publish.generations,
    banReport: publish["ban-report"],
    pdiffStates: publish.pdiffs === false ? 0 : publish.pdiffs.keep,
    checkWithApt: publish["check-with-apt"],
    settleEveryMs: publish["settle-every"],
  };
}
