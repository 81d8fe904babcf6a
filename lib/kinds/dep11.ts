/**
 * dep11: what software centres show. `COMPONENT/dep11/Components-ARCH.yml` holds a document for each software component, `icons-SIZE.tar` the icons,
 * named `PACKAGE_ICON.png`.
 */

import type { Catalog, CatalogEntry } from "../appstream/catalog.ts";
import type { Block } from "../archive/block.ts";
import { blocksOf, type NamedText } from "../archive/block.ts";
import { ALL } from "../archive/names.ts";
import { problem } from "../errors.ts";
import type { FollowerFile, FollowerKind, FollowerOrder } from "./follower-kind.ts";

/** About 75 kB of documents, and as much of icons. */
const DOCUMENTS_PER_BLOCK = 8;
const ICONS_PER_BLOCK = 16;
const ICONS = /^icons-\d{1,4}x\d{1,4}(?:@\d)?\.tar$/;
const ICON_NAME = /^([A-Za-z0-9][A-Za-z0-9+.-]*)_[^/\0]{1,200}$/;

export const dep11: FollowerKind = {
  name: "dep11",
  acrossComponents: false,
  // Icons are compressed already.
  codecs: ({ name }) => (name.endsWith(".tar") ? ["gz"] : undefined),
  unit: undefined,
  files(component, { architectures, listed }) {
    const folder = `${component}/dep11/`;
    const catalogs = architectures.map((architecture) => [`Components-${architecture}.yml`, architecture] as const);
    const icons = [...listed]
      .filter((path) => path.startsWith(folder) && ICONS.test(path.slice(folder.length)))
      .map((path) => [path.slice(folder.length), ALL] as const);
    return [...catalogs.filter(([file]) => listed.has(`${folder}${file}`)), ...icons].map(([file, architecture]): FollowerFile => {
      return { path: `${folder}${file}`, merged: { name: `dep11/${file}`, type: "deb", architecture } };
    });
  },
  async *merge(order): AsyncGenerator<Block> {
    if (order.merged.name.endsWith(".tar")) yield* blocksOf(await iconsOf(order), ICONS_PER_BLOCK);
    else yield* blocksOf(await documentsOf(order), DOCUMENTS_PER_BLOCK);
  },
};

/** Sorted by package and ID: upstream's order changes with every run of its generator. */
async function documentsOf({ inputs, winners, suite, component, merged, tell }: FollowerOrder): Promise<readonly NamedText[]> {
  // A reader of YAML: loaded when there is something to read.
  const { formatHeader, readCatalog, withFullMedia } = await import("../appstream/catalog.ts");
  const catalogs: { readonly catalog: Catalog; readonly rank: number; readonly where: (typeof inputs)[number]["where"] }[] = [];
  for (const { whole, where, rank } of inputs) catalogs.push({ catalog: readCatalog(await whole(), where), rank, where });
  const headers = catalogs.map(({ catalog }) => catalog.header);
  const base = headers.find(({ mediaBaseUrl }) => mediaBaseUrl !== undefined)?.mediaBaseUrl;
  const entries = new Map<string, NamedText>();
  for (const { catalog, rank, where } of catalogs) {
    let unreadable = catalog.unreadable;
    const own = catalog.header.mediaBaseUrl;
    const stays = (entry: CatalogEntry): boolean =>
      entry.package === undefined || winners.has("deb", merged.architecture, component, entry.package, rank);
    for (const entry of catalog.entries) {
      const key = `${entry.package ?? ""} ${entry.id}`;
      if (entries.has(key) || !stays(entry)) continue;
      const bytes = own === undefined || own === base ? entry.bytes : withFullMedia(entry.bytes, own);
      if (bytes === undefined) unreadable++;
      else entries.set(key, { name: entry.package ?? entry.id, bytes });
    }
    if (unreadable > 0) {
      const text = `Left ${unreadable} ${unreadable === 1 ? "document" : "documents"} of ${where.file} of ${where.mirror}/${where.suite} out: their ID, Package or media cannot be read`;
      tell(problem("warning", "ENTRIES_UNREADABLE", text, where));
    }
  }
  const latest = (values: readonly (string | undefined)[]): string | undefined =>
    values
      .filter((value) => value !== undefined)
      .sort()
      .at(-1);
  const header = {
    version: latest(headers.map(({ version }) => version)),
    mediaBaseUrl: base,
    priority: headers.find(({ priority }) => priority !== undefined)?.priority,
    time: latest(headers.map(({ time }) => time)),
  };
  const sorted = [...entries].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, entry]) => entry);
  return [{ name: "", bytes: formatHeader(`${suite}-${component}`.replaceAll("/", "-"), header) }, ...sorted];
}

async function iconsOf({ inputs, winners, component }: FollowerOrder): Promise<readonly NamedText[]> {
  const { readTar, TAR_END, tarEntry } = await import("../appstream/tar.ts");
  const icons = new Map<string, NamedText>();
  for (const { whole, where, rank } of inputs) {
    for (const file of readTar(await whole(), where)) {
      const owner = ICON_NAME.exec(file.name)?.[1];
      if (owner === undefined || icons.has(file.name) || !winners.has("deb", ALL, component, owner, rank)) continue;
      icons.set(file.name, { name: file.name, bytes: tarEntry(file) });
    }
  }
  const sorted = [...icons].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, icon]) => icon);
  return [...sorted, { name: "~", bytes: TAR_END }];
}
