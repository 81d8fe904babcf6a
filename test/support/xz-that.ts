/** An xz that does something of its own before it does what it was asked. */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../lib/io/child.ts";
import { processOf, type Running } from "./processes.ts";
import { temporaryFolder } from "./temporary.ts";

export interface OddXz {
  readonly program: string;
  /** Its starts: number of the process, and `yes` when it is to stay for more than one file. */
  starts(): readonly string[];
}

/** @param script of a shell; `$standing` is empty when it is to read its standard input alone */
export async function xzThat(script: string): Promise<OddXz> {
  const folder = await temporaryFolder();
  const [program, log] = [join(folder, "xz"), join(folder, "log")];
  const xz = findProgram("xz");
  const head = `#!/bin/sh\nstanding=\nfor arg; do [ "$arg" != --files0 ] || standing=yes; done\necho "$$ $standing" >>"${log}"\n`;
  writeFileSync(log, "");
  writeFileSync(program, `${head}${script}\nexec ${xz} "$@"\n`);
  chmodSync(program, 0o700);
  return { program, starts: () => readFileSync(log, "utf8").split("\n").slice(0, -1) };
}

/** Of started ones those that run. */
export async function running(lines: readonly string[]): Promise<readonly Running[]> {
  const found = await Promise.all(lines.map((line) => processOf(Number(line.split(" ")[0]))));
  return found.filter((one) => one !== undefined);
}
