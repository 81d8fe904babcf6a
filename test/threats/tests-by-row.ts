/** Which tests bear the id of which row, read from the titles in their files. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface NamedTest {
  /** Below the folder of the tests. */
  readonly file: string;
  readonly line: number;
  readonly title: string;
}

const TESTS = join(import.meta.dirname, "..");
/** The title may stand on the line after the bracket, or in a table of cases whose titles a test gets. */
const TITLE = /["'`]((?:[A-Z]\d\d(?:, | and |: | ))+[^"'`\n]*)["'`]/g;
const ID = /[A-Z]\d\d(?=, | and |: | )/y;

export function testsByRow(): ReadonlyMap<string, readonly NamedTest[]> {
  const found = new Map<string, NamedTest[]>();
  const files = readdirSync(TESTS, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".test.ts"));
  for (const file of files.sort()) {
    const text = readFileSync(join(TESTS, file), "utf8");
    for (const match of text.matchAll(TITLE)) {
      const title = match[1] ?? "";
      const line = text.slice(0, match.index).split("\n").length;
      for (const id of idsOf(title)) found.set(id, [...(found.get(id) ?? []), { file, line, title }]);
    }
  }
  return found;
}

/** The ids with which a title begins: `T04, T05: a body that …`. */
function idsOf(title: string): readonly string[] {
  const ids: string[] = [];
  ID.lastIndex = 0;
  for (let match = ID.exec(title); match !== null; match = ID.exec(title)) {
    ids.push(match[0]);
    const between = /(?:, | and |: | )/y;
    between.lastIndex = ID.lastIndex;
    between.exec(title);
    ID.lastIndex = between.lastIndex;
  }
  return ids;
}
