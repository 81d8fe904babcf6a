/** A gpg of a test's own, and one that does something else. */
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after } from "node:test";
import { type Fingerprint, parseFingerprint } from "../../lib/archive/names.ts";
import { whereIs } from "./needs.ts";
import { temporaryFolder } from "./temporary.ts";

const homes: string[] = [];
after(() => {
  for (const home of homes) execFileSync("gpgconf", ["--homedir", home, "--kill", "all"]);
});

/** Its agent ends with the tests. */
export async function newHome(): Promise<string> {
  const home = await temporaryFolder();
  if (whereIs("gpgconf") !== undefined) homes.push(home);
  return home;
}

export function gpg(home: string, ...args: readonly string[]): string {
  return execFileSync("gpg", ["--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", ...args], {
    encoding: "utf8",
    stdio: "pipe",
  });
}

/** @returns fingerprints of the key and its subkeys */
export function generate(home: string, passphrase: string, usage = "sign"): readonly Fingerprint[] {
  gpg(home, "--passphrase", passphrase, "--quick-generate-key", "Held by gpg", "ed25519", usage, "never");
  return listed(home);
}

export function listed(home: string): readonly Fingerprint[] {
  return gpg(home, "--list-keys", "--with-colons")
    .split("\n")
    .filter((line) => line.startsWith("fpr:"))
    .flatMap((line) => parseFingerprint(line.split(":")[9] ?? "") ?? []);
}

/** A gpg in PATH that does something else, for as long as `run` takes. */
export async function withFakeGpg<T>(script: string, run: () => Promise<T>): Promise<T> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "gpg"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const before = process.env.PATH;
  process.env.PATH = `${folder}:${before}`;
  try {
    return await run();
  } finally {
    process.env.PATH = before;
  }
}
