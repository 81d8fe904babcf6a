/** A golden scenario: what the mirrors carry, how it is merged, and so which tree must come out, byte for byte. */
import type { Archive } from "../support/archive.ts";
import type { TestKey } from "../support/keys.ts";

/** The key that signs a mirror's archives; `NAME` stands in the config as `signed-by: keys/NAME.asc`. */
export type KeyOf = (name: string) => TestKey;

/** Archives by mirror name. The mirror's URL in the config is `http://NAME.example/debian`. Several are suites of one mirror. */
export type Upstream = Readonly<Record<string, Archive | readonly Archive[]>>;

/** Beside its scenario.ts lie aptmerge.yaml and, where there are overrides, indices/; tree/, layout.txt and report.json are what is expected. */
export interface Scenario {
  /** Name of its folder. */
  readonly name: string;
  /** What the tree shows, as a sentence. */
  readonly shows: string;
  /** One merge after the other, a day apart; the tree and the report are those of the last. */
  readonly runs: readonly [(key: KeyOf) => Upstream, ...((key: KeyOf) => Upstream)[]];
}
