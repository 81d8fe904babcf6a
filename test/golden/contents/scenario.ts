import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

const COMPONENTS = { suite: "stable", components: ["main", "non-free"] };

export const contents: Scenario = {
  name: "contents",
  shows: "files belong to the packages that won, in each kind of Contents; a section that an override changed is written there too",
  runs: [
    (key) => ({
      overlay: archive({ ...COMPONENTS, key: key("overlay") })
        .deb({ Package: "editor", Version: "2", Architecture: "amd64", Section: "editors" })
        .deb({ Package: "docs", Version: "2", Architecture: "all", Section: "doc" })
        .source({ Package: "editor", Version: "2" })
        .index("main/Contents-amd64", "usr/bin/editor   editors/editor\nusr/share/editor/new file\teditors/editor\n")
        .index("main/Contents-all", "usr/share/doc/docs/new   doc/docs\n")
        .index("main/Contents-source", "editor.c\teditor\n"),
      base: archive({ ...COMPONENTS, key: key("base") })
        .deb({ Package: "editor", Version: "1", Architecture: "amd64", Section: "editors" })
        .deb({ Package: "pager", Version: "1", Architecture: "amd64", Section: "utils" })
        .deb({ Package: "shell", Version: "1", Architecture: "amd64", Section: "shells" })
        .deb({ Package: "docs", Version: "1", Architecture: "all", Section: "doc" })
        .deb({ Package: "blob", Version: "1", Architecture: "amd64", Section: "non-free/kernel" }, { component: "non-free" })
        .udeb({ Package: "shell-udeb", Version: "1", Architecture: "amd64", Section: "debian-installer" })
        .source({ Package: "editor", Version: "1" })
        .source({ Package: "pager", Version: "1" })
        .index(
          "main/Contents-amd64",
          [
            "Prose that old tools write above.",
            "",
            "FILE                    LOCATION",
            "bin/sh                  shells/shell",
            "usr/bin/editor          editors/editor",
            "usr/bin/two  blanks     utils/pager,editors/editor,shells/shell",
            "usr/share/editor/old    editors/editor",
            "",
          ].join("\n"),
        )
        .index("main/Contents-all", "usr/share/doc/docs/old   doc/docs\n")
        .index("main/Contents-source", "editor.c\teditor\npager.c\tpager\n")
        .index("main/Contents-udeb-amd64", "bin/sh   debian-installer/shell-udeb\nlost     debian-installer/nobody\n")
        .index("non-free/Contents-amd64", "lib/firmware/blob   non-free/kernel/blob\n"),
    }),
  ],
};
