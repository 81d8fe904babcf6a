/** The real archives that this machine's own apt uses, read at run time: no test names a mirror. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./child.ts";

/** One index of packages that the machine's apt reads. */
export interface MachineSource {
  /** Without a slash at the end. */
  readonly baseUri: string;
  /** As the sources name it, such as `bookworm-security`. */
  readonly suite: string;
  readonly codename: string;
  readonly component: string;
  readonly architecture: string;
  /** Keyring files that apt trusts for it. */
  readonly keyrings: readonly string[];
}

const ETC = "/etc/apt";
const FIELDS = ["REPO_URI", "RELEASE", "CODENAME", "COMPONENT", "ARCHITECTURE", "SOURCESENTRY"];

/** Empty where there is no apt, or it has no http archive. */
export async function machineSources(): Promise<readonly MachineSource[]> {
  const format = FIELDS.map((field) => `$(${field})`).join("\t");
  const result = await run("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]).catch(() => undefined);
  const sources: MachineSource[] = [];
  for (const line of result?.stdout.toString("utf8").split("\n") ?? []) {
    const [uri = "", suite = "", codename = "", component = "", architecture = "", entry = ""] = line.split("\t");
    // What a flat archive lacks stays unreplaced.
    if (!/^https?:/.test(uri) || component.startsWith("$(")) continue;
    sources.push({ baseUri: uri.replace(/\/+$/, ""), suite, codename, component, architecture, keyrings: await keyringsOf(entry) });
  }
  return sources;
}

/** Whether its InRelease can be had in time. */
export async function reachable(source: MachineSource, limitMs = 5000): Promise<boolean> {
  try {
    const answer = await fetch(`${source.baseUri}/dists/${source.suite}/InRelease`, {
      method: "HEAD",
      signal: AbortSignal.timeout(limitMs),
    });
    return answer.ok;
  } catch {
    return false;
  }
}

/** `FILE:N`: the Nth stanza of a .sources file, the Nth line of a list. Without usable Signed-By apt trusts all of trusted.gpg.d. */
async function keyringsOf(entry: string): Promise<readonly string[]> {
  const [, file = "", count = "1"] = /^(.*):(\d+)$/.exec(entry) ?? [];
  const text = await readFile(file, "utf8").catch(() => "");
  const part = (file.endsWith(".sources") ? text.split(/\n(?:[ \t]*\n)+/) : text.split("\n"))[Number(count) - 1] ?? "";
  const named = /^Signed-By:[ \t]*(.*)$/im.exec(part)?.[1] ?? /\[[^\]]*\bsigned-by=([^\s\]]+)/i.exec(part)?.[1] ?? "";
  const paths = named.split(/[\s,]+/).filter((path) => path.startsWith("/"));
  if (paths.length > 0) return paths;
  const shared = await readdir(join(ETC, "trusted.gpg.d")).catch(() => []);
  return shared.filter((name) => /\.(gpg|asc)$/.test(name)).map((name) => join(ETC, "trusted.gpg.d", name));
}
