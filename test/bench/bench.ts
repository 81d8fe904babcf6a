/**
 * What a first merge, updates, a run without changes and Contents cost: Debian experimental over sid, main, amd64 and source, each against the
 * unavoidable part of it done by bare tools on all cores. All ways in turn, so that the noise of the machine meets all of them. Memory is that of the
 * whole tree of processes, looked at in a round of its own, in which it is also looked whether the published indices fit their InRelease. Needs the
 * network once.
 *
 *     npm run bench -- [--rounds N] [--inputs FOLDER] [--record] [--profile]
 *
 * `--record` adds the table to RESULTS.md. `--profile` makes one round and says in which files the time went, instead of measuring: to be sampled
 * makes a run slower.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchKey, fetchInputs, mergeIn, mutate, PACKAGES, plainOf, SOURCES, SUITES, writeConfig, writeState } from "./archives.ts";
import { bondsOf, limitOf, publishedFiles } from "./limits.ts";
import { type Measured, median, spread, timed } from "./measure.ts";
import { type Looks, looking } from "./mismatch.ts";
import { profiling, timeByFile } from "./profile.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    inputs: { type: "string" },
    record: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
  },
});
const ROUNDS = Number(values.rounds);
const CONTENTS = "main/Contents-amd64.gz";
/** From one state of the archive to the next, in milliseconds. */
const STEP_MS = 1000;
/** Files of the program that a profile names. */
const MOST_NAMED = 12;

const inputs = await fetchInputs(values.inputs ?? join(tmpdir(), "aptmerge-bench-inputs"), [`${PACKAGES}.xz`, `${SOURCES}.xz`, CONTENTS]);
const contents = SUITES.map((suite) => join(inputs, "dists", suite, CONTENTS));
const work = mkdtempSync(join(tmpdir(), "aptmerge-bench-"));
const archive = join(work, "archive");
const tree = join(work, "output/dists/merged");
const signer = await benchKey(work);
const begin = Date.now() - 3_600_000;
let states = 0;

const textsOf = (suite: string): ReadonlyMap<string, Buffer> =>
  new Map([PACKAGES, SOURCES].map((path) => [path, plainOf(join(inputs, "dists", suite, `${path}.xz`))]));
const texts = new Map(SUITES.map((suite) => [suite, textsOf(suite)]));

/** The next state of a mirror. @returns the files of it that are new */
async function push(suite: (typeof SUITES)[number], packages?: Buffer): Promise<readonly string[]> {
  const all = new Map(texts.get(suite));
  if (packages !== undefined) all.set(PACKAGES, packages);
  await writeState(archive, { suite, texts: all, codec: "xz", date: new Date(begin + STEP_MS * states++) }, signer);
  const changed = packages === undefined ? [PACKAGES, SOURCES] : [PACKAGES];
  return changed.map((path) => join(archive, "dists", suite, `${path}.xz`));
}

const MERGED = "from: [hi/experimental, lo/sid], components: [main], architectures: [amd64, source], indices: [packages, sources]";
writeConfig(
  work,
  new Map([
    ["hi", "archive"],
    ["lo", "archive"],
  ]),
  new Map([["merged", MERGED]]),
);

interface Row {
  readonly label: string;
  readonly own: Measured[];
  readonly limit: Measured[];
  peakMb: number;
  /** Of the published files, in bytes. */
  sizes: readonly number[];
}
const rows = new Map<string, Row>();

/** The last round looks at memory: by then all code has been compiled. The others take the time. */
let looks = true;

/** @param limit is not asked for when time is not taken */
async function note(label: string, own: Measured, limit: () => Promise<Measured>): Promise<Row> {
  const row = rows.get(label) ?? { label, own: [], limit: [], peakMb: 0, sizes: [] };
  rows.set(label, row);
  if (looks) row.peakMb = Math.max(row.peakMb, own.peakMb);
  else {
    row.own.push(own);
    row.limit.push(await limit());
  }
  return row;
}

/** What a client saw that looked all the while, in the round in which time is not taken. */
const seen: Looks = { looks: 0, mismatches: 0 };
const LOOKED_AT = [PACKAGES, SOURCES].flatMap((path) => [`${path}.xz`, `${path}.gz`]);

