/** Stanzas of the real Debian suite that this machine's apt knows, fetched, verified and picked by name. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { parseRelease } from "../../lib/archive/release.ts";
import { runWell } from "./child.ts";
import { dearmored, gpgv } from "./gpgv.ts";
import { type MachineSource, machineSources } from "./machine-sources.ts";

export interface DebianSuite {
  readonly codename: string;
  /** As its Release says them. */
  readonly version: string;
  readonly date: string;
  /** The stanzas of an index, each without a newline at its end, as latin1 so that every byte stays. */
  stanzas(index: string): Promise<readonly string[]>;
}

/** @throws Error when the machine has no such suite, or what is fetched is not what the suite's keys signed */
export async function debianSuite(codename: string): Promise<DebianSuite> {
  const source = (await machineSources()).find(({ suite, component }) => suite === codename && component === "main");
  if (source === undefined) throw new Error(`Cannot cut stanzas: apt on this machine knows no ${codename}/main`);
  const keyring = Buffer.concat(await Promise.all(source.keyrings.map(async (path) => dearmored(await readFile(path)))));
  const inRelease = await gpgv(keyring, await download(source, "InRelease"));
  if (inRelease.good.length === 0) throw new Error(`Cannot believe InRelease of ${codename}: gpgv says ${inRelease.status.join("; ")}`);
  const { fields, entries } = parseRelease(inRelease.text, { suite: codename });
  return {
    codename,
    version: fields.get("version") ?? "",
    date: fields.get("date") ?? "",
    async stanzas(index) {
      const listed = [...entries.values()].find(({ path }) => path === `${index}.xz`);
      const bytes = await download(source, `${index}.xz`);
      if (createHash("sha256").update(bytes).digest("hex") !== listed?.sha256)
        throw new Error(`Cannot believe ${index}.xz: its digest is not the signed one`);
      const plain = await runWell("xz", ["--decompress", "--stdout"], { input: bytes });
      return plain.toString("latin1").trimEnd().split(/\n\n+/);
    },
  };
}

async function download(source: MachineSource, path: string): Promise<Buffer> {
  const answer = await fetch(`${source.baseUri}/dists/${source.suite}/${path}`, { signal: AbortSignal.timeout(120_000) });
  if (!answer.ok) throw new Error(`Cannot fetch ${path} of ${source.suite}: status ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

/** Value of a field, continuation lines included. */
export function fieldOf(stanza: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*(.*(?:\\n[ \\t].*)*)`, "mi").exec(stanza)?.[1];
}

/** With the field's value changed where it stands, or added at the end; `undefined` takes it out. */
export function withField(stanza: string, name: string, value: string | undefined): string {
  const line = new RegExp(`^${name}:.*(?:\\n[ \\t].*)*\\n?`, "mi");
  const written = value === undefined ? "" : `${name}:${value.startsWith("\n") ? "" : " "}${value}\n`;
  const ended = `${stanza}\n`;
  return (line.test(ended) ? ended.replace(line, () => written) : `${ended}${written}`).trimEnd();
}

/** Name and version of the source that a binary stanza was built from. */
export function sourceOf(stanza: string): { readonly name: string; readonly version: string } {
  const [, name, version] = /^(\S+)(?: \((\S+)\))?/.exec(fieldOf(stanza, "Source") ?? fieldOf(stanza, "Package") ?? "") ?? [];
  return { name: name ?? "", version: version ?? fieldOf(stanza, "Version") ?? "" };
}
