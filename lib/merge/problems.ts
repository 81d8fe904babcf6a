/** What a merge found that does not stop it, in words. */
import type { Architecture } from "../archive/names.ts";
import { type Problem, problem } from "../errors.ts";
import type { IndexKind } from "../kinds/index-kind.ts";
import type { Candidate } from "./candidate.ts";
import type { MergedIndex } from "./merge-index.ts";

export function mergeProblems(kind: IndexKind, architecture: Architecture, merged: MergedIndex, suite: string): readonly Problem[] {
  const problems: Problem[] = [];
  for (const { input, name, because } of merged.refused) {
    const who = name === undefined ? "A stanza without a name" : `The stanza of "${printable(name)}"`;
    const index = `${input.component} ${kind.fileName} for ${architecture}`;
    const text = `${who} in ${index} of ${input.mirror}/${input.suite} is left out of suite "${suite}": ${because}`;
    problems.push(problem("warning", "STANZA_REFUSED", text, { mirror: input.mirror, suite: input.suite }));
  }
  for (const { name, conflicts } of merged.decisions) {
    for (const { kept, other } of conflicts) {
      const text = `Two files are called ${name} ${kept.version} ${kept.architecture} in suite "${suite}": ${digestIn(kept)} is kept, ${digestIn(other)} is left out`;
      problems.push(problem("warning", "STANZA_CONFLICT", text, { mirror: other.input.mirror, suite: other.input.suite }));
    }
  }
  return problems;
}

const digestIn = ({ input, digest }: Candidate): string => `SHA256 ${digest.slice(0, 64)} of ${input.mirror}/${input.suite}`;

const printable = (text: string): string => JSON.stringify(text).slice(1, -1);
