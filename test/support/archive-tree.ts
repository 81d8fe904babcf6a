/** Turns what a test archive carries into its tree: which stanza stands in which index, what Release says, who signs. */
import { createHash } from "node:crypto";
import { dirname } from "node:path/posix";
import { formatReleaseDate } from "../../lib/archive/dates.ts";
import { isFlat, parseSuitePath, suiteFolder } from "../../lib/archive/names.ts";
import type { Compression } from "../../lib/ports.ts";
import type { ArchiveOptions, Digest, Tree } from "./archive.ts";
import { compressed, ENDINGS } from "./compressed.ts";
import { clearsign, detach, type SignatureOptions } from "./keys.ts";
import type { MadeStanza } from "./stanzas.ts";

/** How `Architecture: all` is served: within each architecture, in an index of its own, or as dak does it, in both. */
export type AllForm = "folded" | "split" | "both";

export interface Plan {
  readonly options: ArchiveOptions;
  readonly debs: readonly MadeStanza[];
  readonly udebs: readonly MadeStanza[];
  readonly sources: readonly MadeStanza[];
  readonly indices: readonly (readonly [path: string, bytes: Buffer])[];
  readonly files: readonly { readonly path: string; readonly bytes: Buffer; readonly listed: boolean }[];
  readonly compressions: readonly Compression[];
  readonly digests: readonly Digest[];
  readonly date: Date;
  readonly validUntil: Date | null;
  readonly byHash: boolean;
  readonly all: AllForm;
  readonly fields: Readonly<Record<string, string | undefined>>;
  readonly signing: SignatureOptions;
  readonly edits: readonly ((release: string) => string)[];
}

type Index = readonly [path: string, bytes: Buffer];

export async function buildTree(plan: Plan): Promise<Tree> {
  const folder = suiteFolder(parseSuitePath(plan.options.suite));
  const at = (path: string) => (folder === "" ? path : `${folder}/${path}`);
  const listed = new Map<string, Buffer>();
  const tree: Tree = new Map();
  for (const [path, plain] of [...indicesOf(plan), ...plan.indices]) {
    listed.set(path, plain);
    for (const compression of plan.compressions) {
      const name = `${path}${ENDINGS[compression]}`;
      const bytes = await compressed(plain, compression);
      listed.set(name, bytes);
      tree.set(at(name), bytes);
      if (plan.byHash) tree.set(at(`${dirname(name)}/by-hash/SHA256/${digest(bytes, "SHA256")}`.replace(/^\.\//, "")), bytes);
    }
  }
  for (const { path, bytes, listed: isListed } of plan.files) {
    tree.set(at(path), bytes);
    if (!isListed) continue;
    listed.set(path, bytes);
    if (plan.byHash) tree.set(at(`${dirname(path)}/by-hash/SHA256/${digest(bytes, "SHA256")}`), bytes);
  }
  const release = plan.edits.reduce((text, edit) => edit(text), releaseText(plan, listed));
  tree.set(at("Release"), Buffer.from(release));
  const keys = keysOf(plan.options);
  if (keys.length > 0) {
    const signing: SignatureOptions = { at: plan.date, ...plan.signing };
    tree.set(at("InRelease"), await clearsign(release, keys, signing));
    tree.set(at("Release.gpg"), await detach(release, keys, signing));
  }
  for (const { pool } of [...plan.debs, ...plan.udebs, ...plan.sources]) {
    for (const [path, bytes] of pool) tree.set(path.replace(/^\.\//, ""), bytes);
  }
  return tree;
}

function indicesOf(plan: Plan): readonly Index[] {
  const { debs, udebs, sources, all } = plan;
  if (isFlat(parseSuitePath(plan.options.suite))) {
    return [["Packages", joined(debs)], ...(sources.length === 0 ? [] : [["Sources", joined(sources)] as const])];
  }
  const made: Index[] = [];
  for (const component of componentsOf(plan.options)) {
    const here = (stanzas: readonly MadeStanza[]) => stanzas.filter((stanza) => stanza.component === component);
    for (const architecture of architecturesOf(plan)) {
      const fits = (stanza: MadeStanza) =>
        stanza.architecture === architecture || (stanza.architecture === "all" && architecture !== "all" && all !== "split");
      made.push([`${component}/binary-${architecture}/Packages`, joined(here(debs).filter(fits))]);
      if (udebs.length === 0) continue;
      made.push([`${component}/debian-installer/binary-${architecture}/Packages`, joined(here(udebs).filter(fits))]);
    }
    if (sources.length > 0) made.push([`${component}/source/Sources`, joined(here(sources))]);
  }
  return made;
}

function releaseText(
  { options, date, validUntil, byHash, all, digests, fields, debs, udebs }: Plan,
  listed: ReadonlyMap<string, Buffer>,
): string {
  const { suite, origin = "Test" } = options;
  const flat = isFlat(parseSuitePath(suite));
  // apt expects the folder's path there, and nothing at the archive's root.
  const name = flat ? suiteFolder(parseSuitePath(suite)) || undefined : suite;
  const said: Record<string, string | undefined> = {
    Origin: origin,
    Label: origin,
    Suite: name,
    Codename: options.codename ?? (flat ? undefined : suite.split("/").at(-1)),
    Date: formatReleaseDate(date),
    "Valid-Until": validUntil === null ? undefined : formatReleaseDate(validUntil),
    "Acquire-By-Hash": byHash ? "yes" : undefined,
    "No-Support-for-Architecture-all": all === "both" ? "Packages" : undefined,
    Architectures: architecturesOf({ options, all, debs, udebs }).join(" "),
    Components: flat ? undefined : componentsOf(options).join(" "),
    Description: `${origin} ${suite}`,
    ...fields,
  };
  const head = Object.entries(said).flatMap(([field, value]) => (value === undefined ? [] : [`${field}: ${value}\n`]));
  const sections = digests.map((kind) => {
    const lines = Array.from(listed, ([path, bytes]) => ` ${digest(bytes, kind)} ${String(bytes.length).padStart(8)} ${path}\n`);
    return `${kind}:\n${lines.join("")}`;
  });
  return [...head, ...sections].join("");
}

export const componentsOf = ({ components = ["main"] }: ArchiveOptions): readonly string[] => components;

/** As Release lists them. A stanza of another one would stand nowhere: that is a mistake in the test. */
function architecturesOf({ options, all, debs, udebs }: Pick<Plan, "options" | "all" | "debs" | "udebs">): readonly string[] {
  const architectures = [...(all === "folded" ? [] : ["all"]), ...(options.architectures ?? ["amd64"])];
  const lost = [...debs, ...udebs].find(({ architecture }) => architecture !== "all" && !architectures.includes(architecture));
  if (lost !== undefined) throw new Error(`Cannot place a stanza of "${lost.architecture}": the archive has ${architectures.join(", ")}`);
  return architectures;
}

const keysOf = ({ key = [] }: ArchiveOptions) => ("secret" in key ? [key] : key);

const joined = (stanzas: readonly MadeStanza[]): Buffer =>
  Buffer.concat(stanzas.flatMap(({ text }, position) => (position === 0 ? [text] : [Buffer.from("\n"), text])));

const digest = (bytes: Buffer, kind: Digest): string => createHash(kind.replace("Sum", "").toLowerCase()).update(bytes).digest("hex");
