/** What `aptmerge rollback` did, or would do, as values and as text. */
import { many, plain } from "./plain.ts";
import { differenceText } from "./summary.ts";

export interface RollbackReport {
  /** Whose content is published again. */
  readonly to: number;
  /** The live generation before. */
  readonly before: number;
  /** The new one; absent in a dry run. */
  readonly made?: number;
  readonly suites: readonly RolledBackSuite[];
}

export interface RolledBackSuite {
  readonly name: string;
  /** Absent when the suite was rolled back; else why it was not. */
  readonly kept?: string;
  /** Date of the Release that is published again, as it was. */
  readonly date?: string;
  /** Indices that are not as they are in the live generation. */
  readonly differing: readonly DifferingIndex[];
  readonly same: number;
}

export interface DifferingIndex {
  readonly path: string;
  /** Undefined when the index goes. */
  readonly stanzas: number | undefined;
  /** Of packages; all 0 when that could not be found out. */
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

export function formatRollback({ to, before, made, suites }: RollbackReport): string {
  const back = suites.filter(({ kept }) => kept === undefined);
  const differing = back.filter((suite) => suite.differing.length > 0);
  const indices = back.reduce((sum, suite) => sum + suite.differing.length, 0);
  const sum =
    indices === 0
      ? "For clients nothing differs but the Date."
      : `For clients ${indices === 1 ? "1 index differs" : `${indices} indices differ`} in ${many(differing.length, "suite")}.`;
  const end =
    made === undefined
      ? [`Would publish the content of generation ${to} in place of generation ${before} (dry run: nothing was written).`]
      : [
          `Published generation ${made}: the content of generation ${to}, in place of generation ${before}.`,
          "A merge leaves it so until a mirror's indices, the config or an override change; to go on before: aptmerge merge --full",
        ];
  return `${[...suites.flatMap(suiteLines), sum, ...end].map(plain).join("\n")}\n`;
}

function suiteLines({ name, kept, date, differing, same }: RolledBackSuite): readonly string[] {
  if (kept !== undefined) return [`Suite ${name}: ${kept}`];
  const stays = same === 0 ? [] : [`  ${same === 1 ? "1 index is" : `${same} indices are`} the same`];
  return [`Suite ${name}: as it was dated ${date}`, ...differing.map(indexLine), ...stays];
}

function indexLine({ path, stanzas, ...counts }: DifferingIndex): string {
  if (stanzas === undefined) return `  ${path}: goes`;
  const parts = [many(stanzas, "stanza"), differenceText(counts)].filter((part) => part !== "");
  return `  ${path}: ${parts.join(", ")}`;
}
