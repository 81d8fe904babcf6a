/** A small file of each kind of index that follows the packages. */
import { createHash } from "node:crypto";
import type { FollowerKindName } from "../../lib/settings.ts";

export interface Sample {
  /** Where a mirror has it, and where it goes below the merged component. */
  readonly path: string;
  readonly merged: string;
  /** With an entry for each package, in order; `mark` stands in each entry where a mirror can put what it likes. */
  file(packages: readonly string[], mark: string): Buffer;
  /** Of the packages' descriptions. */
  md5(name: string): string;
}

const md5 = (name: string): string => createHash("md5").update(name).digest("hex");

export const SAMPLES: Readonly<Record<FollowerKindName, Sample>> = {
  translation: {
    path: "main/i18n/Translation-en",
    merged: "i18n/Translation-en",
    md5,
    file: (packages, mark) =>
      Buffer.from(
        packages.map((name) => `Package: ${name}\nDescription-md5: ${md5(name)}\nDescription-en: ${mark}-${name}\n Long.\n\n`).join(""),
      ),
  },
  contents: {
    path: "main/Contents-amd64",
    merged: "Contents-amd64",
    md5,
    file: (packages, mark) =>
      Buffer.from(
        packages
          .map((name) => `usr/bin/${mark}-${name}   utils/${name}\n`)
          .sort()
          .join(""),
      ),
  },
  dep11: {
    path: "main/dep11/Components-amd64.yml",
    merged: "dep11/Components-amd64.yml",
    md5,
    file: (packages, mark) =>
      Buffer.from(
        [
          "---\nFile: DEP-11\nVersion: '1.0'\nOrigin: test-main\nMediaBaseUrl: https://media.example/\nPriority: 10\n",
          ...packages.map(
            (name) => `---\nType: desktop-application\nID: org.example.${name}\nPackage: ${name}\nName:\n  C: ${mark}-${name}\n`,
          ),
        ].join(""),
      ),
  },
  cnf: {
    path: "main/cnf/Commands-amd64",
    merged: "cnf/Commands-amd64",
    md5,
    file: (packages, mark) =>
      Buffer.from(
        [
          "suite: stable\ncomponent: main\narch: amd64\n",
          ...packages.map((name) => `\nname: ${name}\nversion: 1\ncommands: ${mark}-${name}\n`),
        ].join(""),
      ),
  },
};
