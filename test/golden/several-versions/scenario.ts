import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

export const severalVersions: Scenario = {
  name: "several-versions",
  shows: "the winner of a name keeps all its versions and architectures of it, in Debian's order, each once",
  runs: [
    (key) => ({
      overlay: archive({ suite: "stable", key: key("overlay") })
        .deb({ Package: "tool", Version: "1.10", Architecture: "amd64" })
        .deb({ Package: "tool", Version: "1.9+b1", Architecture: "amd64", Source: "tool (1.9)" })
        .deb({ Package: "tool", Version: "1.9+b1", Architecture: "amd64", Source: "tool (1.9)" })
        .deb({ Package: "tool", Version: "1.2", Architecture: "all" })
        .deb({ Package: "tool", Version: "1.2", Architecture: "amd64" })
        .source({ Package: "tool", Version: "1.9" })
        .source({ Package: "tool", Version: "1.10" }),
      base: archive({ suite: "stable", key: key("base") })
        .deb({ Package: "tool", Version: "7", Architecture: "amd64" })
        .deb({ Package: "tool-doc", Version: "7", Architecture: "all", Source: "tool" })
        .source({ Package: "tool", Version: "7" }),
    }),
  ],
};
