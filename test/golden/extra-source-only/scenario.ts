import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

export const extraSourceOnly: Scenario = {
  name: "extra-source-only",
  shows: "sources marked Extra-Source-Only never compete: they neither win a name nor go with the mirror that lost it",
  runs: [
    (key) => ({
      overlay: archive({ suite: "stable", key: key("overlay") })
        .deb({ Package: "app", Version: "2+fork", Architecture: "amd64" })
        .source({ Package: "app", Version: "2+fork" })
        .source({ Package: "compiler", Version: "9+fork", "Extra-Source-Only": "yes" }),
      base: archive({ suite: "stable", key: key("base") })
        .deb({ Package: "compiler", Version: "10", Architecture: "amd64", "Built-Using": "app (= 1)" })
        .source({ Package: "app", Version: "2" })
        .source({ Package: "app", Version: "1", "Extra-Source-Only": "yes" })
        .source({ Package: "compiler", Version: "10" })
        .source({ Package: "compiler", Version: "8", "Extra-Source-Only": "Yes" }),
    }),
  ],
};
