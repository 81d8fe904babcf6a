import { createHash } from "node:crypto";
import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

const md5 = (text: string): string => createHash("md5").update(`${text}\n`).digest("hex");

/** A package as archives have it: the short text in Packages, the long one in Translation. */
const deb = (name: string, version: string, text: string) => ({
  ...{ Package: name, Version: version, Architecture: "amd64" },
  ...{ Description: text.split("\n")[0] ?? "", "Description-md5": md5(text) },
});

const entry = (name: string, text: string, language = "en", translated = text): string =>
  `Package: ${name}\nDescription-md5: ${md5(text)}\nDescription-${language}: ${translated}\n\n`;

const OURS = "editor of the overlay\n With a long text.";
const THEIRS = "editor of the base\n With another text.";
const SAME = "pager\n The same in both.";
const ALONE = "shell\n Only in base.";

export const translations: Scenario = {
  name: "translations",
  shows: "long descriptions follow the winners by the digest of the short one, in the languages that are asked for",
  runs: [
    (key) => ({
      overlay: archive({ suite: "stable", key: key("overlay") })
        .deb(deb("editor", "2", OURS))
        .deb(deb("pager", "2", SAME))
        // A mirror may give the whole text in Packages: it needs no entry, and has one in no language.
        .deb({ Package: "whole", Version: "1", Architecture: "amd64", Description: "all of it\n In one place." })
        .index("main/i18n/Translation-en", entry("editor", OURS)),
      base: archive({ suite: "stable", key: key("base") })
        .deb(deb("editor", "1", THEIRS))
        .deb(deb("pager", "1", SAME))
        .deb(deb("shell", "1", ALONE))
        .index(
          "main/i18n/Translation-en",
          entry("editor", THEIRS) + entry("pager", SAME) + entry("shell", ALONE) + entry("gone", "gone\n Long ago."),
        )
        .index(
          "main/i18n/Translation-de",
          entry("editor", THEIRS, "de", "Editor\n Langer Text.") + entry("shell", ALONE, "de", "Kommandozeile\n Nur in base."),
        )
        .index("main/i18n/Translation-fr", entry("shell", ALONE, "fr", "interpréteur\n Dans base.")),
    }),
  ],
};
