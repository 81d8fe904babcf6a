/**
 * Measures a merge of Debian sid and experimental (main, amd64 and source) against bare tools that do the unavoidable part of it, on all
 * cores, in the same run: once without any xz (inputs offered as .gz, .gz written), once with xz on both sides. Run by hand on a quiet
 * machine; needs the network once.
 *
 *     node test/bench/sid-experimental.ts [RUNS] [FOLDER for the inputs, kept]
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { formatReleaseDate } from "../../lib/archive/dates.ts";
import { sha256Of } from "../../lib/archive/digests.ts";
import { generateSigningKey } from "../../lib/io/keys.ts";
import { loadSigner } from "../../lib/io/signer.ts";
import { machineSources } from "../support/machine-sources.ts";
import { fetchInputs } from "./archives.ts";

const RUNS = Number(process.argv[2] ?? 5);
const inputs = process.argv[3] ?? join(tmpdir(), "aptmerge-bench-inputs");
const work = mkdtempSync(join(tmpdir(), "aptmerge-bench-"));
const FILES = ["main/binary-amd64/Packages.xz", "main/source/Sources.xz"];

interface Measured {
  readonly wall: number;
  readonly cpu: number;
  readonly rssMb: number;
}

const [source] = await machineSources();
if (source === undefined) throw new Error("This machine has no apt source to take the inputs from");
const [keyring] = source.keyrings;

await fetchInputs(inputs, ["InRelease", ...FILES]);

function config(name: string, compress: string, archive: string, keys: string): string {
  const path = join(work, `${name}.yaml`);
  const mirror = `url: ${archive}, signed-by: ${keys}, check-valid-until: false`;
  writeFileSync(
    path,
    `state: state-${name}
output: output-${name}
sign: [{ key: key.asc }]
mirrors:
  hi: { ${mirror}, pool: HI }
  lo: { ${mirror}, pool: LO }
suites:
  merged: { from: [hi/experimental, lo/sid], components: [main], architectures: [amd64, source], indices: [packages, sources] }
publish: { compress: ${compress} }
`,
  );
  return path;
}

function timed(command: string, args: readonly string[]): Measured {
  const log = join(work, "time");
  const { status, stderr } = spawnSync("/usr/bin/time", ["-o", log, "-f", "%e %U %S %M", command, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}`);
  const [wall = 0, user = 0, system = 0, kb = 0] = readFileSync(log, "utf8").trim().split(/\s+/).map(Number);
  return { wall, cpu: user + system, rssMb: kb / 1000 };
}

const aptmerge = (path: string, ...flags: string[]): Measured =>
  timed(join(import.meta.dirname, "../../bin/aptmerge"), ["--config", path, "--quiet", "merge", ...flags]);

const median = (values: readonly number[]): number => [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;

function line(label: string, all: readonly Measured[], floor?: readonly Measured[]): void {
  const [wall, cpu, rss] = [
    median(all.map((one) => one.wall)),
    median(all.map((one) => one.cpu)),
    Math.max(...all.map((one) => one.rssMb)),
  ];
  const range = `${Math.min(...all.map((one) => one.wall))}-${Math.max(...all.map((one) => one.wall))}`;
  const ratio = floor === undefined ? "" : ` | ${(wall / median(floor.map((one) => one.wall))).toFixed(2)}`;
  process.stdout.write(`| ${label} | ${wall.toFixed(2)} (${range}) | ${cpu.toFixed(2)} | ${rss.toFixed(0)}${ratio} |\n`);
}

const key = await generateSigningKey("bench", new Date());
writeFileSync(join(work, "key.asc"), key.secret, { mode: 0o600 });
writeFileSync(join(work, "public.asc"), key.public);

/** The same indices as .gz alone, under a Release of our own: what a merge costs without xz. */
async function gzipArchive(): Promise<string> {
  const archive = join(work, "gz-archive");
  const signer = await loadSigner([{ kind: "file", path: join(work, "key.asc"), passphrase: "" }], new Date());
  for (const suite of ["sid", "experimental"]) {
    const lines = [`Suite: ${suite}`, `Date: ${formatReleaseDate(new Date())}`, "SHA256:"];
    for (const file of FILES) {
      const plain = execFileSync("xz", ["-dc", join(inputs, "dists", suite, file)], { maxBuffer: 2 ** 30 });
      const path = file.replace(/\.xz$/, "");
      const gz = gzipSync(plain, { level: 6 });
      mkdirSync(dirname(join(archive, "dists", suite, path)), { recursive: true });
      writeFileSync(join(archive, "dists", suite, `${path}.gz`), gz);
      lines.push(` ${sha256Of(plain)} ${plain.length} ${path}`, ` ${sha256Of(gz)} ${gz.length} ${path}.gz`);
    }
    const { inRelease } = await signer.sign(Buffer.from(`${lines.join("\n")}\n`), new Date());
    writeFileSync(join(archive, "dists", suite, "InRelease"), inRelease);
  }
  return archive;
}

