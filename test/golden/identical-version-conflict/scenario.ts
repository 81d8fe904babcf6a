import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

const deb = (content: string, fields = {}) => ({ Package: "rebuilt", Version: "1.0-1", Architecture: "amd64", content, ...fields });

export const identicalVersionConflict: Scenario = {
  name: "identical-version-conflict",
  shows: "of different files under one name, version and architecture exactly one stanza is left, whole, and a warning for each other",
  runs: [
    (key) => ({
      first: archive({ suite: "stable", key: key("first"), components: ["main", "contrib"] })
        .deb(deb("in contrib", { component: "contrib" }))
        .deb(deb("first in main", { Homepage: "http://kept.example/" }))
        .deb(deb("second in main"))
        .source({ Package: "rebuilt", Version: "1.0-1", content: "ours" }),
      second: archive({ suite: "stable", key: key("second") })
        .deb(deb("second mirror", { Version: "0:1.0-1", Depends: "never-merged" }))
        .source({ Package: "rebuilt", Version: "1.0-1", content: "theirs" }),
      // The same file is no conflict, whatever else its stanza says.
      third: archive({ suite: "stable", key: key("third") }).deb(deb("first in main", { Section: "net" })),
    }),
  ],
};
