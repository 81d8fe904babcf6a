/** Archives whose keys and signatures real gpg made: the same files that archives serve. */
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type Fingerprint, parseFingerprint } from "../../lib/archive/names.ts";
import type { Archive } from "./archive.ts";
import { temporaryFolder } from "./temporary.ts";

/** When gpg thinks it is: test archives are dated so. */
const CLOCK = "20261001T000000!";

export interface Gpg {
  /** Runs gpg on bytes, if any, and gives what it prints. */
  run(args: readonly string[], input?: Buffer): Buffer;
  /** @returns its fingerprint */
  newKey(userId: string): Fingerprint;
  /** Adds a subkey that signs. @returns its fingerprint */
  addSubkey(primary: Fingerprint): Fingerprint;
  /** Writes these keys as a keyring. */
  writeKeyring(path: string, ...keys: readonly Fingerprint[]): Promise<void>;
  /** The archive with an InRelease that these keys of gpg signed; `FPR!` for exactly one subkey. */
  signed(archive: Archive, ...keys: readonly string[]): Promise<Archive>;
}

/** Its agent ends with the test. */
export async function newGpg(t: TestContext): Promise<Gpg> {
  const home = await temporaryFolder();
  t.after(() => void execFileSync("gpgconf", ["--homedir", home, "--kill", "all"]));
  const run: Gpg["run"] = (args, input = Buffer.alloc(0)) => {
    const own = ["--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", "--faked-system-time", CLOCK];
    return execFileSync("gpg", [...own, ...args], { input, stdio: "pipe" });
  };
  const fingerprints = (): readonly Fingerprint[] =>
    run(["--list-keys", "--with-colons"])
      .toString("latin1")
      .split("\n")
      .flatMap((line) => (line.startsWith("fpr:") ? (parseFingerprint(line.split(":")[9] ?? "") ?? []) : []));
  const made = (args: readonly string[]): Fingerprint => {
    const before = new Set(fingerprints());
    run(args);
    const fresh = fingerprints().find((fingerprint) => !before.has(fingerprint));
    if (fresh === undefined) throw new Error(`gpg made no key: ${args.join(" ")}`);
    return fresh;
  };
  return {
    run,
    newKey: (userId) => made(["--allow-freeform-uid", "--quick-generate-key", userId, "ed25519", "sign", "never"]),
    addSubkey: (primary) => made(["--quick-add-key", primary, "ed25519", "sign", "never"]),
    writeKeyring: async (path, ...keys) => writeFile(path, run(["--export", ...keys]), { mode: 0o644 }),
    async signed(archive, ...keys) {
      const release = (await archive.build()).get("dists/stable/Release");
      if (release === undefined) throw new Error("Cannot sign: the archive has no dists/stable/Release");
      const inRelease = run([...keys.flatMap((key) => ["--local-user", key]), "--clearsign"], release);
      return archive.tamper("dists/stable/InRelease", () => inRelease);
    },
  };
}

/** Path of the keyring that a test's world uses for its mirror. */
export const keyringOf = (folder: string, mirror: string): string => join(folder, `keyrings/${mirror}.asc`);
