/** Settings with only what a web server's config depends on given by the test. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { loadSettings } from "../../config/load.ts";
import type { Settings } from "../../lib/settings.ts";

export interface TestMirror {
  readonly url: string | readonly string[];
  readonly pool?: string;
  /** Default: stable. */
  readonly suite?: string;
  /** Default: true. */
  readonly used?: boolean;
}

/** Read by the real loader from a config that is written for it: `output` may be relative to the test's folder. */
export async function settingsFor(
  t: TestContext,
  mirrors: Readonly<Record<string, TestMirror>>,
  { output = "output", byHash = true }: { readonly output?: string; readonly byHash?: boolean } = {},
): Promise<Settings> {
  const folder = await mkdtemp(join(tmpdir(), "webserver-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const used = Object.entries(mirrors).filter(([, mirror]) => mirror.used !== false);
  const config = {
    state: "state",
    output,
    mirrors: Object.fromEntries(
      Object.entries(mirrors).map(([name, { url, pool }]) => [
        name,
        { url, "signed-by": "k.gpg", ...(pool === undefined ? {} : { pool }) },
      ]),
    ),
    suites: {
      merged: {
        from: used.map(([mirror, { suite = "stable" }]) => ({ mirror, suite })),
        components: ["main"],
        architectures: ["amd64"],
      },
    },
    ...(byHash ? {} : { publish: { "by-hash": false } }),
  };
  await writeFile(join(folder, "aptmerge.yaml"), JSON.stringify(config));
  return (await loadSettings(join(folder, "aptmerge.yaml"), {})).settings;
}
