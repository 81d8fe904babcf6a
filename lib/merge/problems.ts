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
      const [ours, theirs] = digestsThatDiffer(kept.digest, other.digest);
      const what =
        kind.type === "source"
          ? `sources are called ${name} ${kept.version}`
          : `files are called ${name} ${kept.version} ${kept.architecture}`;
      const text = `Two ${what} in suite "${suite}": ${ours} of ${placeOf(kept)} is kept, ${theirs} of ${placeOf(other)} is left out`;
      problems.push(problem("warning", "STANZA_CONFLICT", text, { mirror: other.input.mirror, suite: other.input.suite }));
    }
  }
  return problems;
}

const placeOf = ({ input }: Candidate): string => `${input.mirror}/${input.suite}`;

/** A binary has one digest, a source one for each of its files: the first that differs is named. */
function digestsThatDiffer(kept: string, other: string): readonly [string, string] {
  const [ours, theirs] = [digestsByFile(kept), digestsByFile(other)];
  const file = [...new Set([...ours.keys(), ...theirs.keys()])].find((name) => ours.get(name) !== theirs.get(name)) ?? "";
  const told = (digests: ReadonlyMap<string, string>): string => {
    const digest = digests.get(file);
    if (digest === undefined) return `no file ${file}`;
    return file === "" ? `SHA256 ${digest}` : `${file} with SHA256 ${digest}`;
  };
  return [told(ours), told(theirs)];
}

/** `DIGEST`, or `DIGEST SIZE NAME` again and again. */
function digestsByFile(text: string): ReadonlyMap<string, string> {
  const words = text.trim().split(" ");
  const digests = new Map<string, string>();
  for (let at = 0; at < words.length; at += 3) digests.set(words[at + 2] ?? "", words[at] ?? "");
  return digests;
}

const printable = (text: string): string => JSON.stringify(text).slice(1, -1);
