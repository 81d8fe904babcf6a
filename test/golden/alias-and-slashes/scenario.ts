import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

const deb = { Package: "tool", Version: "1", Architecture: "amd64" };

export const aliasAndSlashes: Scenario = {
  name: "alias-and-slashes",
  shows: "suites and aliases may have slashes, also inside another suite's folder, and upstream may say less than its path",
  runs: [
    (key) => ({
      old: archive({ suite: "buster/updates", codename: "buster", key: key("old") })
        .fields({ Suite: "oldstable", Components: "updates/main" })
        .deb({ ...deb, Version: "1+deb10u1" }),
      new: archive({ suite: "buster", key: key("new") })
        .fields({ Suite: "oldstable" })
        .byHash()
        .deb(deb),
    }),
  ],
};
