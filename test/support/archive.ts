/**
 * An upstream archive in memory: what it carries is said in a few lines, its tree comes out signed and whole.
 *
 *     const main = archive({ suite: "stable", key }).deb({ Package: "hello", Version: "1.0", Architecture: "amd64" });
 *     const tree = await main.build();                       // dists/stable/InRelease, …, pool/main/h/hello/hello_1.0_amd64.deb
 *     const next = main.deb({ … }).at("2026-10-02");         // every call gives a new archive, `main` stays as it is
 */
import { isFlat, parseSuitePath, suiteFolder } from "../../lib/archive/names.ts";
import type { Compression } from "../../lib/ports.ts";
import { buildTree, componentsOf, type Plan } from "./archive-tree.ts";
import type { SignatureOptions, TestKey } from "./keys.ts";
import {
  type BinaryFields,
  binaryStanza,
  type MadeStanza,
  type PoolLayout,
  poolLayout,
  rawStanza,
  type StanzaFields,
  sourceStanza,
} from "./stanzas.ts";

/** Path below the archive's root to bytes. */
export type Tree = Map<string, Buffer>;
export type Digest = "MD5Sum" | "SHA1" | "SHA256" | "SHA512";

export interface ArchiveOptions {
  /** Path below dists; one that ends in a slash, such as `./`, makes a flat archive. */
  readonly suite: string;
  /** Default: the last part of the suite's path; a flat archive has none. */
  readonly codename?: string;
  /** Default: main. */
  readonly components?: readonly string[];
  /** Default: amd64. */
  readonly architectures?: readonly string[];
  readonly origin?: string;
  /** Signs, all of them into one block; without a key there is only Release. */
  readonly key?: TestKey | readonly TestKey[];
}

/** Where a stanza written by hand goes; its own Architecture decides when none is given. */
export interface Place {
  readonly component?: string;
  readonly architecture?: string;
}

/** Undefined removes the file. */
export type Tamper = (bytes: Buffer) => Buffer | string | undefined;

/** Before any test's `now`. */
const DEFAULT_DATE = new Date("2026-10-01T00:00:00Z");

export function archive(options: ArchiveOptions): Archive {
  return new Archive({
    options,
    debs: [],
    udebs: [],
    sources: [],
    indices: [],
    files: [],
    compressions: ["xz"],
    digests: ["SHA256"],
    date: DEFAULT_DATE,
    validUntil: null,
    byHash: false,
    all: "folded",
    fields: {},
    signing: {},
    edits: [],
  });
}

export class Archive {
  readonly #plan: Plan;
  readonly #tampers: readonly (readonly [path: string, change: Tamper])[];

  constructor(plan: Plan, tampers: readonly (readonly [path: string, change: Tamper])[] = []) {
    this.#plan = plan;
    this.#tampers = tampers;
  }

