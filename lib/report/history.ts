/** What `aptmerge history` tells, as values and as text. */
import { many, plain, size } from "./plain.ts";

export const HISTORY_SCHEMA = "aptmerge.history/1";

export interface GenerationHistory {
  readonly generation: number;
  readonly live: boolean;
  /** When it was made, ISO 8601 in UTC; absent when its record cannot be read. */
  readonly published?: string;
  /** Of aptmerge. */
  readonly version?: string;
  /** The generation whose content a rollback published again as this one. */
  readonly rollbackOf?: number;
  /** What is wrong with it; empty when nothing was found. */
  readonly damage: readonly string[];
  readonly suites: readonly SuiteHistory[];
}

export interface SuiteHistory {
  readonly name: string;
  /** Date of our Release. */
  readonly date: string;
  readonly validUntil?: string;
  readonly mirrors: readonly { readonly name: string; readonly suite: string; readonly date: string }[];
  readonly indices: number;
  readonly stanzas: number;
  /** Of all indices, uncompressed. */
  readonly bytes: number;
  /** The generation that the suite was rolled back to, while it was not merged again. */
  readonly contentOf?: number;
}

/** @param all whether each mirror's Release is told too */
export function formatHistory(generations: readonly GenerationHistory[], output: string, all: boolean): string {
  if (generations.length === 0) return `${plain(`Nothing is published in ${output}`)}\n`;
  return `${generations
    .flatMap((one) => generationLines(one, all))
    .map(plain)
    .join("\n")}\n`;
}

function generationLines(one: GenerationHistory, all: boolean): readonly string[] {
  const { generation, live, published, rollbackOf, damage, suites } = one;
  const marks = [
    ...(live ? ["live"] : []),
    ...(rollbackOf === undefined ? [] : [`rollback: the content of generation ${rollbackOf}`]),
    ...(damage.length > 0 ? ["damaged"] : []),
  ];
  const head = `${generation}  ${published ?? "time not known"}${marks.length > 0 ? `  (${marks.join("; ")})` : ""}`;
  return [head, ...damage.map((fault) => `  damaged: ${fault}`), ...suites.flatMap((suite) => suiteLines(suite, rollbackOf, all))];
}

function suiteLines(suite: SuiteHistory, rollbackOf: number | undefined, all: boolean): readonly string[] {
  const { name, date, mirrors, indices, stanzas, bytes, contentOf } = suite;
  const parts = [
    `dated ${date}`,
    `${many(mirrors.length, "Release")} of mirrors`,
    `${many(stanzas, "stanza")} in ${indices === 1 ? "1 index" : `${indices} indices`} (${size(bytes)})`,
    ...(contentOf === undefined || contentOf === rollbackOf ? [] : [`rolled back to generation ${contentOf}`]),
  ];
  const from = mirrors.map((mirror) => `    from ${mirror.name}/${mirror.suite}, dated ${mirror.date}`);
  return [`  ${name}: ${parts.join(", ")}`, ...(all ? from : [])];
}
