/** One mirror with a keyring on disk, a fixed clock and the real checker: what the tests of the verify step share. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseMirrorName, parseSuitePath } from "../../lib/archive/names.ts";
import type { Floor, ReleaseFiles, TrustedRelease } from "../../lib/archive/trusted.ts";
import { MergeError, type Problem } from "../../lib/errors.ts";
import { OpenpgpChecker } from "../../lib/io/openpgp-checker.ts";
import type { KeyringSettings, MirrorSettings } from "../../lib/settings.ts";
import { verifyRelease } from "../../lib/verify/release.ts";
import type { TestKey } from "../support/keys.ts";
import { temporaryFolder } from "../support/temporary.ts";

export const NOW = new Date("2026-02-10T12:00:00Z");
export const SIGNED_AT = new Date("2026-02-10T06:00:00Z");
const DIGEST = "a".repeat(64);

const DEFAULTS: Readonly<Record<string, string>> = {
  Origin: "Example",
  Suite: "stable",
  Codename: "bookworm",
  Date: "Tue, 10 Feb 2026 06:00:00 UTC",
  "Valid-Until": "Tue, 17 Feb 2026 06:00:00 UTC",
  SHA256: `\n ${DIGEST} 10 main/binary-amd64/Packages`,
};

/** Text of a Release; a field given as undefined is left out. */
export function releaseText(changes: Readonly<Record<string, string | undefined>> = {}): string {
  const lines = Object.entries({ ...DEFAULTS, ...changes }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\n`],
  );
  return lines.join("").replaceAll(": \n", ":\n");
}

export async function writeKeyring(...keys: readonly TestKey[]): Promise<string> {
  const path = join(await temporaryFolder(), "keyring.asc");
  await writeFile(path, keys.map((key) => key.publicArmored).join(""), { mode: 0o644 });
  return path;
}

export function mirrorOf(keyring: KeyringSettings, changes: Partial<MirrorSettings> = {}): MirrorSettings {
  return {
    name: parseMirrorName("debian"),
    urls: ["http://a.example/debian"],
    keyring,
    pool: undefined,
    checkValidUntil: true,
    maxAgeMs: undefined,
    allowWeak: false,
    onFailure: "hold",
    pollMs: 0,
    timeoutMs: 1000,
    retries: 0,
    maxIndexBytes: 1_000_000,
    maxStanzas: 1_000_000,
    privilege: "full",
    ...changes,
  };
}

export interface Ask {
  readonly suite?: string;
  readonly codename?: string;
  readonly mirror?: Partial<MirrorSettings>;
  readonly pins?: KeyringSettings["pins"];
  readonly floor?: Floor;
  readonly acceptOlder?: boolean;
  readonly now?: Date;
}

export type Answer =
  | { readonly code: "trusted"; readonly release: TrustedRelease; readonly problems: readonly Problem[]; readonly message: string }
  | { readonly code: string; readonly release: undefined; readonly problems: readonly Problem[]; readonly message: string };

const signatures = new OpenpgpChecker();

/** Runs verifyRelease and turns its error into an answer, so that tests can be tables. */
export async function ask(files: ReleaseFiles | Buffer, keyring: string, options: Ask = {}): Promise<Answer> {
  const given: ReleaseFiles = Buffer.isBuffer(files) ? { form: "InRelease", inRelease: files } : files;
  const request = {
    mirror: mirrorOf({ files: [keyring], pins: options.pins ?? [] }, options.mirror),
    suite: parseSuitePath(options.suite ?? "bookworm"),
    codename: options.codename,
  };
  try {
    const world = { signatures, now: options.now ?? NOW };
    const { release, problems } = await verifyRelease(given, request, options.floor, world, options.acceptOlder ?? false);
    return { code: "trusted", release, problems, message: "" };
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    return { code: error.code, release: undefined, problems: [], message: error.message };
  }
}
