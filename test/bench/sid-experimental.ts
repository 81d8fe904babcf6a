/**
 * Measures a merge of Debian sid and experimental (main, amd64 and source) against bare tools doing the unavoidable part of it: decompressing
 * the four inputs and gzipping the two results, on all cores. Run by hand on a quiet machine; needs the network once.
 *
 *     node test/bench/sid-experimental.ts [RUNS] [FOLDER for the inputs, kept]
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { generateSigningKey } from "../../lib/io/keys.ts";
import { machineSources } from "../support/machine-sources.ts";

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

for (const suite of ["sid", "experimental"]) {
  for (const file of ["InRelease", ...FILES]) {
    const path = join(inputs, "dists", suite, file);
    if (existsSync(path)) continue;
    mkdirSync(dirname(path), { recursive: true });
    execFileSync("curl", ["-sSf", "--retry", "3", "-o", path, `${source.baseUri.replace(/\/$/, "")}/dists/${suite}/${file}`], {
      stdio: "inherit",
    });
  }
}

function config(name: string, compress: string): string {
  const path = join(work, `${name}.yaml`);
  const mirror = `url: ${inputs}, signed-by: ${keyring}, check-valid-until: false`;
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

writeFileSync(join(work, "key.asc"), (await generateSigningKey("bench", new Date())).secret, { mode: 0o600 });
const plainGz = config("gz", "{ gz: 9 }");
const full = config("xz", "{ gz: 9, xz: 6 }");

// The same bytes that a merge reads and writes, by bare tools on all cores.
aptmerge(plainGz);
const merged = join(work, "output-gz/dists/merged/main");
for (const [from, to] of [
  ["binary-amd64/Packages", "P"],
  ["source/Sources", "S"],
] as const) {
  writeFileSync(join(work, to), execFileSync("gzip", ["-dc", join(merged, `${from}.gz`)], { maxBuffer: 2 ** 30 }));
}
const files = ["sid", "experimental"].flatMap((suite) => FILES.map((file) => join(inputs, "dists", suite, file)));
const floorScript = `printf '%s\\n' ${files.join(" ")} | xargs -P${availableParallelism()} -n1 sh -c 'xz -T1 -dc "$0" >/dev/null'
printf '%s\\n' ${work}/P ${work}/S | xargs -P${availableParallelism()} -n1 sh -c 'gzip -9n <"$0" >/dev/null'`;

const floor: Measured[] = [];
const first: Measured[] = [];
const again: Measured[] = [];
const whole: Measured[] = [];
for (let run = 0; run < RUNS; run++) {
  floor.push(timed("sh", ["-c", floorScript]));
  for (const folder of ["state-gz", "output-gz"]) rmSync(join(work, folder), { recursive: true, force: true });
  first.push(aptmerge(plainGz));
  again.push(aptmerge(plainGz));
  if (run >= 3) continue;
  for (const folder of ["state-xz", "output-xz"]) rmSync(join(work, folder), { recursive: true, force: true });
  whole.push(aptmerge(full));
}
process.stdout.write("| what | wall s, median (range) | CPU s | max RSS MB | to the bare tools |\n|---|---|---|---|---|\n");
line("bare tools: xz -dc of the inputs, gzip -9n of the results", floor, floor);
line("first merge, everything but xz", first, floor);
line("second merge, nothing changed", again, floor);
line("first merge with xz -6", whole, floor);
rmSync(work, { recursive: true, force: true });