  #with(change: Partial<Plan>): Archive {
    return new Archive({ ...this.#plan, ...change }, this.#tampers);
  }

  /** Fields, or a stanza written by hand that is kept byte for byte. */
  deb(stanza: BinaryFields | string | Buffer, place: Place = {}): Archive {
    return this.debs([stanza], place);
  }

  debs(stanzas: Iterable<BinaryFields | string | Buffer>, place: Place = {}): Archive {
    return this.#with({ debs: [...this.#plan.debs, ...Array.from(stanzas, (stanza) => this.#binary(stanza, "deb", place))] });
  }

  /** As `deb`, in debian-installer. */
  udeb(stanza: BinaryFields | string | Buffer, place: Place = {}): Archive {
    return this.#with({ udebs: [...this.#plan.udebs, this.#binary(stanza, "udeb", place)] });
  }

  source(stanza: StanzaFields | string | Buffer, place: Pick<Place, "component"> = {}): Archive {
    const made = isRaw(stanza) ? rawStanza(stanza, this.#component(place), "source") : sourceStanza(stanza, this.#layout());
    return this.#with({ sources: [...this.#plan.sources, made] });
  }

  /** A further index such as `main/Contents-amd64`: listed, and compressed like the others. */
  index(path: string, bytes: string | Buffer): Archive {
    return this.#with({ indices: [...this.#plan.indices, [path, Buffer.from(bytes)]] });
  }

  /** A file below the suite as it is, such as `main/binary-amd64/Packages.diff/Index`; listed in Release unless told otherwise. */
  file(path: string, bytes: string | Buffer, { listed = true } = {}): Archive {
    return this.#with({ files: [...this.#plan.files, { path, bytes: Buffer.from(bytes), listed }] });
  }

  /** Forms in which every index is there; `plain` is always listed, but only there when named. */
  compressions(compressions: readonly Compression[]): Archive {
    return this.#with({ compressions });
  }

  /** Digest sections of Release, in this order. */
  digests(digests: readonly Digest[]): Archive {
    return this.#with({ digests });
  }

  /** Date of Release, also the time of its signature. */
  at(date: Date | string): Archive {
    return this.#with({ date: new Date(date) });
  }

  validUntil(date: Date | string | null): Archive {
    return this.#with({ validUntil: date === null ? null : new Date(date) });
  }

  byHash(): Archive {
    return this.#with({ byHash: true });
  }

  /** A flat archive: no dists, no components, indices beside Release. `folder` is below the archive's root. */
  flat(folder = ""): Archive {
    return this.#with({ options: { ...this.#plan.options, suite: `${folder === "" ? "." : folder}/` } });
  }

  /** `Architecture: all` in binary-all. With `noSupport` in each architecture as well, and Release says that binary-all is not needed. */
  splitAll({ noSupport = false } = {}): Archive {
    return this.#with({ all: noSupport ? "both" : "split" });
  }

  /** Fields of Release, over the usual ones; `undefined` leaves one out. */
  fields(fields: Readonly<Record<string, string | undefined>>): Archive {
    return this.#with({ fields: { ...this.#plan.fields, ...fields } });
  }

  /** Time, digest and kind of the signatures. */
  signing(signing: SignatureOptions): Archive {
    return this.#with({ signing: { ...this.#plan.signing, ...signing } });
  }

  /** Changes the text of Release before it is signed: a signed lie. */
  editRelease(edit: (release: string) => string): Archive {
    return this.#with({ edits: [...this.#plan.edits, edit] });
  }

  /** Changes a file of the finished tree: what a hostile mirror can do. */
  tamper(path: string, change: Tamper): Archive {
    return new Archive(this.#plan, [...this.#tampers, [path, change]]);
  }

  async build(): Promise<Tree> {
    const tree = await buildTree(this.#plan);
    return this.#tampers.reduce((changed, [path, change]) => tamper(changed, path, change), tree);
  }

  #binary(stanza: BinaryFields | string | Buffer, ending: "deb" | "udeb", place: Place): MadeStanza {
    if (isRaw(stanza)) return rawStanza(stanza, this.#component(place), place.architecture);
    const made = binaryStanza(stanza, ending, this.#layout());
    return { ...made, component: place.component ?? made.component, architecture: place.architecture ?? made.architecture };
  }

  #component(place: Place): string {
    return place.component ?? componentsOf(this.#plan.options)[0] ?? "main";
  }

  #layout(): PoolLayout {
    const suite = parseSuitePath(this.#plan.options.suite);
    if (!isFlat(suite)) return poolLayout;
    const folder = suiteFolder(suite);
    return (_component, _source, file) => `./${folder === "" ? file : `${folder}/${file}`}`;
  }
}

/** A new tree in which one file is changed. */
export function tamper(tree: Tree, path: string, change: Tamper): Tree {
  const before = tree.get(path);
  if (before === undefined) throw new Error(`Cannot change "${path}": the tree has no such file, it has ${[...tree.keys()].join(", ")}`);
  const after = change(before);
  const changed = new Map(tree);
  if (after === undefined) changed.delete(path);
  else changed.set(path, Buffer.from(after));
  return changed;
}

/** Several suites of one archive, or several archives that share a pool, as one tree. */
export function joinTrees(...trees: readonly Tree[]): Tree {
  const joined: Tree = new Map();
  for (const [path, bytes] of trees.flatMap((tree) => [...tree])) {
    const before = joined.get(path);
    if (before !== undefined && !before.equals(bytes)) throw new Error(`Cannot join trees: "${path}" differs between them`);
    joined.set(path, bytes);
  }
  return joined;
}

const isRaw = (stanza: StanzaFields | string | Buffer): stanza is string | Buffer => typeof stanza === "string" || Buffer.isBuffer(stanza);
