import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

const deb = (Package: string, Version: string) => ({ Package, Version, Architecture: "amd64" });

export const newestThreeSuites: Scenario = {
  name: "newest-three-suites",
  shows: "the highest version of three suites wins by Debian's rule, and a tie goes to the first",
  runs: [
    (key) => ({
      security: archive({ suite: "bookworm-security", key: key("security") })
        .deb(deb("fixed", "1.0-1+deb12u2"))
        .deb(deb("overtaken", "1.0-1+deb12u1"))
        .deb(deb("tie", "3.0-1")),
      debian: [
        archive({ suite: "bookworm-updates", key: key("debian") })
          .deb(deb("overtaken", "1.0-1+deb12u3"))
          .deb(deb("prerelease", "2.0~rc1-1"))
          .deb(deb("epoch", "1:0.1-1")),
        archive({ suite: "bookworm", key: key("debian") })
          .deb(deb("fixed", "1.0-1"))
          .deb(deb("overtaken", "1.0-1"))
          .deb(deb("prerelease", "2.0-1"))
          .deb(deb("epoch", "9.9-1"))
          .deb({ ...deb("tie", "3.0-1"), Homepage: "http://the.loser.example/" })
          .deb(deb("only-here", "1.0-1")),
      ],
    }),
  ],
};
