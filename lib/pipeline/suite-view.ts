/** A suite as the last merge saw it, from stored bytes alone: loaded and decided by the code that merges. For `explain`. */
import { MergeError } from "../errors.ts";
import type { IndexInput } from "../merge/candidate.ts";
import { collectNeeded, noNeeds } from "../merge/needed-sources.ts";
import type { Settings, SuiteSettings } from "../settings.ts";
import { type DecidedTarget, decideTarget, type LoadedTarget, loadTarget } from "./decide-target.ts";
import { type LastSuite, lastSuite, readLast } from "./last-generation.ts";
import { loadInputs } from "./load-index.ts";
import { overridesOf } from "./suite-overrides.ts";
import { fieldsOf, followsRelations, followsSources, isEssential, SOURCES_TARGET, type Target, targetsOf } from "./suite-targets.ts";
import { findAnew, surveySuite } from "./survey.ts";
import { takeReleases } from "./take-in.ts";
import { QUIET_REQUEST, type RunRequest, type World } from "./world.ts";

export interface SuiteView {
  readonly suite: SuiteSettings;
  readonly last: LastSuite;
  readonly targets: readonly Target[];
  /** Each target is loaded and decided once. */
  loaded(target: Target): Promise<LoadedTarget>;
  decided(target: Target): Promise<DecidedTarget>;
}

const OFFLINE: RunRequest = { ...QUIET_REQUEST, id: "explain", dryRun: true, offline: true };

/** @throws MergeError STORE_LACKS when no merge has filled the store yet */
export async function viewSuites(
  settings: Settings,
  world: World,
  wants: (suite: SuiteSettings) => boolean,
): Promise<readonly SuiteView[]> {
  const last = await readLast(world).catch((error: unknown) => {
    // A tree that cannot be read says nothing about what was there before; the contest can be told all the same.
    if (error instanceof MergeError) return undefined;
    throw error;
  });
  const views: SuiteView[] = [];
  for (const suite of settings.suites) if (wants(suite)) views.push(await viewSuite(suite, lastSuite(last, suite.name), world));
  return views;
}

async function viewSuite(suite: SuiteSettings, last: LastSuite, world: World): Promise<SuiteView> {
  const intakes = await takeReleases(suite, { world, request: OFFLINE, last: undefined, releases: new Map(), tell: () => {} });
  const overrides = overridesOf(suite, world.overrides);
  const inputsOf = async (target: Target): Promise<readonly IndexInput[]> => {
    try {
      return await loadInputs(suite, intakes, target, fieldsOf(target.kind, suite, followsRelations(suite)), world, OFFLINE);
    } catch (error) {
      // The merge went without such a kind, too.
      if (error instanceof MergeError && error.code === "STORE_LACKS" && !isEssential(suite, target.kind.name)) return [];
      throw error;
    }
  };
  const survey = await surveySuite(suite, inputsOf, findAnew);
  const targets = targetsOf(suite);
  const key = ({ kind, architecture }: Target): string => `${kind.name} ${architecture}`;
  const loading = new Map<string, Promise<LoadedTarget>>();
  const deciding = new Map<string, Promise<DecidedTarget>>();
  const loaded: SuiteView["loaded"] = (target) => {
    const running =
      loading.get(key(target)) ?? inputsOf(target).then((inputs) => loadTarget(target, inputs, suite, survey.findingsFor(target)));
    loading.set(key(target), running);
    return running;
  };
  const decide = async (target: Target): Promise<DecidedTarget> => {
    const needed = noNeeds();
    const follows = key(target) === key(SOURCES_TARGET) && followsSources(suite);
    if (follows) {
      for (const other of targets) {
        if (other.kind.type === "source") continue;
        const { kept } = await decided(other);
        // Component by component, as they are composed: who needs a source first decides from which mirror it stays.
        for (const component of suite.components) {
          const own = kept.filter(({ input }) => input.component === component);
          collectNeeded(own, other.architecture, needed);
        }
      }
    }
    return decideTarget(target, await loaded(target), suite, overrides, follows ? needed : undefined);
  };
  const decided: SuiteView["decided"] = (target) => {
    const running = deciding.get(key(target)) ?? decide(target);
    deciding.set(key(target), running);
    return running;
  };
  return { suite, last, targets, loaded, decided };
}
