/**
 * Measures what policy costs: contests of Debian sid and experimental (main, amd64 and source) with 200 bans, 500 pins and 2,000 overrides,
 * against the same contests without any, in one process on one core, and the closure checks. Run by hand on a quiet machine.
 *
 *     node test/bench/policy.ts [RUNS] [FOLDER with dists/sid and dists/experimental, as sid-experimental.ts keeps it]
 */
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Architecture,
  parseArchitecture,
  parseComponentName,
  parseMirrorName,
  parseSuiteName,
  parseSuitePath,
  SOURCE,
} from "../../lib/archive/names.ts";
import { BUILT_USING_FIELDS, RELATION_FIELDS } from "../../lib/closure/relation-fields.ts";
import { findUninstallable } from "../../lib/closure/uninstallable.ts";
import { fieldText, scanStanzas } from "../../lib/deb822/stanza-table.ts";
import type { IndexKind } from "../../lib/kinds/index-kind.ts";
import { kindNamed } from "../../lib/kinds/registry.ts";
import type { IndexInput } from "../../lib/merge/candidate.ts";
import { NO_FINDINGS } from "../../lib/merge/contest-rules.ts";
import { collectNeeded, noNeeds } from "../../lib/merge/needed-sources.ts";
import { overrideSet } from "../../lib/override/override-set.ts";
import { decideTarget, loadTarget } from "../../lib/pipeline/decide-target.ts";
import type { OverrideRuleSettings, Policy, SuiteSettings } from "../../lib/settings.ts";
import { ban, pin, policyOf } from "../merge/inputs.ts";

const RUNS = Number(process.argv[2] ?? 5);
const inputs = process.argv[3] ?? join(tmpdir(), "aptmerge-bench-inputs");
const AMD64 = parseArchitecture("amd64");
const MAIN = parseComponentName("main");
const [packages, sources] = [kindNamed("packages"), kindNamed("sources")];

function read(suite: string, rank: number, kind: IndexKind, path: string): IndexInput {
  const bytes = execFileSync("xz", ["-dc", join(inputs, "dists", suite, path)], { maxBuffer: 2 ** 30 });
  const fields = kind === packages ? [...kind.fields, ...RELATION_FIELDS, ...BUILT_USING_FIELDS] : kind.fields;
  return {
    mirror: parseMirrorName(suite),
    suite: parseSuitePath(suite),
    rank,
    componentOrder: 0,
    component: MAIN,
    pool: suite,
    weakAllowed: false,
    mixed: false,
    limited: false,
    table: scanStanzas(bytes, fields, { mirror: suite }),
  };
}

const debs = [
  read("experimental", 0, packages, "main/binary-amd64/Packages.xz"),
  read("sid", 1, packages, "main/binary-amd64/Packages.xz"),
];
const dscs = [read("experimental", 0, sources, "main/source/Sources.xz"), read("sid", 1, sources, "main/source/Sources.xz")];
const names = Array.from({ length: debs[1]?.table.count ?? 0 }, (_, stanza) =>
  debs[1] === undefined ? "" : (fieldText(debs[1].table, stanza, 0) ?? ""),
);
/** Names spread over the alphabet, every third as a glob of what it begins with. */
const some = (count: number, offset: number): readonly string[] =>
  Array.from({ length: count }, (_, position) => {
    const name = names[Math.floor(((position + offset / 7) / count) * names.length) % names.length] ?? "x";
    return position % 3 === 0 ? `${name.slice(0, Math.max(4, name.length - 2))}*` : name;
  });

const suite = (policy: Partial<Policy>): SuiteSettings => ({
  name: parseSuiteName("merged"),
  aliases: [],
  from: [],
  components: [MAIN],
  architectures: [AMD64],
  sources: true,
  languages: [],
  indices: ["packages", "sources"],
  essential: ["packages", "sources"],
  release: new Map(),
  validForMs: undefined,
  policy: policyOf(policy),
});

const overrides = (count: number): readonly OverrideRuleSettings[] =>
  some(count, 3).map((pattern, line) => ({
    file: "bench.yaml",
    line,
    match: {
      types: ["deb", "udeb"],
      package: pattern,
      source: undefined,
      suite: undefined,
      component: undefined,
      mirror: undefined,
      architecture: undefined,
      version: undefined,
    },
    set: new Map([["Priority", "optional"]]),
    remove: [],
    dropRelations: new Map([["Recommends", ["systemd"]]]),
    inherit: [],
    reason: undefined,
  }));

/** Milliseconds for both indices. */
function decide(
  policy: Partial<Policy>,
  rules: readonly OverrideRuleSettings[],
): { readonly ms: number; readonly kept: number; readonly dropped: number } {
  const settings = suite(policy);
  const needed = noNeeds();
  const started = performance.now();
  let [kept, dropped] = [0, 0];
  for (const [kind, architecture, all] of [
    [packages, AMD64, debs],
    [sources, SOURCE, dscs],
  ] as const satisfies readonly (readonly [IndexKind, Architecture, readonly IndexInput[]])[]) {
    const set = overrideSet(settings.name, [], rules);
    const target = { kind, architecture };
    const decided = decideTarget(
      target,
      loadTarget(target, all, settings, NO_FINDINGS),
      settings,
      set,
      kind === sources ? needed : undefined,
    );
    // As composing does: which edits does each kept stanza get?
    for (const one of decided.kept) decided.overrides.editsOf(one, fieldText(one.input.table, one.stanza, 0) ?? "");
    if (kind === packages) collectNeeded(decided.kept, architecture, needed);
    kept += decided.kept.length;
    dropped += decided.dropped.length;
  }
  return { ms: performance.now() - started, kept, dropped };
}

const median = (values: readonly number[]): number => [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
const bans = some(200, 1).map((pattern, position) => ban(position % 4 === 0 ? "source" : "package", pattern, { dependents: "keep" }));
const dropping = bans.map((one) => ({ ...one, dependents: "drop" as const }));
const pins = some(500, 2).map((pattern, position) => pin(position % 4 === 0 ? "source" : "package", pattern, "sid"));
const rules = overrides(2000);

const count = (all: readonly IndexInput[]): number => all.reduce((sum, { table }) => sum + table.count, 0);
process.stdout.write(
  `${count(debs)} binary and ${count(dscs)} source stanzas\n| what | ms, median of ${RUNS} (range) | kept |\n|---|---|---|\n`,
);
function row(label: string, run: () => { readonly ms: number; readonly kept: number | string }): void {
  run();
  const all = Array.from({ length: RUNS }, run);
  const times = all.map(({ ms }) => ms);
  process.stdout.write(
    `| ${label} | ${Math.round(median(times))} (${Math.round(Math.min(...times))}-${Math.round(Math.max(...times))}) | ${all[0]?.kept} |\n`,
  );
}
row("contests without a policy", () => decide({}, []));
row("with 200 bans (dependents: keep), 500 pins, 2,000 overrides", () => decide({ bans, pins }, rules));
row("with twice as many of each", () => decide({ bans: [...bans, ...bans], pins: [...pins, ...pins] }, [...rules, ...rules]));
row("with dependents: drop, the closure of the bans", () => {
  const { ms, kept, dropped } = decide({ bans: dropping, pins }, rules);
  return { ms, kept: `${kept}, ${dropped} dropped` };
});
row("closure check alone: packages that cannot be installed", () => {
  const all = debs.flatMap(({ table }) => Array.from({ length: table.count }, (_, stanza) => ({ table, stanza })));
  const started = performance.now();
  const { broken: found } = findUninstallable(all, "amd64");
  return { ms: performance.now() - started, kept: `${found.length} found` };
});
