import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

const head = (suite: string): string => `suite: ${suite}\ncomponent: main\narch: amd64\n`;

export const cnf: Scenario = {
  name: "cnf",
  shows: "commands belong to the packages that won, under the name of the merged suite",
  runs: [
    (key) => ({
      overlay: archive({ suite: "stable", key: key("overlay") })
        .deb({ Package: "editor", Version: "2", Architecture: "amd64" })
        .index("main/cnf/Commands-amd64", `${head("overlay")}\nname: editor\nversion: 2\npriority-bonus: 5\ncommands: edit,editor\n`),
      base: archive({ suite: "stable", key: key("base") })
        .deb({ Package: "editor", Version: "1", Architecture: "amd64" })
        .deb({ Package: "pager", Version: "1", Architecture: "amd64" })
        .index(
          "main/cnf/Commands-amd64",
          `${head("base")}\nname: pager\nversion: 1\ncommands: more\n\nname: editor\nversion: 1\ncommands: ed\n\nname: gone\nversion: 1\ncommands: lost\n`,
        ),
    }),
  ],
};
