import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

export const overrides: Scenario = {
  name: "overrides",
  shows: "Debian's override files change priority, section and further fields of winners, and nothing else of their bytes",
  runs: [
    (key) => ({
      overlay: archive({ suite: "stable", key: key("overlay"), components: ["main", "contrib"] })
        .deb({ Package: "demoted", Version: "1", Architecture: "amd64", Section: "libs", Priority: "required" })
        .deb({ Package: "loader", Version: "1", Architecture: "amd64", component: "contrib" }),
      base: archive({ suite: "stable", key: key("base") })
        .deb(
          `package: shell
Version:5.2
ARCHITECTURE:	amd64
priority:   optional
Task: old
  folded value
SECTION: misc
Description: a shell whose fields are written as no tool writes them
 .
 Second paragraph.
Filename: pool/main/s/shell/shell_5.2_amd64.deb
Size: 5
SHA256: ${"5a".repeat(32)}
`,
        )
        .deb({ Package: "bare", Version: "1", Architecture: "amd64", Section: undefined, Priority: undefined })
        .deb({ Package: "demoted", Version: "2", Architecture: "amd64" })
        .udeb({ Package: "shell-udeb", Version: "5.2", Architecture: "amd64", Source: "shell" })
        .source({ Package: "shell", Version: "5.2" }),
    }),
  ],
};
