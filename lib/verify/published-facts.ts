/** Whether a published suite is of the right time for its clients, and what inputs.json says it is. */
import { formatInstant, parseReleaseDate } from "../archive/dates.ts";
import { sha256Of } from "../archive/digests.ts";
import type { IndexPath } from "../archive/names.ts";
import type { Release } from "../archive/release.ts";
import { MergeError, type Where } from "../errors.ts";
import type { Folder } from "../ports.ts";
import { checkValidUntil, readDate } from "./freshness.ts";
import type { IndexCount } from "./published-indices.ts";

/** What apt allows (`Acquire::Max-FutureTime`): a Release further ahead is refused by every client. */
const CLIENTS_TOLERANCE_MS = 10_000;

/** @throws MergeError RELEASE_UNDATED, RELEASE_FROM_FUTURE, RELEASE_EXPIRED, RELEASE_MALFORMED */
export function checkPublishedDates(release: Release, suite: string, now: Date): void {
  const where: Where = { mirror: "published tree", suite, file: "Release" };
  const date = readDate(release, now, where);
  if (date.getTime() > now.getTime() + CLIENTS_TOLERANCE_MS) {
    const found = `its Date is ${formatInstant(date)}, it is ${formatInstant(now)} here`;
    throw new MergeError("RELEASE_FROM_FUTURE", `Cannot vouch for Release of ${suite}: ${found}, apt allows 10 seconds`, where);
  }
  checkValidUntil(release, true, now, where);
}

/** The part of inputs.json that the tree itself can prove. */
interface Inputs {
  readonly generation: number;
  readonly suites: Readonly<Record<string, SuiteInputs>>;
}

interface SuiteInputs {
  readonly date: string;
  readonly validUntil?: string;
  readonly release: string;
  readonly aliases: readonly string[];
  readonly indices: readonly { readonly path: string; readonly stanzas: number; readonly bytes: number; readonly sha256: string }[];
}

const unfit = (file: string, found: string, wanted: string, suite?: string): MergeError =>
  new MergeError("TREE_UNSOUND", `Cannot vouch for ${file}: ${found}, ${wanted}`, suite === undefined ? { file } : { suite, file });

/**
 * @param generation that the tree's `current` names; undefined for a copy of a tree
 * @param suites that lie below dists
 * @throws MergeError TREE_UNSOUND
 */
export async function checkInputs(inputs: Inputs, generation: number | undefined, suites: readonly string[], dists: Folder): Promise<void> {
  if (generation !== undefined && inputs.generation !== generation)
    throw unfit("inputs.json", `it is of generation ${inputs.generation}`, `current names ${generation}`);
  const recorded = Object.keys(inputs.suites);
  // In a copy of a tree an alias may be a folder of its own.
  const names = new Set([...recorded, ...Object.values(inputs.suites).flatMap(({ aliases }) => aliases)]);
  for (const suite of recorded)
    if (!suites.includes(suite)) throw unfit("inputs.json", `it has the suite "${suite}"`, "which must be below dists", suite);
  for (const suite of suites)
    if (!names.has(suite)) throw unfit("inputs.json", `it lacks the suite "${suite}"`, "which is below dists", suite);
  // One that went over to another suite stands in the record of the first until that is merged again.
  const owners = Map.groupBy(
    Object.entries(inputs.suites).flatMap(([suite, { aliases }]) => aliases.map((alias) => ({ alias, suite }))),
    ({ alias }) => alias,
  );
  for (const [alias, of] of owners)
    await checkAlias(
      alias,
      of.map(({ suite }) => suite),
      generation === undefined,
      dists,
    );
}

/** @param copied whether the tree may be a copy, in which an alias may be a folder of its own */
async function checkAlias(alias: string, suites: readonly string[], copied: boolean, dists: Folder): Promise<void> {
  const isOne = `it is an alias of "${suites.join('" or "')}"`;
  const names = alias.split("/");
  const beside = await dists.list(names.slice(0, -1).join("/"));
  const kind = beside?.find(({ name }) => name === names.at(-1))?.kind;
  if (kind === undefined) throw unfit(`dists/${alias}`, "it is not there", isOne, suites[0]);
  if (kind === "link") {
    const [target = "", wanted] = [await dists.readLink(alias), suites.map((suite) => `${"../".repeat(names.length - 1)}${suite}`)];
    if (!wanted.includes(target))
      throw unfit(`dists/${alias}`, `it leads to "${target}"`, `${isOne} and must lead to "${wanted.join('" or "')}"`, suites[0]);
    return;
  }
  if (!copied)
    throw unfit(`dists/${alias}`, `it is a ${kind}`, `${isOne} and must be a link, or the next generation leaves it behind`, suites[0]);
  const [release, ...own] = await Promise.all([alias, ...suites].map((name) => dists.read(`${name}/Release`)));
  if (release === undefined || !own.some((one) => one?.equals(release)))
    throw unfit(`dists/${alias}`, "its Release is another", isOne, suites[0]);
}

/** @throws MergeError TREE_UNSOUND */
export async function checkSuiteInputs(
  inputs: Inputs,
  suite: string,
  release: Release,
  counts: readonly IndexCount[],
  dists: Folder,
): Promise<void> {
  const own = Object.hasOwn(inputs.suites, suite) ? inputs.suites[suite] : undefined;
  if (own === undefined) return; // an alias
  const digest = sha256Of((await dists.read(`${suite}/Release`)) ?? Buffer.alloc(0));
  if (own.release !== digest)
    throw unfit("inputs.json", `it says that Release of "${suite}" has the SHA256 ${own.release}`, `it has ${digest}`, suite);
  for (const [field, said] of [
    ["Date", own.date],
    ["Valid-Until", own.validUntil],
  ] as const) {
    const text = release.fields.get(field.toLowerCase());
    const date = text === undefined ? undefined : parseReleaseDate(text);
    if ((date === undefined ? undefined : formatInstant(date)) !== said)
      throw unfit("inputs.json", `it says that ${field} of "${suite}" is ${said}`, `Release says ${text}`, suite);
  }
  const stanzas = new Map(counts.map((index) => [index.path, index.stanzas]));
  for (const { path, bytes, sha256, stanzas: count } of own.indices) {
    const entry = release.entries.get(path as IndexPath);
    if (entry === undefined || entry.sha256 !== sha256 || entry.bytes !== bytes)
      throw unfit(
        "inputs.json",
        `it says that ${path} of "${suite}" has ${bytes} bytes and the SHA256 ${sha256}`,
        "Release lists other ones",
        suite,
      );
    const found = stanzas.get(path);
    if (found !== undefined && found !== count)
      throw unfit("inputs.json", `it says that ${path} of "${suite}" has ${count} stanzas`, `there are ${found}`, suite);
  }
}
