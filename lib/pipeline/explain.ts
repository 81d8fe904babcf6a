/** The contest of one name, from stored bytes: the same values that the merge decides by. */
import type { Architecture, SuiteName } from "../archive/names.ts";
import { prefixed } from "../archive/paths.ts";
import { fieldText } from "../deb822/stanza-table.ts";
import { NAME, PATH, VERSION } from "../kinds/index-kind.ts";
import { type Candidate, describeReason, type Kept } from "../merge/candidate.ts";
import { type Contest, contestOf } from "../merge/contest.ts";
import { sourceOf } from "../merge/needed-sources.ts";
import { ruleText } from "../merge/rule-text.ts";
import type { ExplainedBinary, ExplainedCandidate, Explanation } from "../report/explanation.ts";
import type { Settings, SuiteSettings } from "../settings.ts";
import type { DecidedTarget } from "./decide-target.ts";
import { explainBans, explainOverrides, explainPublished, explainSources } from "./explain-parts.ts";
import type { Target } from "./suite-targets.ts";
import { type SuiteView, viewSuites } from "./suite-view.ts";
import type { World } from "./world.ts";

export interface Question {
  readonly name: string;
  readonly suite: SuiteName | undefined;
  readonly architecture: Architecture | undefined;
  /** The source package of the name, and the binaries that are built from it. */
  readonly source: boolean;
}

/**
 * @returns one explanation per suite, architecture and type in which any mirror has the name
 * @throws MergeError STORE_LACKS when no merge has filled the store yet
 */
export async function explain(question: Question, settings: Settings, world: World): Promise<readonly Explanation[]> {
  const explanations: Explanation[] = [];
  const wanted = (suite: SuiteSettings): boolean => question.suite === undefined || question.suite === suite.name;
  for (const view of await viewSuites(settings, world, wanted)) {
    for (const target of view.targets) {
      if (question.architecture !== undefined && question.architecture !== target.architecture) continue;
      if (question.source && target.kind.type !== "source") continue;
      const one = await explainTarget(question, view, target, world);
      if (one !== undefined) explanations.push(one);
    }
  }
  return explanations;
}

async function explainTarget(question: Question, view: SuiteView, target: Target, world: World): Promise<Explanation | undefined> {
  const { suite } = view;
  const { gathered, rules } = await view.loaded(target);
  const contest = contestOf(gathered, rules, question.name);
  if (contest === undefined) return undefined;
  const decided = await view.decided(target);
  const { decision } = contest;
  const pin = suite.policy.pins[decision.pin];
  const winners = decided.kept.filter((one) => nameOf(one) === question.name);
  const sources = target.kind.type === "source" ? [] : await explainSources(winners, view);
  const published = await explainPublished(question.name, winners, target, view, world);
  const own = decided.limited.filter(({ kept }) => nameOf(kept) === question.name);
  const told = own.flatMap(({ stays }) => stays);
  return {
    package: question.name,
    suite: suite.name,
    type: target.kind.type,
    architecture: target.architecture,
    rule: suite.policy.winner,
    reason: describeReason(decision.reason),
    ...(pin === undefined ? {} : { pin: { rule: `${ruleText(pin)}`, place: pin.place } }),
    candidates: candidatesOf(contest, decided, suite),
    bans: explainBans(question.name, contest, decided, suite),
    overrides: explainOverrides(question.name, winners, decided),
    limits: own.flatMap(({ what }) => what),
    ...(told.length === 0 ? {} : { privileges: told }),
    sources,
    ...(question.source ? { binaries: await binariesOf(question.name, view) } : {}),
    ...(published === undefined ? {} : { published }),
  };
}

const nameOf = ({ input, stanza }: Pick<Kept, "input" | "stanza">): string => fieldText(input.table, stanza, NAME) ?? "";

type Facts = Omit<ExplainedCandidate, "outcome" | "because">;

function factsOf({ input, stanza, version, digest }: Candidate): Facts {
  const { mirror, suite, rank, component, pool } = input;
  return { mirror, suite, rank, component, version, digest, path: prefixed(fieldText(input.table, stanza, PATH) ?? "", pool) };
}

function candidatesOf(contest: Contest, decided: DecidedTarget, suite: SuiteSettings): readonly ExplainedCandidate[] {
  const { decision, aside, refused, left } = contest;
  const same = (one: Candidate) => (other: Pick<Kept, "input" | "stanza">) => other.input === one.input && other.stanza === one.stanza;
  const winners = decision.winners.map((one): ExplainedCandidate => {
    const fall = decided.dropped.find(({ kept }) => same(one)(kept));
    if (fall === undefined) return { ...factsOf(one), outcome: "wins", because: describeReason(decision.reason) };
    return { ...factsOf(one), outcome: "dropped", because: `${fall.relation} no longer holds; no lower mirror takes the name` };
  });
  const [best] = decision.winners;
  const lostTo = best === undefined ? "no mirror wins" : `"${best.input.mirror}/${best.input.suite}" has it as ${best.version}`;
  const losers = decision.losers.map(
    (one): ExplainedCandidate =>
      decided.kept.some(same(one))
        ? { ...factsOf(one), outcome: "kept", because: "a kept binary was built from it; marked Extra-Source-Only (sources: keep)" }
        : { ...factsOf(one), outcome: "loses", because: lostTo },
  );
  const beside = aside.map(
    (one): ExplainedCandidate => ({ ...factsOf(one), outcome: "kept", because: "Extra-Source-Only stanzas never compete" }),
  );
  const outside = left.map(({ candidate, left: why }): ExplainedCandidate => {
    switch (why.kind) {
      case "banned": {
        const ban = suite.policy.bans[why.ban];
        return { ...factsOf(candidate), outcome: "banned", because: ban === undefined ? "banned" : `${ban.place}: ban ${ruleText(ban)}` };
      }
      case "limited":
        return { ...factsOf(candidate), outcome: "left", because: `its mirror is limited, and "${why.owner}" has the name` };
      case "source-lost":
        return { ...factsOf(candidate), outcome: "left", because: `"${why.to}" has won its source (sources: strict)` };
      default:
        return why satisfies never;
    }
  });
  const out = refused.map(({ input, because }): ExplainedCandidate => {
    const { mirror, suite: path, rank, component } = input;
    return { mirror, suite: path, rank, component, version: "", digest: "", path: "", outcome: "refused", because };
  });
  return [...winners, ...losers, ...beside, ...outside, ...out].sort((left_, right) => left_.rank - right.rank);
}

async function binariesOf(source: string, view: SuiteView): Promise<readonly ExplainedBinary[]> {
  const found: ExplainedBinary[] = [];
  for (const target of view.targets) {
    if (target.kind.type === "source") continue;
    for (const one of (await view.decided(target)).kept) {
      if (sourceOf(one).name !== source) continue;
      const version = fieldText(one.input.table, one.stanza, VERSION) ?? "";
      found.push({ package: nameOf(one), architecture: target.architecture, version, mirror: one.input.mirror });
    }
  }
  return found;
}
