/**
 * What a first merge, updates and a run without changes cost: Debian experimental over sid, main, amd64 and source, against bare tools that do the
 * unavoidable part of a first merge on all cores. All ways in turn, so that the noise of the machine meets all of them; memory is that of the whole
 * tree of processes. Needs the network once.
 *
 *     npm run bench -- [--rounds N] [--inputs FOLDER] [--record]
 *
 * `--record` adds the table to RESULTS.md.
 */
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchKey, fetchInputs, mutate, PACKAGES, plainOf, SOURCES, SUITES, writeState } from "./archives.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, inputs: { type: "string" }, record: { type: "boolean", default: false } },
});
const ROUNDS = Number(values.rounds);
const PROGRAM = join(import.meta.dirname, "../../bin/aptmerge");
const SAMPLE_MS = 50;
/** From one state of the archive to the next, in milliseconds. */
const STEP_MS = 1000;

interface Measured {
  readonly wallMs: number;
  readonly peakMb: number;
}

const inputs = await fetchInputs(values.inputs ?? join(tmpdir(), "aptmerge-bench-inputs"), [`${PACKAGES}.xz`, `${SOURCES}.xz`]);
const work = mkdtempSync(join(tmpdir(), "aptmerge-bench-"));
const archive = join(work, "archive");
const signer = await benchKey(work);
const begin = Date.now() - 3_600_000;
let states = 0;

const textsOf = (suite: string): ReadonlyMap<string, Buffer> =>
  new Map([PACKAGES, SOURCES].map((path) => [path, plainOf(join(inputs, "dists", suite, `${path}.xz`))]));
const texts = new Map(SUITES.map((suite) => [suite, textsOf(suite)]));

async function push(suite: (typeof SUITES)[number], packages?: Buffer): Promise<void> {
  const all = new Map(texts.get(suite));
  if (packages !== undefined) all.set(PACKAGES, packages);
  await writeState(archive, { suite, texts: all, codec: "xz", date: new Date(begin + STEP_MS * states++) }, signer);
}

writeFileSync(
  join(work, "aptmerge.yaml"),
  `state: state
output: output
sign: [{ key: key.asc }]
mirrors:
  hi: { url: archive, signed-by: public.asc, pool: HI }
  lo: { url: archive, signed-by: public.asc, pool: LO }
suites:
  merged: { from: [hi/experimental, lo/sid], components: [main], architectures: [amd64, source], indices: [packages, sources] }
`,
);

/** Memory of a process and all below it, in bytes; what several share counts once, or a child that was just forked would count twice. */
function treeBytes(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^[0-9]+$/.test(name)) continue;
    try {
      const line = readFileSync(`/proc/${name}/stat`, "latin1");
      parents.set(Number(name), Number(line.slice(line.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It has ended.
    }
  }
  const isBelow = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) if (at === root) return true;
    return false;
  };
  let bytes = 0;
  for (const pid of parents.keys()) {
    if (!isBelow(pid)) continue;
    try {
      bytes += Number(/^Pss:\s+([0-9]+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"))?.[1] ?? 0) * 1024;
    } catch {
      // It has ended.
    }
  }
  return bytes;
}

function timed(command: string, args: readonly string[]): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
    let [peak, complaint] = [0, ""];
    const timer = setInterval(() => {
      if (child.pid !== undefined) peak = Math.max(peak, treeBytes(child.pid));
    }, SAMPLE_MS);
    child.stderr.on("data", (chunk: Buffer) => {
      complaint += chunk.toString();
    });
    child.on("close", (status) => {
      clearInterval(timer);
      if (status === 0) resolve({ wallMs: performance.now() - started, peakMb: peak / 1e6 });
      else reject(new Error(`${command} ${args.join(" ")} ended with ${status}: ${complaint}`));
    });
  });
}

const merge = (...flags: string[]): Promise<Measured> =>
  timed(PROGRAM, ["--config", join(work, "aptmerge.yaml"), "--quiet", "merge", ...flags]);

