/** The inputs of the benchmarks: Debian sid and experimental, main, amd64 and source, as this machine's apt source has them, under a key of the bench's own. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { formatReleaseDate } from "../../lib/archive/dates.ts";
import { sha256Of } from "../../lib/archive/digests.ts";
import { generateSigningKey } from "../../lib/io/keys.ts";
import { loadSigner } from "../../lib/io/signer.ts";
import type { Signer } from "../../lib/ports.ts";
import { machineSources } from "../support/machine-sources.ts";
import { numbers } from "../support/numbers.ts";
import { type Measured, timed } from "./measure.ts";

export const SUITES = ["sid", "experimental"] as const;
export const PACKAGES = "main/binary-amd64/Packages";
export const SOURCES = "main/source/Sources";

/** Fetches what is not there yet. @returns the folder */
export async function fetchInputs(folder: string, files: readonly string[]): Promise<string> {
  const [source] = await machineSources();
  if (source === undefined) throw new Error("This machine has no apt source to take the inputs from");
  const base = `${source.baseUri.replace(/\/$/, "")}/dists`;
  for (const suite of SUITES) {
    for (const file of files) {
      const path = join(folder, "dists", suite, file);
      if (existsSync(path)) continue;
      mkdirSync(dirname(path), { recursive: true });
      execFileSync("curl", ["-sSf", "--retry", "3", "-o", path, `${base}/${suite}/${file}`], { stdio: "inherit" });
    }
  }
  return folder;
}

/** @returns the signer; `key.asc` and `public.asc` are in the folder */
export async function benchKey(folder: string): Promise<Signer> {
  const key = await generateSigningKey("bench", new Date(Date.now() - 864e5));
  writeFileSync(join(folder, "key.asc"), key.secret, { mode: 0o600 });
  writeFileSync(join(folder, "public.asc"), key.public);
  return loadSigner([{ kind: "file", path: join(folder, "key.asc"), passphrase: "" }], new Date());
}

/** Config of a bench in its folder: mirrors by name and folder, all under the key of the bench; merged suites with their keys as YAML. */
export function writeConfig(work: string, mirrors: ReadonlyMap<string, string>, suites: ReadonlyMap<string, string>): void {
  const line = ([name, folder]: readonly [string, string]): string =>
    `  ${name}: { url: ${folder}, signed-by: public.asc, pool: ${name.toUpperCase()} }\n`;
  const head = "state: state\noutput: output\nsign: [{ key: key.asc }]\n";
  const suiteLines = [...suites].map(([name, keys]) => `  ${name}: { ${keys} }\n`);
  writeFileSync(configOf(work), `${head}mirrors:\n${[...mirrors].map(line).join("")}suites:\n${suiteLines.join("")}`);
}

const PROGRAM = join(import.meta.dirname, "../../bin/aptmerge");
const configOf = (work: string): string => join(work, "aptmerge.yaml");

/** `aptmerge merge` by that config. @param looks see `timed` */
export const mergeIn = (
  work: string,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  looks = true,
): Promise<Measured> => timed(PROGRAM, ["--config", configOf(work), "--quiet", "merge", ...flags], env, looks);

export const plainOf = (xz: string): Buffer => execFileSync("xz", ["-dc", xz], { maxBuffer: 2 ** 30 });

/** One state of an archive: the uncompressed text of each index, and the form in which it is offered. */
export interface ArchiveState {
  readonly suite: string;
  readonly texts: ReadonlyMap<string, Buffer>;
  readonly codec: "gz" | "xz";
  readonly date: Date;
}

/** Writes dists/SUITE of one state. */
export async function writeState(archive: string, { suite, texts, codec, date }: ArchiveState, signer: Signer): Promise<void> {
  const lines = [`Suite: ${suite}`, `Date: ${formatReleaseDate(date)}`, "SHA256:"];
  for (const [path, text] of texts) {
    const file = join(archive, "dists", suite, `${path}.${codec}`);
    mkdirSync(dirname(file), { recursive: true });
    if (codec === "gz") writeFileSync(file, gzipSync(text, { level: 6 }));
    else writeFileSync(file, execFileSync("xz", ["-2", "-T0", "-c"], { input: text, maxBuffer: 2 ** 30 }));
    const packed = readFileSync(file);
    lines.push(` ${sha256Of(text)} ${text.length} ${path}`, ` ${sha256Of(packed)} ${packed.length} ${path}.${codec}`);
  }
  const { inRelease } = await signer.sign(Buffer.from(`${lines.join("\n")}\n`), date);
  writeFileSync(join(archive, "dists", suite, "InRelease"), inRelease);
}

/** Rebuilds about so many packages, which changes their digests: of whole source packages, as uploads do, or spread evenly. The same ones for the same seed. */
export function mutate(text: Buffer, count: number, how: "sources" | "spread", seed = 7): Buffer {
  const stanzas = text.toString("latin1").replace(/\n+$/, "").split("\n\n");
  const rebuild = (at: number): void => {
    stanzas[at] = (stanzas[at] ?? "").replace(
      /^(SHA256: )([0-9a-f]{64})$/m,
      (_, field: string, digest: string) => field + sha256Of(`${digest}${seed}`),
    );
  };
  if (how === "spread") {
    const step = stanzas.length / count;
    for (let i = 0; i < count; i++) rebuild(Math.floor(i * step + seed) % stanzas.length);
  } else {
    const bySource = new Map<string, number[]>();
    for (const [at, stanza] of stanzas.entries()) {
      const name = /^Source: (\S+)/m.exec(stanza)?.[1] ?? /^Package: (\S+)/m.exec(stanza)?.[1] ?? "";
      bySource.set(name, [...(bySource.get(name) ?? []), at]);
    }
    const names = [...bySource.keys()].sort();
    const number = numbers(seed);
    for (let done = 0; done < count && names.length > 0; ) {
      const [name = ""] = names.splice(number(names.length), 1);
      for (const at of bySource.get(name) ?? []) {
        rebuild(at);
        done++;
      }
    }
  }
  return Buffer.from(`${stanzas.join("\n\n")}\n\n`, "latin1");
}
