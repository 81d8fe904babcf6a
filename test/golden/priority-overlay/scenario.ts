import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

export const priorityOverlay: Scenario = {
  name: "priority-overlay",
  shows: "the first mirror wins every name that it offers, in each architecture of its own, whatever the versions are",
  runs: [
    (key) => ({
      overlay: archive({ suite: "stable", key: key("overlay"), architectures: ["amd64", "arm64"] })
        .deb({ Package: "forked", Version: "1.0+fork1", Architecture: "amd64", Depends: "shared (>= 1)" })
        .deb({ Package: "own", Version: "0.1", Architecture: "amd64" })
        .source({ Package: "forked", Version: "1.0+fork1" })
        .source({ Package: "own", Version: "0.1" }),
      base: archive({ suite: "stable", key: key("base"), architectures: ["amd64", "arm64"] })
        .deb({ Package: "forked", Version: "2.0", Architecture: "amd64" })
        .deb({ Package: "forked", Version: "2.0", Architecture: "arm64" })
        .deb({ Package: "shared", Version: "1:1.2-3", Architecture: "amd64", "X-Unknown-Field": "kept as it is" })
        .deb({ Package: "shared", Version: "1:1.2-3", Architecture: "arm64" })
        .source({ Package: "forked", Version: "2.0" })
        .source({ Package: "shared", Version: "1:1.2-3" }),
    }),
  ],
};
