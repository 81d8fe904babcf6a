/** dose-debcheck as a judge of what can be installed: unlike our own closure it also looks at Conflicts and Breaks. Package dose-distcheck. */
import type { Debcheck, DebcheckOutcome } from "../ports.ts";
import { findProgram, runChild } from "./child.ts";

/** A whole release takes it 20 s. */
const LIMIT_MS = 600_000;
/** Its report of sid has about 5 MB. */
const MAX_REPORT_BYTES = 512 * 1024 * 1024;

/** @param searchPath folders in which the program is looked for, separated by `:`; by default those of PATH */
export function createDebcheck(searchPath?: string): Debcheck {
  return {
    async uninstallable(packages, architecture) {
      const program = findProgram("dose-debcheck", searchPath);
      if (program === undefined) return { kind: "missing" };
      const chunks: Buffer[] = [];
      let bytes = 0;
      const ended = await runChild({
        program,
        args: ["--failures", "--explain", `--deb-native-arch=${architecture}`],
        input: [packages],
        limitMs: LIMIT_MS,
        output: (chunk) => {
          chunks.push(chunk);
          bytes += chunk.length;
          return bytes <= MAX_REPORT_BYTES;
        },
      });
      // It ends with 1 when anything is broken.
      if (ended.kind === "exited" && ended.status <= 1) return readReport(Buffer.concat(chunks).toString("latin1"));
      const because = ended.kind === "exited" ? `it ended with ${ended.status}: ${ended.stderr}` : `it was ${ended.kind}`;
      return { kind: "failed", because };
    },
  };
}

/** The part of its YAML that is needed: the packages, and the first line that says what is missing or in conflict. */
function readReport(text: string): DebcheckOutcome {
  if (!/^broken-packages: \d+$/m.test(text)) return { kind: "failed", because: "its report has no end" };
  const broken = new Map<string, string>();
  for (const entry of text.split(/^ -$/m).slice(1)) {
    const name = /^ {2}package: (\S+)$/m.exec(entry)?.[1];
    if (name === undefined) continue;
    const missing = /^ +unsat-dependency: (.*)$/m.exec(entry)?.[1];
    const conflict = /^ {4}conflict:\n {5}pkg1:\n {6}package: (\S+)[\s\S]*?^ {5}pkg2:\n {6}package: (\S+)$/m.exec(entry);
    broken.set(name, missing === undefined ? `conflict of ${conflict?.[1]} and ${conflict?.[2]}` : `Depends: ${missing}`);
  }
  return { kind: "checked", broken };
}
