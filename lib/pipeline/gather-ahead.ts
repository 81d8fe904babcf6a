/** Gathers the stanzas of an index while it is still read, in time that is spent on waiting. What comes of it is asked for when all was proven. */
import { type ContestRules, contestRules, type Findings } from "../merge/contest-rules.ts";
import { Gathering, isOfFullMirrors } from "../merge/gather.ts";
import type { SuiteSettings } from "../settings.ts";
import { type LoadedTarget, loadTarget } from "./decide-target.ts";
import type { LoadedInput } from "./loaded-input.ts";
import type { Target } from "./suite-targets.ts";

export class GatherAhead {
  readonly #target: Target;
  readonly #suite: SuiteSettings;
  readonly #findings: Findings;
  #inputs: readonly LoadedInput[] = [];
  #ahead: { readonly rules: ContestRules; readonly gathering: Gathering } | undefined;
  /** The first input that is not read to its end. */
  #place = 0;

  constructor(target: Target, suite: SuiteSettings, findings: Findings) {
    this.#target = target;
    this.#suite = suite;
    this.#findings = findings;
  }

  /** @param inputs in order of rank, then component; none is read yet */
  begin(inputs: readonly LoadedInput[]): void {
    const { kind, architecture } = this.#target;
    this.#inputs = inputs;
    if (!isOfFullMirrors(inputs)) return;
    const rules = contestRules(kind, architecture, this.#suite.policy, this.#findings);
    this.#ahead = { rules, gathering: new Gathering(kind, architecture, inputs, rules) };
  }

  /** More of an input is there. */
  moved(): void {
    for (let input = this.#inputs[this.#place]; input?.isBegun === true; input = this.#inputs[++this.#place]) {
      this.#ahead?.gathering.take(this.#place, input.table.count);
      if (!input.isWhole) return;
    }
  }

  /** Its bytes are not those of which parts were shown. */
  restarted(): void {
    this.#ahead = undefined;
  }

  /** All inputs must have been read to their end. */
  finish(): LoadedTarget {
    if (this.#ahead === undefined) return loadTarget(this.#target, this.#inputs, this.#suite, this.#findings);
    this.moved();
    const { rules, gathering } = this.#ahead;
    return { inputs: this.#inputs, rules, gathered: gathering.finish() };
  }
}
