/** Stanzas for test archives: a test names the fields that it is about, the rest is made up, the same way each time. */
import { createHash } from "node:crypto";

/**
 * Fields over the made-up ones. One that is `undefined` is left out; a stanza without Package, Version or Architecture is written by hand.
 * `component` and `content` are not fields: where the stanza belongs, and the bytes of its pool file.
 */
export interface StanzaFields {
  readonly Package: string;
  readonly Version: string;
  readonly component?: string;
  /** Made of name, version and architecture unless given: two archives then have the same file, as mirrors of one archive do. */
  readonly content?: string | Buffer;
  readonly [field: string]: string | Buffer | undefined;
}

export interface BinaryFields extends StanzaFields {
  readonly Architecture: string;
}

/** One stanza, ready to stand in an index. */
export interface MadeStanza {
  /** Ends in one newline. */
  readonly text: Buffer;
  readonly component: string;
  readonly architecture: string;
  /** Files below the archive's root that the stanza names. */
  readonly pool: ReadonlyMap<string, Buffer>;
}

/** Where files of the pool stand, given component, source and file name. */
export type PoolLayout = (component: string, source: string, file: string) => string;

const digestOf = (bytes: Buffer, kind: string): string => createHash(kind).update(bytes).digest("hex");
const withoutEpoch = (version: string): string => version.replace(/^\d+:/, "");

export const poolLayout: PoolLayout = (component, source, file) => {
  const letter = source.startsWith("lib") ? source.slice(0, 4) : source.slice(0, 1);
  return `pool/${component}/${letter}/${source}/${file}`;
};

function format(fields: Readonly<Record<string, string | Buffer | undefined>>): Buffer {
  const written = Object.entries(fields).flatMap(([name, value]): (string | Buffer)[] => {
    if (value === undefined) return [];
    // A value that starts on the next line leaves no blank behind the colon.
    return [value.toString().startsWith("\n") ? `${name}:` : `${name}: `, value, "\n"];
  });
  return Buffer.concat(written.map(bytesOf));
}

const bytesOf = (value: string | Buffer): Buffer => (typeof value === "string" ? Buffer.from(value) : value);

/** A binary package: `ending` is deb or udeb. */
export function binaryStanza(given: BinaryFields, ending: "deb" | "udeb", layout: PoolLayout): MadeStanza {
  const { component = "main", content, Package, Version, Architecture, ...fields } = given;
  const source = String(given.Source ?? Package).replace(/ .*/, "");
  const bytes = bytesOf(content ?? `${ending} of ${Package} ${Version} ${Architecture}\n`);
  const path = layout(component, source, `${Package}_${withoutEpoch(Version)}_${Architecture}.${ending}`);
  const text = format({
    Package,
    Source: undefined,
    Version,
    "Installed-Size": "8",
    Maintainer: "Test Archive <test@archive.example>",
    Architecture,
    Description: `${Package} of a test archive`,
    Section: component === "main" ? "misc" : `${component}/misc`,
    Priority: "optional",
    Filename: path,
    Size: String(bytes.length),
    SHA256: digestOf(bytes, "sha256"),
    ...fields,
  });
  return { text, component, architecture: Architecture, pool: new Map([[path, bytes]]) };
}

/** A source package of format 1.0: a .dsc and one tarball. */
export function sourceStanza(given: StanzaFields, layout: PoolLayout): MadeStanza {
  const { component = "main", content, Package, Version, ...fields } = given;
  const stem = `${Package}_${withoutEpoch(Version)}`;
  const tarball = bytesOf(content ?? `sources of ${Package} ${Version}\n`);
  const dsc = Buffer.from(`Format: 1.0\nSource: ${Package}\nVersion: ${Version}\n`);
  const files = [
    [`${stem}.dsc`, dsc],
    [`${stem}.tar.gz`, tarball],
  ] as const;
  const list = (kind: string) => files.map(([name, bytes]) => `\n ${digestOf(bytes, kind)} ${bytes.length} ${name}`).join("");
  const directory = layout(component, Package, "").replace(/\/$/, "");
  const text = format({
    Package,
    Binary: Package,
    Version,
    Maintainer: "Test Archive <test@archive.example>",
    Architecture: "any",
    Format: "1.0",
    Files: list("md5"),
    "Checksums-Sha256": list("sha256"),
    "Package-List": `\n ${Package} deb misc optional arch=any`,
    Directory: directory,
    Priority: "optional",
    Section: component === "main" ? "misc" : `${component}/misc`,
    ...fields,
  });
  const pool = new Map(files.map(([name, bytes]) => [directory === "." ? name : `${directory}/${name}`, bytes]));
  return { text, component, architecture: "source", pool };
}

/** A stanza written by hand, kept byte for byte. Component and architecture are where it goes, whatever it says itself. */
export function rawStanza(text: string | Buffer, component: string, architecture: string | undefined): MadeStanza {
  const bytes = bytesOf(text);
  const said = /^Architecture:[ \t]*(\S+)/im.exec(bytes.toString("latin1"))?.[1];
  const ended = bytes.at(-1) === 0x0a ? bytes : Buffer.concat([bytes, Buffer.from("\n")]);
  return { text: ended, component, architecture: architecture ?? said ?? "amd64", pool: new Map() };
}
