/**
 * Makes config/demo/base, config/demo/overlay and their public keys anew; run by hand, with a network:
 *
 *     node test/support/make-demo-archives.ts
 *
 * The stanzas come from the bookworm that this machine's apt knows. The keys sign once and are thrown away.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Archive, archive, type Tree } from "./archive.ts";
import { type DebianSuite, debianSuite, fieldOf, sourceOf } from "./debian-cut.ts";
import { type Cut, fillOverlay, latin1 } from "./demo-overlay.ts";
import { newKey } from "./keys.ts";

const DEMO = join(import.meta.dirname, "../../config/demo");
const ARCHITECTURES = ["amd64", "arm64"];

const DEBS = `adduser anacron base-files bc cowsay cowsay-off cpp cron cron-daemon-common dash dc ed elogind figlet g++ gcc hello init
  init-system-helpers jq less libelogind0 libjq1 libpam-elogind libsigc++-2.0-0v5 libsystemd0 media-types nano nano-tiny netbase
  sl systemd-sysv sysvinit-core toilet tree unicode-data`.split(/\s+/);
const UDEBS = ["anna", "main-menu", "nano-udeb", "tzsetup-udeb"];

async function cut(debian: DebianSuite): Promise<Cut> {
  const pick = async (index: (architecture: string) => string, names: readonly string[]) => {
    const picked: string[] = [];
    for (const architecture of ARCHITECTURES) {
      for (const stanza of await debian.stanzas(index(architecture))) {
        if (names.includes(fieldOf(stanza, "Package") ?? "") && !picked.includes(stanza)) picked.push(stanza);
      }
    }
    return sorted(picked);
  };
  const debs = await pick((architecture) => `main/binary-${architecture}/Packages`, DEBS);
  const udebs = await pick((architecture) => `main/debian-installer/binary-${architecture}/Packages`, UDEBS);
  const needed = new Set([...debs, ...udebs].map((stanza) => sourceOf(stanza).name));
  const sources = (await debian.stanzas("main/source/Sources")).filter((stanza) => needed.has(fieldOf(stanza, "Package") ?? ""));
  return { debs, udebs, sources: sorted(sources) };
}

const sorted = (stanzas: readonly string[]): string[] =>
  stanzas
    .map((stanza) => ({ stanza, key: ["Package", "Architecture", "Version"].map((name) => fieldOf(stanza, name) ?? "").join(" ") }))
    .sort((left, right) => Buffer.compare(latin1(left.key), latin1(right.key)))
    .map(({ stanza }) => stanza);

function fillBase(empty: Archive, { debs, udebs, sources }: Cut): Archive {
  const withDebs = debs.reduce((filled, stanza) => filled.deb(latin1(stanza)), empty);
  const withUdebs = udebs.reduce((filled, stanza) => filled.udeb(latin1(stanza)), withDebs);
  return sources.reduce((filled, stanza) => filled.source(latin1(stanza)), withUdebs);
}

/** No package files: a demo of indices needs none. */
async function write(folder: string, tree: Tree): Promise<void> {
  await rm(join(DEMO, folder), { recursive: true, force: true });
  for (const [path, bytes] of tree) {
    if (!path.startsWith("dists/")) continue;
    await mkdir(join(DEMO, folder, dirname(path)), { recursive: true });
    await writeFile(join(DEMO, folder, path), bytes);
  }
}

const debian = await debianSuite("bookworm");
const stanzas = await cut(debian);
const [baseKey, overlayKey] = [await newKey({ userId: "Demo Base Archive" }), await newKey({ userId: "Demo Overlay Archive" })];

const base = archive({ suite: "demo-base", architectures: ARCHITECTURES, origin: "Demo Base", key: baseKey })
  .splitAll({ noSupport: true })
  .at("2026-11-20T12:00:00Z")
  .fields({ Version: debian.version, Description: `Some stanzas of Debian ${debian.version} (${debian.codename})` });
const overlay = archive({ suite: "demo-overlay", architectures: ARCHITECTURES, origin: "Demo Overlay", key: overlayKey })
  .splitAll()
  .at("2026-11-20T18:00:00Z")
  .fields({ Description: "A made-up derivative of Demo Base" });

await write("base", await fillBase(base, stanzas).build());
await write("overlay", await fillOverlay(overlay, stanzas).build());
await mkdir(join(DEMO, "keys"), { recursive: true });
await writeFile(join(DEMO, "keys/base.asc"), baseKey.publicArmored);
await writeFile(join(DEMO, "keys/overlay.asc"), overlayKey.publicArmored);

console.log(`Cut from ${debian.codename} ${debian.version} of ${debian.date}: ${stanzas.debs.length} debs, ${stanzas.udebs.length} udebs,
${stanzas.sources.length} sources. Not found: ${DEBS.filter((name) => !stanzas.debs.some((stanza) => fieldOf(stanza, "Package") === name)).join(" ") || "none"}`);
