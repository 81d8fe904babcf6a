/** The contest of one name, from stored bytes: the same values that the merge decides by. */
import type { Architecture, SuiteName } from "../archive/names.ts";
import { SOURCE } from "../archive/names.ts";
import { prefixed } from "../archive/paths.ts";
import { fieldText } from "../deb822/stanza-table.ts";
import { MergeError } from "../errors.ts";
import { type IndexKind, PATH } from "../kinds/index-kind.ts";
import { KINDS } from "../kinds/registry.ts";
import { type Candidate, describeReason, type IndexInput } from "../merge/candidate.ts";
import { type Contest, contestOf } from "../merge/contest.ts";
import { mergeIndex } from "../merge/merge-index.ts";
import { collectNeeded, type NeededSources, sourcesStillNeeded } from "../merge/needed-sources.ts";
import { type OverrideTable, readOverrides } from "../override/override-files.ts";
import { rulesForName } from "../override/override-set.ts";
import type { ExplainedCandidate, Explanation } from "../report/explanation.ts";
import type { Settings, SuiteSettings } from "../settings.ts";
import { loadInputs } from "./load-index.ts";
import { takeReleases } from "./take-in.ts";
import type { RunRequest, World } from "./world.ts";

export interface Question {
  readonly name: string;
  readonly suite: SuiteName | undefined;
  readonly architecture: Architecture | undefined;
}

/**
 * @returns one explanation per suite, architecture and type in which any mirror has the name
 * @throws MergeError STORE_LACKS when no merge has filled the store yet
 */
export async function explain(question: Question, settings: Settings, world: World): Promise<readonly Explanation[]> {
  const explanations: Explanation[] = [];
  for (const suite of settings.suites) {
    if (question.suite !== undefined && question.suite !== suite.name) continue;
    const intakes = await takeReleases(suite, { world, request: OFFLINE, last: undefined, releases: new Map(), tell: () => {} });
    const { tables } = readOverrides(suite.name, suite.components, world.overrides);
    const load: Load = async (kind, architecture) => {
      try {
        return await loadInputs(suite, intakes, (wanted) => wanted.kind === kind && wanted.architecture === architecture, world, OFFLINE);
      } catch (error) {
        // The merge went without such a kind, too.
        if (error instanceof MergeError && error.code === "STORE_LACKS" && !suite.essential.includes(kind.name)) return [];
        throw error;
      }
    };
    for (const [kind, architecture] of targetsOf(suite)) {
      if (question.architecture !== undefined && question.architecture !== architecture) continue;
      const contest = contestOf(kind, architecture, await load(kind, architecture), suite.policy.winner, question.name);
      if (contest === undefined) continue;
      const needed = kind.type === "source" && contest.decision.losers.length > 0 ? await neededSources(suite, load) : undefined;
      explanations.push({
        package: question.name,
        suite: suite.name,
        type: kind.type,
        architecture,
        rule: suite.policy.winner,
        reason: describeReason(contest.decision.reason),
        candidates: candidatesOf(contest, needed),
        overrides: overridesOf(contest, kind, tables),
      });
    }
  }
  return explanations;
}

const OFFLINE: RunRequest = {
  id: "explain",
  suites: undefined,
  dryRun: true,
  offline: true,
  full: false,
  acceptShrink: false,
  acceptOlder: new Set(),
};

type Load = (kind: IndexKind, architecture: Architecture) => Promise<readonly IndexInput[]>;

function targetsOf(suite: SuiteSettings): readonly (readonly [IndexKind, Architecture])[] {
  return KINDS.filter((kind) => suite.indices.includes(kind.name)).flatMap((kind) => {
    const architectures = kind.perArchitecture ? suite.architectures : suite.sources ? [SOURCE] : [];
    return architectures.map((architecture) => [kind, architecture] as const);
  });
}

/** What the kept binaries of the whole suite were built from; undefined when sources do not follow binaries. */
async function neededSources(suite: SuiteSettings, load: Load): Promise<NeededSources | undefined> {
  if (!suite.policy.keepSources) return undefined;
  const needed: NeededSources = new Map();
  for (const [kind, architecture] of targetsOf(suite)) {
    if (kind.type === "source") continue;
    collectNeeded(mergeIndex(kind, architecture, await load(kind, architecture), suite.policy.winner).kept, needed);
  }
  return needed;
}

function overridesOf({ decision }: Contest, kind: IndexKind, tables: readonly OverrideTable[]): Explanation["overrides"] {
  const components = new Set(decision.winners.map((winner) => winner.input.component));
  return [...components].flatMap((component) =>
    rulesForName(tables, kind.name, component, decision.name).map(({ file, line, edit }) => ({ file, line, ...edit })),
  );
}

function candidatesOf({ decision, aside, refused }: Contest, needed: NeededSources | undefined): readonly ExplainedCandidate[] {
  const facts = ({ input, stanza, version, digest }: Candidate): Omit<ExplainedCandidate, "outcome" | "because"> => {
    const path = fieldText(input.table, stanza, PATH) ?? "";
    const { mirror, suite, rank, component, pool } = input;
    return { mirror, suite, rank, component, version, digest, path: prefixed(path, pool) };
  };
  const winners = decision.winners.map((one) => ({ ...facts(one), outcome: "wins" as const, because: describeReason(decision.reason) }));
  const [best] = decision.winners;
  const lostTo = best === undefined ? "no mirror wins" : `"${best.input.mirror}/${best.input.suite}" has it as ${best.version}`;
  const still = new Set(needed === undefined ? [] : sourcesStillNeeded(decision, needed));
  const losers = decision.losers.map((one) =>
    still.has(one)
      ? {
          ...facts(one),
          outcome: "kept" as const,
          because: `${needed?.get(`${decision.name} ${one.version}`)?.binary} was built from it (sources: keep)`,
        }
      : { ...facts(one), outcome: "loses" as const, because: lostTo },
  );
  const beside = aside.map((one) => ({ ...facts(one), outcome: "kept" as const, because: "Extra-Source-Only stanzas never compete" }));
  const out = refused.map(({ input, because }) => {
    const { mirror, suite, rank, component } = input;
    return { mirror, suite, rank, component, version: "", digest: "", path: "", outcome: "refused" as const, because };
  });
  return [...winners, ...losers, ...beside, ...out].sort((left, right) => left.rank - right.rank);
}
