import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

const deb = (Package: string, Version: string) => ({ Package, Version, Architecture: "amd64" });

export const allVersions: Scenario = {
  name: "all-versions",
  shows: "with winner: all every version of every mirror stays, and of equal ones the first mirror's",
  runs: [
    (key) => ({
      first: archive({ suite: "stable", key: key("first") })
        .deb(deb("tool", "1.10-1"))
        .deb(deb("tool", "1.0"))
        .source({ Package: "tool", Version: "1.10-1" }),
      second: archive({ suite: "stable", key: key("second") })
        .deb(deb("tool", "1.9-1"))
        .deb({ ...deb("tool", "1.0"), Homepage: "http://the.loser.example/" })
        .deb(deb("tool", "1.0~beta"))
        .deb(deb("other", "1"))
        .source({ Package: "tool", Version: "1.9-1" })
        .source({ Package: "other", Version: "1" }),
    }),
  ],
};
