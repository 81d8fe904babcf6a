/** Turns what both formats say into entries: every type, URI and suite with every other, as apt does. */
import { parseSuitePath } from "../../lib/archive/names.ts";
import { MergeError, type Problem } from "../../lib/errors.ts";
import { archiveUrl } from "./archive-url.ts";
import { type AptDefaults, type AptEntry, type Place, type ReadSources, skipped } from "./entry.ts";
import { readOptions } from "./options.ts";

export interface RawSource {
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Field name of the deb822 form, in lower case, to its value; fields that are no options do no harm. */
  readonly options: ReadonlyMap<string, string>;
  readonly place: Place;
}

const COMPONENT = /^[A-Za-z0-9][A-Za-z0-9+._~-]*$/;

/** @throws MergeError CONFIG_INVALID for what apt would refuse as well */
export function makeEntries(raw: RawSource, defaults: AptDefaults): ReadSources {
  const entries: AptEntry[] = [];
  const problems: Problem[] = [];
  const options = readOptions(raw.options, defaults);
  const readable: { uri: string; url: string }[] = [];
  for (const uri of raw.uris) {
    const { url, fault } = archiveUrl(uri);
    if (url === undefined) problems.push(skipped(raw.place, fault, "aptmerge reads http, https and file"));
    else readable.push({ uri, url });
  }
  for (const type of raw.types) {
    if (type !== "deb" && type !== "deb-src") throw new MergeError("CONFIG_INVALID", `its type is "${type}"`);
    for (const archive of readable) {
      for (const named of raw.suites) {
        const suite = readSuite(named, defaults);
        const components = readComponents(raw.components, suite, raw.place, problems);
        if (components === undefined) continue;
        entries.push({ source: type === "deb-src", ...archive, suite, components, options, place: raw.place });
      }
    }
  }
  return { entries, problems };
}

/** `$(ARCH)` is the machine's architecture; a flat archive at the base is written `./` whatever the source says. */
function readSuite(named: string, defaults: AptDefaults): string {
  const suite = named.replaceAll("$(ARCH)", defaults.architectures[0] ?? "");
  return suite === "/" ? "./" : parseSuitePath(suite);
}

/** Undefined when none is left of those that stand there. */
function readComponents(named: readonly string[], suite: string, place: Place, problems: Problem[]): readonly string[] | undefined {
  if (suite.endsWith("/")) {
    if (named.length > 0) throw new MergeError("CONFIG_INVALID", `its suite "${suite}" is flat and it names components`);
    return [];
  }
  if (named.length === 0) throw new MergeError("CONFIG_INVALID", "it names no component");
  const strange = named.filter((name) => !COMPONENT.test(name));
  const wanted = "it must be letters, digits and . _ + ~ -";
  for (const name of strange) problems.push(skipped(place, `its component is "${name}", which is left out`, wanted));
  const components = [...new Set(named)].filter((name) => !strange.includes(name));
  return components.length > 0 ? components : undefined;
}
