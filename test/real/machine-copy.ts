/** This machine's own archives as a test can use them: a copy of its apt configuration, with sources added, that an isolated apt and `init --from-apt` read. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { type IsolatedApt, isolatedApt } from "../support/apt.ts";
import { runWell } from "../support/child.ts";
import { type MachineSource, machineSources, reachable } from "../support/machine-sources.ts";

export interface MachineCopy {
  readonly apt: IsolatedApt;
  /** For `init --from-apt`. */
  readonly env: Readonly<Record<string, string>>;
  readonly architecture: string;
  /** Suites whose Release has run out, as frozen mirrors have it: `URL SUITE`. */
  readonly expired: readonly { readonly baseUri: string; readonly suite: string }[];
}

/** The component that every archive of a distribution has; more would only cost time. */
const COMPONENT = "main";
const FETCH_LIMIT_MS = 10_000;

/**
 * @param root an existing empty folder
 * @returns why not, when this machine has no such archive or none answers
 */
export async function copyMachine(root: string): Promise<MachineCopy | string> {
  const architecture = (await runWell("dpkg", ["--print-architecture"])).toString("utf8").trim();
  const mine = (source: MachineSource) =>
    source.component === COMPONENT && source.architecture === architecture && source.keyrings.length > 0;
  const sources = (await machineSources()).filter(mine);
  if (sources.length === 0) return `this machine's apt has no http source with component ${COMPONENT} for ${architecture}`;
  const answers = await Promise.all(sources.map((source) => reachable(source)));
  const silent = sources.filter((_, position) => answers[position] !== true);
  if (silent.length > 0) return `not reachable: ${silent.map(({ baseUri, suite }) => `${baseUri} ${suite}`).join(", ")}`;

  const releases = await Promise.all(sources.map(async (source) => ({ source, release: await releaseOf(source) })));
  const whole = releases.filter(({ release }) => release.includes(` ${COMPONENT}/source/Sources`));
  if (whole.length === 0) return "none of this machine's archives has sources";
  const apt = await isolatedApt(root, { architectures: [architecture] });
  const stanzas = whole.map(
    ({ source: { baseUri, suite, keyrings } }) =>
      `Types: deb deb-src\nURIs: ${baseUri}\nSuites: ${suite}\nComponents: ${COMPONENT}\nSigned-By: ${keyrings.join(" ")}\n`,
  );
  await writeFile(join(root, "etc/sources.list.d/machine.sources"), stanzas.join("\n"));
  const expired = whole.flatMap(({ source, release }) => (hasExpired(release) ? [source] : []));
  return { apt, env: { APT_CONFIG: join(root, "apt.conf") }, architecture, expired };
}

async function releaseOf({ baseUri, suite }: MachineSource): Promise<string> {
  const answer = await fetch(`${baseUri}/dists/${suite}/InRelease`, { signal: AbortSignal.timeout(FETCH_LIMIT_MS) });
  return answer.text();
}

function hasExpired(release: string): boolean {
  const until = /^Valid-Until: (.*)$/m.exec(release)?.[1];
  return until !== undefined && Date.parse(until) < Date.now();
}

/** What a test changes in a config that `init` wrote. */
export interface ConfigChange {
  /** Mirrors of these URLs are known to be frozen. */
  readonly frozen?: readonly string[];
  /** Levels that cost less time. */
  readonly compress?: { readonly gz: number; readonly xz: number };
  /** Further merged suites; null takes one away. */
  readonly suites?: Readonly<Record<string, object | null>>;
}

/** @returns names of the mirrors whose Valid-Until is not looked at any more */
export function changedConfig(
  text: string,
  { frozen = [], compress, suites = {} }: ConfigChange,
): { text: string; unchecked: readonly string[] } {
  const document = parseDocument(text);
  const { mirrors } = document.toJS() as { mirrors: Readonly<Record<string, { url: string }>> };
  const unchecked = Object.entries(mirrors).flatMap(([name, { url }]) => (frozen.includes(url) ? [name] : []));
  for (const name of unchecked) document.setIn(["mirrors", name, "check-valid-until"], false);
  if (compress !== undefined) document.setIn(["publish", "compress"], compress);
  for (const [name, suite] of Object.entries(suites)) {
    if (suite === null) document.deleteIn(["suites", name]);
    else document.setIn(["suites", name], suite);
  }
  return { text: document.toString(), unchecked };
}