/** Runs aptmerge, and then the bare tools for what it had to do. */
async function merge(label: string, changed: readonly string[], ...flags: string[]): Promise<void> {
  const before = existsSync(join(work, "state/cache/blocks")) ? bondsOf(publishedFiles(join(work, "state"), "merged")) : new Set<string>();
  const profiles = join(work, "profiles", label.replaceAll(/\W+/g, "-"));
  if (values.profile) mkdirSync(profiles, { recursive: true });
  const stop = looks && !values.profile ? looking(tree, LOOKED_AT, seen) : undefined;
  const own = await mergeIn(work, flags, values.profile ? { NODE_OPTIONS: profiling(profiles) } : {}, looks);
  stop?.();
  if (values.profile) {
    const lines = timeByFile(profiles).slice(0, MOST_NAMED);
    process.stdout.write(
      `\n${label}, ms of the main thread:\n${lines.map(([file, ms]) => `  ${ms.toFixed(0).padStart(6)} ${file}\n`).join("")}`,
    );
    return;
  }
  const unchanged = changed.length === 0 && flags.length === 0;
  const row = await note(label, own, () =>
    unchanged
      ? timed(process.execPath, ["-e", "0"], {}, false)
      : limitOf(tree, publishedFiles(join(work, "state"), "merged"), before, changed, join(work, "bare")),
  );
  row.sizes = [`${PACKAGES}.xz`, `${PACKAGES}.gz`].map((path) => statSync(join(tree, path)).size);
}

const solid = execFileSync("sh", ["-c", `xz -T0 --block-size=1GiB -6 -c | wc -c`], {
  input: await firstText(),
  encoding: "utf8",
  maxBuffer: 2 ** 30,
});

/** The merged text, of which the sizes are judged. */
async function firstText(): Promise<Buffer> {
  for (const suite of SUITES) await push(suite);
  await mergeIn(work);
  return execFileSync("gzip", ["-dc", join(tree, `${PACKAGES}.gz`)], { maxBuffer: 2 ** 30 });
}

for (let round = 0; round <= ROUNDS; round++) {
  looks = round === ROUNDS;
  for (const folder of ["state", "output"]) rmSync(join(work, folder), { recursive: true, force: true });
  const first: string[] = [];
  for (const suite of SUITES) first.push(...(await push(suite)));
  await merge("first merge", first);
  let packages = texts.get("sid")?.get(PACKAGES) ?? Buffer.alloc(0);
  for (const [label, count, how] of [
    ["200 stanzas of whole sources changed", 200, "sources"],
    ["200 more", 200, "sources"],
    ["20 stanzas of whole sources changed", 20, "sources"],
    ["20 stanzas changed, spread evenly", 20, "spread"],
    ["200 stanzas changed, spread evenly", 200, "spread"],
    ["2000 stanzas of whole sources changed", 2000, "sources"],
    ["2000 stanzas changed, spread evenly", 2000, "spread"],
  ] as const) {
    packages = mutate(packages, count, how, round * 10 + states);
    await merge(label, await push("sid", packages));
  }
  await merge("nothing changed", []);
  await merge("settled after that", [], "--settle");
  if (values.profile) break;
  await note(
    "Contents-amd64 of both, gzip -6",
    await timed(
      process.execPath,
      ["--max-semi-space-size=1", join(import.meta.dirname, "contents.ts"), "--once", "compress", ...contents],
      {
        MALLOC_MMAP_THRESHOLD_: "262144",
      },
      looks,
    ),
    () =>
      timed(
        "bash",
        ["-c", `LC_ALL=C sort -m <(zcat ${contents[0]}) <(zcat ${contents[1]}) | gzip -6 >${join(work, "contents.gz")}`],
        {},
        false,
      ),
  );
}
rmSync(work, { recursive: true, force: true });

if (!values.profile) {
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(2);
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: import.meta.dirname, encoding: "utf8" }).trim();
  const table = [
    `${availableParallelism()} × ${cpus()[0]?.model}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}, commit ${commit}, medians of ${ROUNDS} (range). Packages as one block of xz -6: ${mb(Number(solid))} MB.`,
    "",
    "| what | wall s | limit, s | ratio | peak MB of all processes | Packages.xz MB, to one block | Packages.gz MB |",
    "|---|---|---|---|---|---|---|",
    ...[...rows.values()].map(({ label, own, limit, peakMb, sizes: [xz, gz] }) => {
      const ratio = median(own.map(({ wallMs }) => wallMs)) / median(limit.map(({ wallMs }) => wallMs));
      const sizes =
        xz === undefined || gz === undefined ? "| |" : `${mb(xz)}, +${((xz / Number(solid) - 1) * 100).toFixed(1)} % | ${mb(gz)} |`;
      return `| ${label} | ${spread(own)} | ${spread(limit)} | ${ratio.toFixed(2)} | ${peakMb.toFixed(0)} | ${sizes}`;
    }),
    "",
    `Somebody looked ${seen.looks} times while these merges ran: ${seen.mismatches} times an index was not the one that InRelease lists.`,
  ].join("\n");
  process.stdout.write(`${table}\n`);
  if (values.record) appendFileSync(join(import.meta.dirname, "RESULTS.md"), `\n${table}\n`);
}
