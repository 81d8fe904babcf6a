/**
 * Whether cost follows what changed where there are many indices: 6 suites × 10 architectures × 4 components, each with an overlay, made of the real
 * Packages of Debian bookworm: every so many stanzas, with the architecture's name changed. Run by hand on a quiet machine; needs the network once.
 *
 *     node test/bench/many.ts [--share 10] [--rounds 3] [--record]
 *
 * `--share N` takes one stanza in N. Then so many of the 240 indices change, one stanza in a hundred of each.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { machineSources } from "../support/machine-sources.ts";
import { benchKey, mergeIn, mutate, plainOf, writeConfig, writeState } from "./archives.ts";
import { type Measured, median, spread } from "./measure.ts";

const { values } = parseArgs({
  options: {
    share: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    record: { type: "boolean", default: false },
  },
});
const SHARE = Number(values.share);
const ROUNDS = Number(values.rounds);
const SUITES = ["s1", "s2", "s3", "s4", "s5", "s6"] as const;
const ARCHITECTURES = ["amd64", "arm64", "armel", "armhf", "i386", "mips64el", "mipsel", "ppc64el", "riscv64", "s390x"] as const;
const COMPONENTS = ["main", "contrib", "non-free", "non-free-firmware"] as const;
/** Of what an overlay has, one in so many. */
const OVERLAY_SHARE = 50;
const CHANGED = [1, 2, 6, 24, 60] as const;

const stanzasOf = (text: Buffer): readonly string[] => text.toString("latin1").replace(/\n+$/, "").split("\n\n");
const joined = (stanzas: readonly string[]): Buffer => Buffer.from(stanzas.map((stanza) => `${stanza}\n\n`).join(""), "latin1");

async function realStanzas(): Promise<ReadonlyMap<string, readonly string[]>> {
  const source = (await machineSources()).find(({ codename }) => codename === "bookworm");
  if (source === undefined) throw new Error("This machine has no apt source of bookworm to take the inputs from");
  const folder = join(tmpdir(), "aptmerge-bench-inputs", "dists", "bookworm");
  const found = new Map<string, readonly string[]>();
  for (const component of COMPONENTS) {
    const path = join(folder, `${component}/binary-amd64/Packages.xz`);
    if (!existsSync(path)) {
      mkdirSync(dirname(path), { recursive: true });
      const url = `${source.baseUri}/dists/bookworm/${component}/binary-amd64/Packages.xz`;
      execFileSync("curl", ["-sSf", "--retry", "3", "-o", path, url], { stdio: "inherit" });
    }
    found.set(component, stanzasOf(plainOf(path)));
  }
  return found;
}

const real = await realStanzas();

/** Every so many stanzas from a place on, as if they were of the architecture. */
const cut = (component: string, architecture: string, from: number, share: number): Buffer =>
  joined(
    (real.get(component) ?? [])
      .filter((_, position) => position % share === from % share)
      .map((stanza) =>
        stanza.replace(/^Architecture: amd64$/m, `Architecture: ${architecture}`).replace(/_amd64\.deb$/m, `_${architecture}.deb`),
      ),
  );

const work = mkdtempSync(join(tmpdir(), "aptmerge-bench-"));
const signer = await benchKey(work);
const begin = Date.now() - 3_600_000;
let states = 0;

type Texts = Map<string, Buffer>;
const pathsOf = ARCHITECTURES.flatMap((architecture) => COMPONENTS.map((component) => `${component}/binary-${architecture}/Packages`));
const textsOf = (place: number, share: number): Texts =>
  new Map(
    pathsOf.map((path) => {
      const [component = "", folder = ""] = path.split("/");
      return [path, cut(component, folder.slice("binary-".length), place, share)];
    }),
  );
const push = (mirror: string, suite: string, texts: Texts): Promise<void> =>
  writeState(join(work, mirror), { suite, texts, codec: "gz", date: new Date(begin + 1000 * states++) }, signer);

const LISTS = `components: [${COMPONENTS.join(", ")}], architectures: [${ARCHITECTURES.join(", ")}], indices: [packages]`;
writeConfig(
  work,
  new Map(["over", "base"].map((name) => [name, name])),
  new Map(SUITES.map((suite) => [suite, `from: [over/${suite}, base/${suite}], ${LISTS}`])),
);

const base = new Map(SUITES.map((suite, place) => [suite, textsOf(place, SHARE)] as const));
for (const [place, suite] of SUITES.entries()) {
  await push("base", suite, base.get(suite) ?? new Map());
  await push("over", suite, textsOf(place, SHARE * OVERLAY_SHARE));
}
const bytes = [...base.values()].flatMap((texts) => [...texts.values()]).reduce((sum, text) => sum + text.length, 0);
const first = await mergeIn(work);

/** Changes so many indices, spread over suites, architectures and components. */
async function change(count: number, seed: number): Promise<void> {
  const all = SUITES.flatMap((suite) => pathsOf.map((path) => ({ suite, path })));
  const chosen = Array.from({ length: count }, (_, position) => all[Math.floor((position * all.length) / count + seed * 7) % all.length]);
  const touched = new Set<(typeof SUITES)[number]>();
  for (const one of chosen) {
    if (one === undefined) continue;
    const texts = base.get(one.suite) ?? new Map<string, Buffer>();
    const text = texts.get(one.path) ?? Buffer.alloc(0);
    texts.set(one.path, mutate(text, Math.max(1, Math.round(stanzasOf(text).length / 100)), "sources", seed));
    touched.add(one.suite);
  }
  for (const suite of touched) await push("base", suite, base.get(suite) ?? new Map());
}

const rows = new Map<number, Measured[]>();
for (let round = 0; round < ROUNDS; round++) {
  for (const count of [0, ...CHANGED]) {
    if (count > 0) await change(count, round * 10 + count);
    rows.set(count, [...(rows.get(count) ?? []), await mergeIn(work)]);
  }
}
rmSync(work, { recursive: true, force: true });

const none = median((rows.get(0) ?? []).map(({ wallMs }) => wallMs));
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: import.meta.dirname, encoding: "utf8" }).trim();
const table = [
  `${availableParallelism()} × ${cpus()[0]?.model}, Node ${process.versions.node}, ${new Date().toISOString().slice(0, 10)}, commit ${commit}, medians of ${ROUNDS} (range); 240 indices, ${(bytes / 1e6).toFixed(0)} MB of text.`,
  "",
  "| indices changed | wall s | beyond nothing, ms for each | peak MB of all processes |",
  "|---|---|---|---|",
  `| all: first merge | ${spread([first])} | ${(first.wallMs / 240).toFixed(0)} | ${first.peakMb.toFixed(0)} |`,
  ...[...rows].map(([count, all]) => {
    const each = count === 0 ? "" : ((median(all.map(({ wallMs }) => wallMs)) - none) / count).toFixed(0);
    return `| ${count} | ${spread(all)} | ${each} | ${Math.max(...all.map(({ peakMb }) => peakMb)).toFixed(0)} |`;
  }),
].join("\n");
process.stdout.write(`${table}\n`);
if (values.record) appendFileSync(join(import.meta.dirname, "RESULTS.md"), `\n${table}\n`);
