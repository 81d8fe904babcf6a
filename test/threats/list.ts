/** Prints every row with the tests that bear its id, then the rows that have none: `npm run threats`. Its exit status is 1 when there are such. */
import { ROWS } from "./rows.ts";
import { testsByRow } from "./tests-by-row.ts";

const tests = testsByRow();
for (const { id, holds } of ROWS) {
  process.stdout.write(`${id} ${holds}\n`);
  for (const { file, line, title } of tests.get(id) ?? []) process.stdout.write(`      test/${file}:${line}  ${title}\n`);
}
const without = ROWS.filter(({ id }) => !tests.has(id)).map(({ id }) => id);
process.stdout.write(`\n${ROWS.length} rows; without a test: ${without.length === 0 ? "none" : without.join(" ")}\n`);
process.exitCode = without.length === 0 ? 0 : 1;
