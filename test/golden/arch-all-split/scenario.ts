import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

const ARCHITECTURES = ["amd64", "arm64"];

export const archAllSplit: Scenario = {
  name: "arch-all-split",
  shows: "Architecture: all is folded into each architecture, wherever a mirror keeps it, and the tree says so",
  runs: [
    (key) => ({
      split: archive({ suite: "stable", key: key("split"), architectures: ARCHITECTURES })
        .splitAll()
        .deb({ Package: "data-of-split", Version: "1", Architecture: "all" })
        .deb({ Package: "turned", Version: "2", Architecture: "all" })
        .deb({ Package: "native-of-split", Version: "1", Architecture: "arm64" }),
      both: archive({ suite: "stable", key: key("both"), architectures: ARCHITECTURES })
        .splitAll({ noSupport: true })
        .deb({ Package: "data-of-both", Version: "1", Architecture: "all" })
        .deb({ Package: "turned", Version: "9", Architecture: "all" }),
      // Its binary-all is not read: the Release says that it need not be.
      unread: archive({ suite: "stable", key: key("unread"), architectures: ARCHITECTURES })
        .splitAll()
        .fields({ "No-Support-for-Architecture-all": "Packages" })
        .deb({ Package: "data-of-unread", Version: "1", Architecture: "all" }),
      folded: archive({ suite: "stable", key: key("folded"), architectures: ARCHITECTURES })
        .deb({ Package: "data-of-folded", Version: "1", Architecture: "all" })
        .deb({ Package: "turned", Version: "3", Architecture: "amd64" })
        .deb({ Package: "turned", Version: "3", Architecture: "arm64" }),
    }),
  ],
};
