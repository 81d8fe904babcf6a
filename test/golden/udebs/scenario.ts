import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

export const udebs: Scenario = {
  name: "udebs",
  shows: "udebs stand in debian-installer and have a contest of their own, also where a deb has the same name",
  runs: [
    (key) => ({
      overlay: archive({ suite: "stable", key: key("overlay") })
        .deb({ Package: "partman", Version: "1+fork", Architecture: "amd64" })
        .udeb({ Package: "kernel-udeb", Version: "6.1+fork", Architecture: "amd64", Source: "kernel" })
        .source({ Package: "partman", Version: "1+fork" })
        .source({ Package: "kernel", Version: "6.1+fork" }),
      base: archive({ suite: "stable", key: key("base") })
        .deb({ Package: "partman", Version: "2", Architecture: "amd64" })
        .udeb({ Package: "partman", Version: "2", Architecture: "all" })
        .udeb({ Package: "kernel-udeb", Version: "6.2", Architecture: "amd64", Source: "kernel" })
        .source({ Package: "partman", Version: "2" })
        .source({ Package: "kernel", Version: "6.2" }),
    }),
  ],
};
