/** The page's script: functions of this program, written out. So they are type-checked and tested like the rest of it. */

import { rowPainter } from "./page-paint.ts";
import { choose, countIn, inOrder, readRows } from "./page-read.ts";
import { rowElement } from "./page-row.ts";
import { labelsOf, startPage } from "./page-start.ts";
import { thousands } from "./plain.ts";

/** All that they call must be among them: in the page there is nothing else. */
const FUNCTIONS = [thousands, readRows, countIn, choose, inOrder, rowElement, rowPainter, labelsOf, startPage];

/** Blanks at the ends of lines, and empty lines, are what Node leaves of types. */
export const pageScript = (): string => `"use strict";
${FUNCTIONS.join("\n")
  .replace(/[ \t]+$/gm, "")
  .replace(/\n{2,}/g, "\n")}
startPage(window);
`;
