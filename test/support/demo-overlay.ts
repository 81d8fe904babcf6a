/**
 * What the demo's derivative carries: forks of a few Debian packages, and packages of its own. No package files stand behind it: the
 * digests of what it changed are made up, the same way each time.
 */
import { createHash } from "node:crypto";
import type { Archive } from "./archive.ts";
import { fieldOf, withField } from "./debian-cut.ts";

const MAINTAINER = "Demo Overlay Team <team@overlay.example>";

/** Source name to the version that the overlay gives it. */
const FORKS: Readonly<Record<string, string>> = {
  "base-files": "12.4+demo1",
  cowsay: "3.03+dfsg2-8+demo1",
  elogind: "246.10-1debian1+demo1",
  // Older than Debian's: what wins is the archive's place, not the version.
  hello: "2.10-2+demo1",
  // Without nano-tiny, which goes on coming from the base, and needs its source.
  nano: "7.2-1+demo1",
};
/** What a fork's source says when it builds something else than Debian's does. */
const BUILDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cowsay: { Binary: "cowsay", Architecture: "any", "Package-List": "\n cowsay deb games optional arch=any" },
  nano: {
    Binary: "nano, nano-udeb",
    "Package-List": "\n nano deb editors important arch=any\n nano-udeb udeb debian-installer standard arch=any profile=!noudeb",
  },
};
const FORKED = ["base-files", "cowsay", "elogind", "libelogind0", "libpam-elogind", "hello", "nano", "nano-udeb"];

export interface Cut {
  readonly debs: readonly string[];
  readonly udebs: readonly string[];
  readonly sources: readonly string[];
}

/** Adds forks of the base's stanzas, then the overlay's own packages: an order that no archive sorts by, as some real ones have it. */
export function fillOverlay(empty: Archive, base: Cut): Archive {
  let filled = empty;
  for (const stanza of base.debs.filter(isForked)) {
    for (const fork of forksOf(stanza)) filled = filled.deb(latin1(fork));
  }
  for (const stanza of base.udebs.filter(isForked)) filled = filled.udeb(latin1(forked(stanza)));
  for (const stanza of base.sources) {
    if (FORKS[fieldOf(stanza, "Package") ?? ""] !== undefined) filled = filled.source(latin1(forkedSource(stanza)));
  }
  return ownPackages(filled);
}

function ownPackages(archive: Archive): Archive {
  const common = { Maintainer: MAINTAINER, Section: "misc" };
  let filled = archive
    .deb({
      ...common,
      Package: "demo-archive-keyring",
      Version: "2026.11",
      Architecture: "all",
      Description: "OpenPGP keys of the demo overlay",
    })
    .source({
      ...common,
      Package: "demo-archive-keyring",
      Version: "2026.11",
      Architecture: "all",
      ...list("demo-archive-keyring", "misc", "all"),
    })
    // Architecture: all at first, then built for each architecture.
    .deb({
      ...common,
      Package: "demo-tools",
      Version: "1.0-1",
      Architecture: "all",
      Depends: "hello",
      Description: "tools of the demo overlay",
    })
    .source({ ...common, Package: "demo-tools", Version: "1.0-1", Architecture: "all", ...list("demo-tools", "misc", "all") })
    .source({ ...common, Package: "demo-tools", Version: "1.1-1" });
  for (const Version of ["0.9-1", "1.0-1"]) {
    filled = filled.source({ ...common, Package: "libdemo++", Version, Binary: "libdemo++1", ...list("libdemo++1", "libs", "any") });
  }
  for (const Architecture of ["amd64", "arm64"]) {
    const library = {
      ...common,
      Section: "libs",
      Package: "libdemo++1",
      Architecture,
      Depends: "libc6 (>= 2.34)",
      Description: "library of the demo overlay",
    };
    filled = filled
      .deb({
        ...common,
        Package: "demo-tools",
        Version: "1.1-1",
        Architecture,
        Depends: "libdemo++1 (>= 1.0)",
        Description: "tools of the demo overlay",
      })
      // Two versions of one name in one index, the newer one rebuilt without a new source.
      .deb({ ...library, Version: "0.9-1", Source: "libdemo++" })
      .deb({ ...library, Version: "1.0-1+b1", Source: "libdemo++ (1.0-1)" });
  }
  return filled;
}

const list = (name: string, section: string, architecture: string) => ({
  "Package-List": `\n ${name} deb ${section} optional arch=${architecture}`,
});

const isForked = (stanza: string): boolean => FORKED.includes(fieldOf(stanza, "Package") ?? "");

/** The overlay builds cowsay for each architecture, though Debian has it for all. */
function forksOf(stanza: string): readonly string[] {
  if (fieldOf(stanza, "Package") !== "cowsay") return [forked(stanza)];
  return ["amd64", "arm64"].map((architecture) => forked(withField(stanza, "Architecture", architecture)));
}

function forked(stanza: string): string {
  const field = (name: string) => fieldOf(stanza, name) ?? "";
  const source = (field("Source") || field("Package")).replace(/ .*/, "");
  const version = FORKS[source] ?? "";
  const ending = field("Filename").endsWith(".udeb") ? "udeb" : "deb";
  const folder = field("Filename").replace(/\/[^/]*$/, "");
  const path = `${folder}/${field("Package")}_${version}_${field("Architecture")}.${ending}`;
  const relations = ["Depends", "Conflicts", "Breaks"].filter((name) => field(name) !== "");
  // Exact versions between binaries of one source follow the fork.
  const inner = relations.reduce(
    (text, name) => withField(text, name, field(name).replaceAll(`(= ${field("Version")})`, `(= ${version})`)),
    stanza,
  );
  return change(inner, {
    Version: version,
    Maintainer: MAINTAINER,
    Source: source === field("Package") ? undefined : source,
    MD5sum: undefined,
    Filename: path,
    SHA256: madeUp(path, "sha256"),
  });
}

function forkedSource(stanza: string): string {
  const field = (name: string) => fieldOf(stanza, name) ?? "";
  const version = FORKS[field("Package")] ?? "";
  const rename = (kind: string) => (list: string) =>
    list.replace(/^ (\S+) (\d+) (\S+)$/gm, (line, _digest: string, bytes: string, name: string) => {
      const next = name.replace(`_${field("Version")}.`, `_${version}.`);
      return next === name ? line : ` ${madeUp(next, kind)} ${bytes} ${next}`;
    });
  return change(stanza, {
    Version: version,
    Maintainer: MAINTAINER,
    Uploaders: undefined,
    ...(BUILDS[field("Package")] ?? {}),
    Files: rename("md5")(field("Files")),
    "Checksums-Sha256": rename("sha256")(field("Checksums-Sha256")),
  });
}

const madeUp = (path: string, kind: string): string => createHash(kind).update(`demo overlay: ${path}`).digest("hex");

/** Takes out what has no value, and leaves alone fields that were not there and get none. */
function change(stanza: string, fields: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(fields).reduce((text, [name, value]) => withField(text, name, value), stanza);
}

export const latin1 = (text: string): Buffer => Buffer.from(text, "latin1");
