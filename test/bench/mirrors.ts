/**
 * What each further mirror costs: so many tiny archives of five packages each, merged into one suite. Run by hand on a quiet machine; no network.
 *
 *     node test/bench/mirrors.ts [--counts 50,100,200,400]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sha256Of } from "../../lib/archive/digests.ts";
import { benchKey, mergeIn, PACKAGES, writeConfig, writeState } from "./archives.ts";

const { values } = parseArgs({ options: { counts: { type: "string", default: "50,100,200,400" } } });
const PACKAGES_EACH = 5;

const text = (archive: number, version: number): Buffer =>
  Buffer.from(
    Array.from({ length: PACKAGES_EACH }, (_, position) => {
      const name = `tool-${archive}-${position}`;
      return `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\nDescription: a tool\nFilename: pool/main/t/${name}_${version}_amd64.deb\nSize: 1\nSHA256: ${sha256Of(`${name}${version}`)}\n\n`;
    }).join(""),
  );

process.stdout.write(
  "| mirrors | first merge s | peak MB | nothing changed s | peak MB | one mirror changed s | peak MB |\n|---|---|---|---|---|---|---|\n",
);
for (const count of values.counts.split(",").map(Number)) {
  const work = mkdtempSync(join(tmpdir(), "aptmerge-bench-"));
  const signer = await benchKey(work);
  const begin = Date.now() - 3_600_000;
  const push = (archive: number, version: number): Promise<void> => {
    const state = {
      suite: "stable",
      texts: new Map([[PACKAGES, text(archive, version)]]),
      codec: "gz" as const,
      date: new Date(begin + 1000 * version),
    };
    return writeState(join(work, `archive-${archive}`), state, signer);
  };
  for (let archive = 0; archive < count; archive++) await push(archive, 1);
  const names = Array.from({ length: count }, (_, archive) => archive);
  const from = names.map((archive) => `m${archive}/stable`).join(", ");
  writeConfig(
    work,
    new Map(names.map((archive) => [`m${archive}`, `archive-${archive}`])),
    new Map([["merged", `from: [${from}], components: [main], architectures: [amd64], indices: [packages]`]]),
  );
  const first = await mergeIn(work);
  const nothing = await mergeIn(work);
  await push(0, 2);
  const one = await mergeIn(work);
  const cells = [first, nothing, one].map(({ wallMs, peakMb }) => `${(wallMs / 1000).toFixed(2)} | ${peakMb.toFixed(0)}`);
  process.stdout.write(`| ${count} | ${cells.join(" | ")} |\n`);
  rmSync(work, { recursive: true, force: true });
}
