/** Text for people on a terminal: nothing that came from outside may steer it. */
import { styleText } from "node:util";
import type { Problem, Severity } from "../errors.ts";

/** C0, DEL and C1 controls, line and paragraph separators, marks that turn the direction of writing, and halves of surrogate pairs. */
const STEERING = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

const SHORT: ReadonlyMap<string, string> = new Map([
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** One line that shows control characters as `\n`, `\x1b`, `\u202e`. */
export function escapeControls(text: string): string {
  return text.replace(STEERING, (char) => {
    const code = char.charCodeAt(0);
    return SHORT.get(char) ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`);
  });
}

const COLORS = { error: "red", warning: "yellow", info: "cyan" } as const satisfies Record<Severity, string>;

/** The contract's two lines for a problem, each with its newline. */
export function problemText({ severity, code, message, hint }: Problem, color: boolean): string {
  const shown = color ? styleText(["bold", COLORS[severity]], severity, { validateStream: false }) : severity;
  return `aptmerge: ${shown} ${code}: ${escapeControls(message)}\n  hint: ${escapeControls(hint)}\n`;
}

/** `999 B`, `1.5 kB`, `64.9 MB`: powers of 1,000, as apt counts. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  let value = bytes / 1000;
  for (const unit of ["kB", "MB", "GB"]) {
    if (value < 999.95) return `${value.toFixed(1)} ${unit}`;
    value /= 1000;
  }
  return `${value.toFixed(1)} TB`;
}
