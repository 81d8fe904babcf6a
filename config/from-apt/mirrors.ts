/** One mirror of the config for each archive that the apt sources name. */
import { type MirrorName, parseFingerprint, parseMirrorName } from "../../lib/archive/names.ts";
import { type Problem, problem } from "../../lib/errors.ts";
import type { MirrorSettings } from "../../lib/settings.ts";
import { withoutCredentials } from "./archive-url.ts";
import type { AptEntry, SignedBy } from "./entry.ts";

export interface PlannedMirror {
  readonly name: MirrorName;
  readonly url: string;
  /** Prefix of its pool paths in the merged archive. */
  readonly pool: string;
  readonly signedBy: SignedBy;
  readonly checkValidUntil: boolean;
  readonly allowWeak: boolean;
  readonly entries: readonly AptEntry[];
}

/** What a download of a mirror's Release needs to know. */
export type AptArchive = Pick<MirrorSettings, "name" | "urls" | "keyring" | "checkValidUntil" | "allowWeak">;

interface PlannedMirrors {
  readonly mirrors: readonly PlannedMirror[];
  readonly problems: readonly Problem[];
}

/** In order of appearance. One URI that is trusted by different keys for different suites becomes one mirror for each set of keys. */
export function planMirrors(entries: readonly AptEntry[]): PlannedMirrors {
  const archives = new Map<string, [AptEntry, ...AptEntry[]]>();
  for (const entry of entries) {
    const { signedBy, checkValidUntil, allowWeak } = entry.options;
    const key = JSON.stringify([entry.url, signedBy, checkValidUntil, allowWeak]);
    const known = archives.get(key);
    if (known === undefined) archives.set(key, [entry]);
    else known.push(entry);
  }
  const problems: Problem[] = [];
  const taken = new Set<string>();
  const mirrors = [...archives.values()].map((own): PlannedMirror => {
    const [{ url, options }] = own;
    const name = newName(url, taken);
    if (own.some((entry) => entry.options.trusted)) problems.push(trustedWarning(name, url));
    const { signedBy, checkValidUntil, allowWeak } = options;
    return { name, url, pool: name.toUpperCase(), signedBy, checkValidUntil, allowWeak, entries: own };
  });
  return { mirrors, problems };
}

function trustedWarning(name: MirrorName, url: string): Problem {
  const message = `Cannot take over trusted=yes of "${withoutCredentials(url)}": apt takes it unsigned, aptmerge merges signed archives only`;
  return problem(
    "warning",
    "KEYRING_UNUSABLE",
    message,
    { mirror: name },
    `Give mirror ${name} the archive's key in signed-by, or take it out`,
  );
}

const plain = (text: string): string => text.replace(/[^A-Za-z0-9+._~-]+/g, "-").replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");

/** The last part of the path; where that is taken, more of the path, then the host, then a number. Prefixes differ in more than case. */
function newName(url: string, taken: Set<string>): MirrorName {
  const { host, pathname } = new URL(url);
  const parts = pathname
    .split("/")
    .map(plain)
    .filter((part) => part !== "");
  const longer = parts.map((_, position) => parts.slice(parts.length - 1 - position).join("-"));
  const whole = [plain(host), ...parts].filter((part) => part !== "").join("-") || "archive";
  let name = [...longer, whole].find((candidate) => !taken.has(candidate.toUpperCase()));
  for (let count = 2; name === undefined; count++) {
    if (!taken.has(`${whole}-${count}`.toUpperCase())) name = `${whole}-${count}`;
  }
  taken.add(name.toUpperCase());
  return parseMirrorName(name);
}

/** Where the key block of a source that has one is written, relative to the config. */
export const keyringPath = (mirror: PlannedMirror): string => `keyrings/${mirror.name}.asc`;

/** Keyring paths as the config gives them: absolute, or relative to it for a key block that stood in the source. */
export function keyringFiles(mirror: PlannedMirror, trustedKeyrings: readonly string[]): readonly string[] {
  switch (mirror.signedBy.kind) {
    case "machine":
      return trustedKeyrings;
    case "files":
      return mirror.signedBy.files;
    case "embedded":
      return [keyringPath(mirror)];
    default:
      return mirror.signedBy satisfies never;
  }
}

export const pinsOf = (mirror: PlannedMirror): readonly string[] => (mirror.signedBy.kind === "embedded" ? [] : mirror.signedBy.pins);

/** @param absolute turns a path of the config into an absolute one */
export function archiveOf(mirror: PlannedMirror, trustedKeyrings: readonly string[], absolute: (path: string) => string): AptArchive {
  const pins = pinsOf(mirror).flatMap((pin) => {
    const fingerprint = parseFingerprint(pin.replace("!", ""));
    return fingerprint === undefined ? [] : [{ fingerprint, exact: pin.endsWith("!") }];
  });
  const { name, url, checkValidUntil, allowWeak } = mirror;
  return { name, urls: [url], keyring: { files: keyringFiles(mirror, trustedKeyrings).map(absolute), pins }, checkValidUntil, allowWeak };
}
