import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

const deb = (name: string, path: string) => ({ Package: name, Version: "1", Architecture: "amd64", Filename: path });

export const prefixOddPaths: Scenario = {
  name: "prefix-odd-paths",
  shows: "every path gets its mirror's prefix and keeps its escapes, hostile ones are refused and keep their name empty",
  runs: [
    (key) => ({
      odd: archive({ suite: "stable", key: key("odd") })
        .deb(deb("a-usual", "pool/main/a/a-usual_1_amd64.deb"))
        .deb(deb("b-dot", "./pool/main/b/b-dot_1_amd64.deb"))
        .deb(deb("c-outside", "binary/c-outside.deb"))
        .deb(deb("d-dot-outside", ".//./d-dot-outside.deb"))
        .deb(deb("e-escaped", "pool/main/e/e%2b%2b_1%3a2~3+b1_amd64.deb"))
        .deb(deb("f-like-pool", "pools/f.deb"))
        .deb(deb("g-below", "x/pool/main/g..h.deb"))
        .deb(deb("h-absolute", "/etc/passwd"))
        .deb(deb("i-up", "pool/../../etc/passwd"))
        .deb(deb("j-escaped-up", "pool/%2e%2e/%2e%2E/etc/passwd"))
        .deb(deb("k-url", "http://evil.example/k.deb"))
        .deb(deb("l-blank", "pool/main/l l.deb"))
        .source({ Package: "a-usual", Version: "1" })
        .source({ Package: "c-outside", Version: "1", Directory: "." })
        .source({ Package: "d-none", Version: "1", Directory: undefined })
        .source({ Package: "h-absolute", Version: "1", Directory: "/etc" }),
      plain: archive({ suite: "stable", key: key("plain") })
        .deb(deb("h-absolute", "pool/main/h/no-heir_1_amd64.deb"))
        .deb(deb("z-plain", "./pool/main/z/z-plain_1_amd64.deb"))
        .source({ Package: "z-plain", Version: "1" }),
    }),
  ],
};
