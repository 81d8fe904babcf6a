import { TAR_END, tarEntry } from "../../../lib/appstream/tar.ts";
import { archive } from "../../support/archive.ts";
import type { Scenario } from "../scenario.ts";

const header = (media: string): string =>
  `---\nFile: DEP-11\nVersion: '0.16'\nOrigin: some-main\nMediaBaseUrl: ${media}\nTime: 20260101T000000\n`;
const component = (name: string): string =>
  `---\nType: desktop-application\nID: org.example.${name}\nPackage: ${name}\nName:\n  C: ${name}\nIcon:\n  cached:\n  - name: ${name}_${name}.png\n    width: 48\n    height: 48\nScreenshots:\n- source-image:\n    url: ${name}.png\n`;
const icons = (...names: readonly string[]): Buffer =>
  Buffer.concat([...names.map((name) => tarEntry({ name, bytes: Buffer.from(`picture of ${name}\n`) })), TAR_END]);

export const dep11: Scenario = {
  name: "dep11",
  shows: "components and icons of the packages that won, with one header, media of another mirror named in full",
  runs: [
    (key) => ({
      overlay: archive({ suite: "stable", key: key("overlay") })
        .deb({ Package: "editor", Version: "2", Architecture: "amd64" })
        .index("main/dep11/Components-amd64.yml", header("https://overlay.example/media") + component("editor"))
        .index("main/dep11/icons-48x48.tar", icons("editor_editor.png")),
      base: archive({ suite: "stable", key: key("base") })
        .deb({ Package: "editor", Version: "1", Architecture: "amd64" })
        .deb({ Package: "pager", Version: "1", Architecture: "amd64" })
        .index(
          "main/dep11/Components-amd64.yml",
          header("https://base.example/media") + component("pager") + component("editor") + component("gone"),
        )
        .index("main/dep11/icons-48x48.tar", icons("pager_pager.png", "editor_old.png", "gone_gone.png")),
    }),
  ],
};
