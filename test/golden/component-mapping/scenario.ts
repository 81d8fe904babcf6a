import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

const deb = (Package: string, Version: string, component: string) => ({ Package, Version, Architecture: "amd64", component });

export const componentMapping: Scenario = {
  name: "component-mapping",
  shows: "components map upstream to merged, a name is won over all of them, what nobody lists is left out and no gap is left between",
  runs: [
    (key) => ({
      // Without arm64 and without sources: non-free, which it alone offers, has empty ones all the same.
      overlay: archive({ suite: "stable", key: key("overlay"), components: ["universe", "restricted", "multiverse"] })
        .deb(deb("moved", "2", "universe"))
        .deb(deb("driver", "2", "restricted"))
        .deb(deb("unwanted", "2", "multiverse")),
      base: archive({ suite: "stable", key: key("base"), components: ["main", "contrib"], architectures: ["amd64", "arm64"] })
        .deb(deb("moved", "1", "contrib"))
        .deb(deb("plain", "1", "main"))
        .source({ Package: "plain", Version: "1" }),
    }),
  ],
};
