import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

export const sourcesKeep: Scenario = {
  name: "sources-keep",
  shows: "a source that lost its contest stays while a kept binary was built from it, and with sources: off it goes",
  runs: [
    (key) => ({
      overlay: archive({ suite: "stable", key: key("overlay") })
        .deb({ Package: "editor", Version: "7.2+fork1", Architecture: "amd64" })
        .deb({ Package: "library", Version: "2+fork1", Architecture: "amd64" })
        .source({ Package: "editor", Version: "7.2+fork1" })
        .source({ Package: "library", Version: "2+fork1" }),
      base: archive({ suite: "stable", key: key("base") })
        .deb({ Package: "editor", Version: "7.2-1", Architecture: "amd64" })
        .deb({ Package: "editor-tiny", Version: "7.2-1+b3", Architecture: "amd64", Source: "editor (7.2-1)" })
        .deb({ Package: "library", Version: "1", Architecture: "amd64" })
        .deb({ Package: "orphan", Version: "3", Architecture: "amd64", Source: "gone" })
        .source({ Package: "editor", Version: "7.2-1" })
        .source({ Package: "editor", Version: "7.0-1" })
        .source({ Package: "library", Version: "1" }),
    }),
  ],
};
