/** An overlay archive made of real stanzas: forks of real source packages, as a derivative makes them, under a version and a key of its own. */
import { withoutNames } from "../../lib/deb822/relations.ts";
import { type Archive, archive } from "../support/archive.ts";
import { fieldOf } from "../support/debian-cut.ts";
import type { TestKey } from "../support/keys.ts";

export interface ForkOptions {
  readonly key: TestKey;
  readonly architecture: string;
  /** Real stanzas, as latin1. */
  readonly packages: readonly string[];
  readonly sources: readonly string[];
  /** Sources to fork. */
  readonly forks: readonly string[];
  /** Names that the forks no longer need. */
  readonly without: readonly string[];
  readonly date: Date;
}

export const FORK = "+fork1";

const sourceName = (stanza: string): string => (fieldOf(stanza, "Source") ?? fieldOf(stanza, "Package") ?? "").split(" ")[0] ?? "";

/** @returns the archive with suite "fork", and the binary names in it */
export function forkArchive(options: ForkOptions): { readonly archive: Archive; readonly names: readonly string[] } {
  const { key, architecture, packages, sources, forks, without, date } = options;
  const wanted = new Set(forks);
  const gone = new Set(without);
  const binaries = packages.filter((stanza) => wanted.has(sourceName(stanza))).map((stanza) => forked(stanza, gone));
  const own = sources.filter((stanza) => wanted.has(fieldOf(stanza, "Package") ?? "")).map((stanza) => forked(stanza, gone));
  let made = archive({ suite: "fork", key, architectures: [architecture] }).at(date);
  for (const stanza of binaries) made = made.deb(Buffer.from(`${stanza}\n`, "latin1"), { architecture });
  for (const stanza of own) made = made.source(Buffer.from(`${stanza}\n`, "latin1"));
  return { archive: made, names: binaries.map((stanza) => fieldOf(stanza, "Package") ?? "") };
}

/** A higher version than the original's; what is asked for by exactly that version goes along, as all binaries of a source are rebuilt. */
function forked(stanza: string, gone: ReadonlySet<string>): string {
  const version = fieldOf(stanza, "Version") ?? "";
  const rebuilt = (value: string): string => value.replaceAll(`(= ${version})`, `(= ${version}${FORK})`);
  return stanza
    .split(/\n(?![ \t])/)
    .flatMap((line) => {
      const [, name = "", value = ""] = /^([^:]+):([\s\S]*)$/.exec(line) ?? [];
      switch (name) {
        case "Version":
          return [`Version: ${version}${FORK}`];
        case "Source":
          return [
            `Source: ${value
              .trim()
              .replace(/\(.*\)/, "")
              .trim()}`,
          ];
        case "Depends":
        case "Pre-Depends": {
          const left = withoutNames(rebuilt(value), (one) => gone.has(one));
          return left === undefined ? [] : [`${name}:${left}`];
        }
        case "Provides":
        case "Recommends":
        case "Breaks":
          return [`${name}:${rebuilt(value)}`];
        default:
          return [line];
      }
    })
    .join("\n");
}
