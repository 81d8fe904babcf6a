import { type Archive, archive } from "../../support/archive.ts";
import type { KeyOf, Scenario } from "../scenario.ts";

const deb = (Package: string, Version: string, fields = {}) => ({ Package, Version, Architecture: "amd64", ...fields });

const overlay = (key: KeyOf): Archive => archive({ suite: "stable", key: key("overlay") });
const untouched = (key: KeyOf): Archive => archive({ suite: "untouched", key: key("overlay") }).deb(deb("still", "1"));
const base = (key: KeyOf): Archive =>
  archive({ suite: "stable", key: key("base"), components: ["main", "contrib"] }).deb(deb("as-before", "1"));

export const secondGeneration: Scenario = {
  name: "second-generation",
  shows: "a second merge names every kind of change, keeps by-hash files of before, and leaves other suites as they are",
  runs: [
    (key) => ({
      overlay: [overlay(key).deb(deb("gone", "1")).deb(deb("lowered", "2")), untouched(key)],
      base: base(key)
        .deb(deb("gone", "0.5"))
        .deb(deb("removed", "1"))
        .deb(deb("raised", "1.9"))
        .deb(deb("rebuilt", "1", { content: "once" }))
        .deb(deb("edited", "1"))
        .deb(deb("other-component", "1"))
        .deb(deb("other-mirror", "1")),
    }),
    (key) => ({
      overlay: [overlay(key).at("2026-10-02").deb(deb("lowered", "1")).deb(deb("other-mirror", "1")), untouched(key).at("2026-10-02")],
      base: base(key)
        .at("2026-10-02")
        .deb(deb("gone", "0.5"))
        .deb(deb("new", "1"))
        .deb(deb("raised", "1.10"))
        .deb(deb("rebuilt", "1", { content: "twice" }))
        .deb(deb("edited", "1", { Homepage: "http://new.example/" }))
        .deb(deb("other-component", "1", { component: "contrib" })),
    }),
  ],
};
