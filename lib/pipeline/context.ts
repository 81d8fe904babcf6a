/** What every part of one run shares. */
import type { Problem } from "../errors.ts";
import type { Settings } from "../settings.ts";
import type { LastGeneration } from "./last-generation.ts";
import type { ReleaseCache } from "./take-in.ts";
import type { RunTimings } from "./timings.ts";
import type { RunRequest, World } from "./world.ts";

export interface RunContext {
  readonly settings: Settings;
  readonly request: RunRequest;
  readonly world: World;
  /** Undefined before the first publish. */
  readonly last: LastGeneration | undefined;
  readonly releases: ReleaseCache;
  readonly timings: RunTimings;
  /** In the order in which they were found. */
  readonly problems: Problem[];
  /** Notes a problem that does not end the run, and tells it at once. */
  tell(problem: Problem): void;
  /** Notes many of one sort and tells the first few of each code: the report has all. */
  tellSome(problems: readonly Problem[]): void;
}

/** Problems of one code that are told one by one. */
const MOST_TOLD = 20;

/** `tell` and `tellSome` over one list. */
export function problemTellers(world: World, problems: Problem[]): Pick<RunContext, "tell" | "tellSome"> {
  const show = (problem: Problem): void => world.reporter.event({ kind: "problem", problem });
  const tell = (problem: Problem): void => {
    problems.push(problem);
    show(problem);
  };
  const tellSome = (found: readonly Problem[]): void => {
    const counts = new Map<string, number>();
    for (const problem of found) {
      const count = (counts.get(problem.code) ?? 0) + 1;
      counts.set(problem.code, count);
      problems.push(problem);
      if (count <= MOST_TOLD) show(problem);
    }
    for (const [code, count] of counts) {
      if (count > MOST_TOLD)
        world.reporter.event({ kind: "note", text: `${count - MOST_TOLD} more ${code} are in the report`, detail: false });
    }
  };
  return { tell, tellSome };
}