/** The bytes of a first merge by bare tools, all cores at work; xz in blocks of 1 MiB. */
async function bareTools(): Promise<Measured> {
  const merged = join(work, "output/dists/merged");
  const folder = join(work, "bare");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [position, path] of [PACKAGES, SOURCES].entries()) {
    writeFileSync(join(folder, String(position)), execFileSync("gzip", ["-dc", join(merged, `${path}.gz`)], { maxBuffer: 2 ** 30 }));
  }
  const jobs = [
    ...SUITES.flatMap((suite) => [PACKAGES, SOURCES].map((path) => `xz -T1 -dc ${join(archive, "dists", suite, `${path}.xz`)} >/dev/null`)),
    ...[0, 1].map((file) => `xz -6 -T1 --block-size=1MiB -c ${folder}/${file} >${folder}/${file}.xz`),
    ...[0, 1].map((file) => `gzip -9n -c ${folder}/${file} >${folder}/${file}.gz`),
  ];
  const script = `printf '%s\\n' ${jobs.map((job) => `'${job}'`).join(" ")} | xargs -P${availableParallelism()} -d '\\n' -n1 sh -c`;
  return timed("sh", ["-c", script]);
}

const rows = new Map<string, Measured[]>();
const sizes = new Map<string, string>();
const sizeOf = (path: string): number => statSync(join(work, "output/dists/merged", path)).size;
function note(label: string, measured: Measured): void {
  rows.set(label, [...(rows.get(label) ?? []), measured]);
  if (label.startsWith("bare") || label.startsWith("node")) return;
  sizes.set(label, [`${PACKAGES}.xz`, `${PACKAGES}.gz`].map((path) => (sizeOf(path) / 1e6).toFixed(2)).join(" / "));
}

const BARE = "bare tools: decompress, xz -6 (1 MiB blocks), gzip -9";
for (let round = 0; round < ROUNDS; round++) {
  for (const folder of ["state", "output"]) rmSync(join(work, folder), { recursive: true, force: true });
  for (const suite of SUITES) await push(suite);
  note("first merge", await merge());
  note(BARE, await bareTools());
  let packages = texts.get("sid")?.get(PACKAGES) ?? Buffer.alloc(0);
  for (const [label, count, how] of [
    ["200 stanzas of whole sources changed", 200, "sources"],
    ["200 more", 200, "sources"],
    ["20 stanzas of whole sources changed", 20, "sources"],
    ["200 stanzas changed, spread evenly", 200, "spread"],
    ["2000 stanzas of whole sources changed", 2000, "sources"],
  ] as const) {
    packages = mutate(packages, count, how, round * 10 + states);
    await push("sid", packages);
    note(label, await merge());
  }
  note("nothing changed", await merge());
  note("--settle", await merge("--settle"));
  note("node -e 0", await timed(process.execPath, ["-e", "0"]));
}
rmSync(work, { recursive: true, force: true });

const median = (numbers: readonly number[]): number =>
  [...numbers].sort((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? 0;
const seconds = (ms: number): string => (ms / 1000).toFixed(2);
const bare = median((rows.get(BARE) ?? []).map(({ wallMs }) => wallMs));
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: import.meta.dirname, encoding: "utf8" }).trim();
const table = [
  `${availableParallelism()} × ${cpus()[0]?.model}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}, commit ${commit}, medians of ${ROUNDS}.`,
  "",
  "| what | wall s, median (range) | to the bare tools | peak MB of all processes | Packages.xz / .gz in MB |",
  "|---|---|---|---|---|",
  ...[...rows].map(([label, all]) => {
    const walls = all.map(({ wallMs }) => wallMs);
    const peak = Math.max(...all.map(({ peakMb }) => peakMb)).toFixed(0);
    const range = `${seconds(median(walls))} (${seconds(Math.min(...walls))}-${seconds(Math.max(...walls))})`;
    return `| ${label} | ${range} | ${(median(walls) / bare).toFixed(2)} | ${peak} | ${sizes.get(label) ?? ""} |`;
  }),
].join("\n");
process.stdout.write(`${table}\n`);
if (values.record) appendFileSync(join(import.meta.dirname, "RESULTS.md"), `\n${table}\n`);
