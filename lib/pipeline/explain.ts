/** The contest of one name, from stored bytes: the same values that the merge decides by. */
import type { Architecture, SuiteName } from "../archive/names.ts";
import { SOURCE } from "../archive/names.ts";
import { prefixed } from "../archive/paths.ts";
import { fieldText } from "../deb822/stanza-table.ts";
import { PATH } from "../kinds/index-kind.ts";
import { KINDS } from "../kinds/registry.ts";
import { type Candidate, describeReason } from "../merge/candidate.ts";
import { type Contest, contestOf } from "../merge/contest.ts";
import { readOverrides } from "../override/override-files.ts";
import { rulesForName } from "../override/override-set.ts";
import type { ExplainedCandidate, Explanation } from "../report/explanation.ts";
import type { Settings } from "../settings.ts";
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
  const request: RunRequest = {
    id: "explain",
    suites: undefined,
    dryRun: true,
    offline: true,
    full: false,
    acceptShrink: false,
    acceptOlder: new Set(),
  };
  const explanations: Explanation[] = [];
  for (const suite of settings.suites) {
    if (question.suite !== undefined && question.suite !== suite.name) continue;
    const intakes = await takeReleases(suite, { world, request, last: undefined, releases: new Map(), tell: () => {} });
    const { tables } = readOverrides(suite.name, suite.components, world.overrides);
    for (const kind of KINDS) {
      if (!suite.indices.includes(kind.name)) continue;
      const targets = kind.perArchitecture ? suite.architectures : suite.sources ? [SOURCE] : [];
      for (const architecture of targets) {
        if (question.architecture !== undefined && question.architecture !== architecture) continue;
        const inputs = await loadInputs(
          suite,
          intakes,
          (wanted) => wanted.kind === kind && wanted.architecture === architecture,
          world,
          request,
        );
        const contest = contestOf(kind, architecture, inputs, suite.policy.winner, question.name);
        if (contest === undefined) continue;
        const overrides = [...new Set(contest.decision.winners.map((winner) => winner.input.component))].flatMap((component) =>
          rulesForName(tables, kind.name, component, question.name).map(({ file, line, edit }) => ({
            file,
            line,
            field: edit.field,
            value: edit.value,
          })),
        );
        explanations.push({
          package: question.name,
          suite: suite.name,
          type: kind.type,
          architecture,
          rule: suite.policy.winner,
          reason: describeReason(contest.decision.reason),
          candidates: candidatesOf(contest),
          overrides,
        });
      }
    }
  }
  return explanations;
}

function candidatesOf({ decision, refused }: Contest): readonly ExplainedCandidate[] {
  const facts = ({ input, stanza, version, digest }: Candidate): Omit<ExplainedCandidate, "outcome" | "because"> => {
    const path = fieldText(input.table, stanza, PATH) ?? "";
    return {
      mirror: input.mirror,
      suite: input.suite,
      rank: input.rank,
      component: input.component,
      version,
      digest,
      path: prefixed(path, input.pool),
    };
  };
  const winners = decision.winners.map((one) => ({ ...facts(one), outcome: "wins" as const, because: describeReason(decision.reason) }));
  const [best] = decision.winners;
  const lostTo = best === undefined ? "no mirror wins" : `"${best.input.mirror}/${best.input.suite}" has it as ${best.version}`;
  const losers = decision.losers.map((one) => ({ ...facts(one), outcome: "loses" as const, because: lostTo }));
  const out = refused.map(({ input, because }) => {
    const { mirror, suite, rank, component } = input;
    return { mirror, suite, rank, component, version: "", digest: "", path: "", outcome: "refused" as const, because };
  });
  return [...winners, ...losers, ...out].sort((left, right) => left.rank - right.rank);
}
