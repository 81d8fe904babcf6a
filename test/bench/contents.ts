/**
 * Measures a merge of Contents indices, decompressed, merged, and compressed with gzip -6 in blocks on all cores, against the bare tools that
 * do the same less well: several processes at once, and no line is placed or joined. Run by hand on a quiet machine.
 *
 *     node test/bench/contents.ts [--runs RUNS] FILE.gz FILE.gz...
 *
 * The files come from any archive, such as dists/sid/main/Contents-amd64.gz and dists/experimental/main/Contents-amd64.gz.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { composeIndex } from "../../lib/compose/compose-index.ts";
import { NO_KNOWN_RUNS } from "../../lib/compose/known-runs.ts";
import { mergeContents } from "../../lib/contents/merge-contents.ts";
import { createCompressor } from "../../lib/io/compressor.ts";
import { openFolder } from "../../lib/io/disk-folder.ts";

const { values, positionals: files } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: "string", default: "3" }, once: { type: "string" } },
});

interface Measured {
  readonly ms: number;
  readonly bytes: number;
  readonly rssMb?: number;
}

/** From disk to disk, as a run does it; with a policy that keeps everything. */
async function mergeOnce(compress: boolean): Promise<Measured> {
  const start = performance.now();
  const compressor = createCompressor();
  const inputs = await Promise.all(
    files.map(async (file) => {
      const folder = await openFolder(dirname(resolve(file)), { forReading: true });
      const pieces = (await folder.readPieces(basename(file))) ?? [];
      const chunks = compressor.decompressing(pieces as AsyncIterable<Buffer>, "gz", Number.MAX_SAFE_INTEGER);
      return { chunks, where: { mirror: "bench", suite: "bench", file }, place: (location: string) => location };
    }),
  );
  const output = await openFolder(await mkdtemp(join(tmpdir(), "contents-bench-")));
  try {
    const sink = (pieces: AsyncIterable<Buffer>): Promise<void> => output.writeNew("Contents.gz", pieces);
    const codecs = compress ? [{ codec: "gz" as const, level: 6, known: NO_KNOWN_RUNS, settle: true, sink }] : [];
    const world = { compressor, progress: () => {} };
    const { plain, files: made } = await composeIndex({ blocks: mergeContents(inputs), codecs, digests: [] }, world);
    const bytes = made[0]?.bytes ?? plain.bytes;
    return { ms: performance.now() - start, bytes, rssMb: process.resourceUsage().maxRSS / 1000 };
  } finally {
    await rm(output.root, { recursive: true });
  }
}

/** As bin/aptmerge starts Node. */
function inChild(work: "merge" | "compress"): Measured {
  const start = performance.now();
  const args = ["--max-semi-space-size=1", import.meta.filename, "--once", work, ...files];
  const env = { ...process.env, MALLOC_MMAP_THRESHOLD_: "262144" };
  const made = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", env })) as Measured;
  return { ...made, ms: performance.now() - start };
}

function shell(script: string): Measured {
  const start = performance.now();
  const bytes = Number(execFileSync("bash", ["-c", `set -o pipefail; ${script} | wc -c`, "bash", ...files], { encoding: "utf8" }));
  return { ms: performance.now() - start, bytes };
}

const median = (all: readonly number[]): number => [...all].sort((left, right) => left - right)[Math.floor(all.length / 2)] ?? 0;

if (values.once !== undefined) console.log(JSON.stringify(await mergeOnce(values.once === "compress")));
else {
  const ways: readonly (readonly [string, () => Measured])[] = [
    ["zcat of all, sort -m of one, gzip -6", () => shell('zcat "$@" | LC_ALL=C sort -m | gzip -6')],
    [
      "zcat of each, sort -m of all, gzip -6",
      () => shell(`LC_ALL=C sort -m ${files.map((_, at) => `<(zcat "\${${at + 1}}")`).join(" ")} | gzip -6`),
    ],
    ["decompressed and merged", () => inChild("merge")],
    ["decompressed, merged and compressed", () => inChild("compress")],
  ];
  const results = ways.map(([name, work]) => ({ name, work, all: [] as Measured[] }));
  for (let run = 0; run < Number(values.runs); run++) for (const { work, all } of results) all.push(work());
  const floor = median(results[0]?.all.map(({ ms }) => ms) ?? []);
  for (const { name, all } of results) {
    const times = all.map(({ ms }) => ms);
    const range = `${Math.min(...times).toFixed(0)}-${Math.max(...times).toFixed(0)}`;
    const memory = all[0]?.rssMb === undefined ? "" : `, peak RSS ${Math.max(...all.map(({ rssMb }) => rssMb ?? 0)).toFixed(0)} MB`;
    console.log(
      `${name}: ${median(times).toFixed(0)} ms (${range}), ${(median(times) / floor).toFixed(2)}, ${all[0]?.bytes} bytes${memory}`,
    );
  }
}
