/**
 * The unavoidable part of a merge, done by bare tools on all cores: inputs that changed decompressed, the new text and the new files digested, and what
 * is not in the last generation's files compressed, in the same runs and at the same levels.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { unsealed } from "../../lib/archive/sealed.ts";
import { parseRunLayout, type RunLayout } from "../../lib/compose/known-runs.ts";
import { type Measured, timed } from "./measure.ts";

/** One published file and its layout. */
interface Published {
  /** Below the suite, without compression. */
  readonly index: string;
  readonly layout: RunLayout;
}

/** What is compressed how, as the published tree of a suite has it. */
export function publishedFiles(state: string, suite: string): readonly Published[] {
  const root = join(state, "cache/blocks", suite);
  return readdirSync(root, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile()) return [];
    const codec = entry.parentPath.endsWith(".gz") ? "gz" : "xz";
    const bytes = unsealed(readFileSync(join(entry.parentPath, entry.name)));
    const layout = parseRunLayout(bytes?.toString("utf8") ?? "", codec);
    if (layout === undefined) throw new Error(`Cannot read the layout ${entry.parentPath}/${entry.name}`);
    return [{ index: entry.parentPath.slice(root.length + 1, -".gz".length), layout }];
  });
}

export const bondsOf = (files: readonly Published[]): ReadonlySet<string> =>
  new Set(files.flatMap(({ layout }) => layout.runs.map(({ bond }) => bond)));

interface Part {
  readonly text: Buffer;
  readonly command: (sizes: string) => string;
}

/**
 * @param tree folder of the published suite
 * @param known bonds of runs that were there before
 * @param inputs compressed files that changed
 */
export async function limitOf(
  tree: string,
  files: readonly Published[],
  known: ReadonlySet<string>,
  inputs: readonly string[],
  folder: string,
): Promise<Measured> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const jobs = inputs.map((input) => `xz -T1 -dc ${input} | sha256sum >/dev/null`);
  const parts = new Map<string, Part[]>();
  for (const { index, layout } of files) {
    const fresh = layout.runs.some(({ bond }) => !known.has(bond));
    if (!fresh) continue;
    const plain = join(folder, `${index.replaceAll("/", "_")}.${layout.codec}.plain`);
    const text = execFileSync("gzip", ["-dc", join(tree, `${index}.gz`)], { maxBuffer: 2 ** 30 });
    writeFileSync(plain, text);
    jobs.push(`sha256sum ${plain} >/dev/null`, `sha256sum ${join(tree, `${index}.${layout.codec}`)} >/dev/null`);
    let at = 0;
    for (const { blocks, bond } of layout.runs) {
      const bytes = blocks.reduce((sum, { plainBytes }) => sum + plainBytes, 0);
      const own = text.subarray(at, at + bytes);
      at += bytes;
      if (known.has(bond)) continue;
      const { level } = layout;
      const command =
        layout.codec === "gz"
          ? () => `gzip -n -${level}`
          : (sizes: string) => `xz -T1 --lzma2=preset=${level},dict=1MiB --check=crc32 --block-list=${sizes}`;
      const key = `${layout.codec}-${level}`;
      parts.set(key, [...(parts.get(key) ?? []), { text: own, command }]);
    }
  }
  for (const [key, all] of parts) {
    // Each core gets as much of it.
    const cores = Array.from({ length: availableParallelism() }, () => ({ bytes: 0, parts: [] as Part[] }));
    for (const part of [...all].sort((left, right) => right.text.length - left.text.length)) {
      const [least] = cores.sort((left, right) => left.bytes - right.bytes);
      least?.parts.push(part);
      if (least !== undefined) least.bytes += part.text.length;
    }
    for (const [core, { parts: own }] of cores.entries()) {
      const [first] = own;
      if (first === undefined) continue;
      const file = join(folder, `${key}-${core}`);
      writeFileSync(file, Buffer.concat(own.map(({ text }) => text)));
      jobs.push(`${first.command(own.map(({ text }) => text.length).join(","))} -c ${file} >${file}.out`);
    }
  }
  // The dearest first, so that no core is left alone with it.
  const script = join(folder, "jobs");
  writeFileSync(script, `${jobs.toReversed().join("\n")}\n`);
  return timed("sh", ["-c", `xargs -P${availableParallelism()} -d '\\n' -n1 sh -c <${script}`], {}, false);
}
