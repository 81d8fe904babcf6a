import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

const deb = (name: string, version: string, more: Readonly<Record<string, string>> = {}) => ({
  Package: name,
  Version: version,
  Architecture: "amd64",
  ...more,
});

export const policy: Scenario = {
  name: "policy",
  shows:
    "pins, bans with what needs them, a limited mirror, sources that stay or take their binaries along, and forks that have fallen behind",
  runs: [
    (key) => ({
      vendor: archive({ suite: "stable", key: key("vendor") })
        .deb(deb("agent", "3", { Essential: "yes", Priority: "required", Provides: "libc, agent-api" }))
        .deb(deb("tool", "9"))
        .deb(deb("libc", "99")),
      fork: archive({ suite: "stable", key: key("fork") })
        .deb(deb("editor", "2+fork", { Source: "editor-src" }))
        .deb(deb("kernel-image", "6+fork", { Source: "kernel" }))
        .deb(deb("shell", "5"))
        .source({ Package: "editor-src", Version: "2+fork" })
        .source({ Package: "kernel", Version: "6+fork" })
        .source({ Package: "shell", Version: "5" }),
      base: archive({ suite: "stable", key: key("base") })
        .deb(deb("libc", "2"))
        .deb(deb("tool", "1"))
        .deb(deb("shell", "4"))
        .deb(deb("editor", "3", { Source: "editor-src" }))
        .deb(deb("editor-doc", "3", { Source: "editor-src" }))
        .deb(deb("kernel-image", "5", { Source: "kernel" }))
        .deb(deb("init", "1"))
        .deb(deb("session", "1", { Depends: "init | other-init" }))
        .deb(deb("desktop", "1", { Depends: "session, libc" }))
        .deb(deb("chooser", "1", { Depends: "init | shell", Recommends: "init" }))
        .deb(deb("telemetry-client", "1"))
        .deb(deb("legacy", "1"))
        .deb(deb("old-game", "1", { Depends: "legacy" }))
        .deb(deb("static", "1", { "Static-Built-Using": "editor-src (= 3), gone (= 1)" }))
        .source({ Package: "libc", Version: "2" })
        .source({ Package: "editor-src", Version: "3" })
        .source({ Package: "kernel", Version: "5" })
        .source({ Package: "shell", Version: "4" }),
    }),
  ],
};