const archive = await gzipArchive();
const plainGz = config("gz", "{ gz: 9 }", archive, "public.asc");
const full = config("xz", "{ gz: 9, xz: 6 }", inputs, keyring ?? "");

// The bytes that a merge reads and writes, by bare tools on all cores.
aptmerge(plainGz);
const merged = join(work, "output-gz/dists/merged/main");
for (const [from, to] of [
  ["binary-amd64/Packages", "P"],
  ["source/Sources", "S"],
] as const) {
  writeFileSync(join(work, to), execFileSync("gzip", ["-dc", join(merged, `${from}.gz`)], { maxBuffer: 2 ** 30 }));
}
const files = ["sid", "experimental"].flatMap((suite) => FILES.map((file) => join(archive, "dists", suite, file.replace(/xz$/, "gz"))));
const xzFiles = ["sid", "experimental"].flatMap((suite) => FILES.map((file) => join(inputs, "dists", suite, file)));
const each = (names: readonly string[], command: string): string =>
  `printf '%s\\n' ${names.join(" ")} | xargs -P${availableParallelism()} -n1 sh -c '${command} <"$0" >/dev/null'`;
const results = [join(work, "P"), join(work, "S")];
const floorScript = `${each(files, "gzip -dc")}\n${each(results, "gzip -9n")}`;
const xzFloorScript = `${each(xzFiles, "xz -T1 -dc")}\n${each(results, "gzip -9n")}\n${each(results, "xz -6 -T1 --block-size=1MiB -c")}`;

const floor: Measured[] = [];
const xzFloor: Measured[] = [];
const first: Measured[] = [];
const again: Measured[] = [];
const whole: Measured[] = [];
const fresh = (name: string): void => {
  for (const folder of [`state-${name}`, `output-${name}`]) rmSync(join(work, folder), { recursive: true, force: true });
};
for (let run = 0; run < RUNS; run++) {
  floor.push(timed("sh", ["-c", floorScript]));
  fresh("gz");
  first.push(aptmerge(plainGz));
  again.push(aptmerge(plainGz));
  if (run >= 3) continue;
  xzFloor.push(timed("sh", ["-c", xzFloorScript]));
  fresh("xz");
  whole.push(aptmerge(full));
}
process.stdout.write("| what | wall s, median (range) | CPU s | max RSS MB | to the bare tools |\n|---|---|---|---|---|\n");
line("bare tools without xz: gzip -dc of the inputs, gzip -9n of the results", floor, floor);
line("first merge without xz", first, floor);
line("second merge, nothing changed", again, floor);
line("bare tools with xz: xz -dc of the inputs, gzip -9n and xz -6 (1 MiB blocks) of the results", xzFloor, xzFloor);
line("first merge with xz -6", whole, xzFloor);
rmSync(work, { recursive: true, force: true });
