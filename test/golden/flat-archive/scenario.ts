import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

export const flatArchive: Scenario = {
  name: "flat-archive",
  shows: "flat archives give their stanzas to one component, by architecture, with paths below pool/NAME/_",
  runs: [
    (key) => ({
      vendor: archive({ suite: "./", key: key("vendor"), architectures: ["amd64", "arm64"] })
        .deb({ Package: "agent", Version: "5.1", Architecture: "amd64" })
        .deb({ Package: "agent", Version: "5.1", Architecture: "arm64" })
        .deb({ Package: "agent-doc", Version: "5.1", Architecture: "all" })
        .source({ Package: "agent", Version: "5.1" }),
      corner: archive({ suite: "deb/stable/", key: key("corner") })
        .compressions(["gz"])
        .deb({ Package: "corner-tool", Version: "1", Architecture: "amd64" }),
      base: archive({ suite: "stable", key: key("base"), architectures: ["amd64", "arm64"] })
        .deb({ Package: "agent", Version: "9", Architecture: "amd64" })
        .deb({ Package: "libc", Version: "2", Architecture: "amd64" })
        .deb({ Package: "libc", Version: "2", Architecture: "arm64" })
        .source({ Package: "libc", Version: "2" }),
    }),
  ],
};
