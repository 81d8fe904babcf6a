/** A real apt client in a throw-away root: nothing of the machine's own apt is read or written. */
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ChildResult, run } from "./child.ts";

export interface AptRun {
  readonly rc: number;
  /** Standard output and error. */
  readonly output: string;
  /** Lines of warnings and errors. apt ends with 0 for many of them: a sound run has rc 0 and no complaint. */
  readonly complaints: readonly string[];
}

export interface Downloaded extends AptRun {
  /** Name to bytes. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/** What `apt-cache policy` says of one name. */
export interface AptPolicy {
  readonly candidate: string | undefined;
  /** In apt's order. */
  readonly versions: readonly { readonly version: string; readonly from: readonly string[] }[];
}

export interface IsolatedApt {
  readonly root: string;
  /** Replaces sources.list. `keyFile` can give `signed-by` a path that user _apt may read. */
  sources(...lines: readonly string[]): Promise<void>;
  keyFile(name: string, keys: Buffer | string): Promise<string>;
  /** More apt.conf, after what stands there. */
  configure(text: string): Promise<void>;
  preferences(text: string): Promise<void>;
  update(): Promise<AptRun>;
  policy(...packages: readonly string[]): Promise<ReadonlyMap<string, AptPolicy>>;
  /** The version that apt would install of every name that it knows; names of foreign architectures as `name:arch`. */
  candidates(): Promise<ReadonlyMap<string, string>>;
  /** `package` may be `name=version` or `name:arch`. */
  download(name: string): Promise<Downloaded>;
  downloadUris(name: string): Promise<readonly string[]>;
  downloadSource(name: string): Promise<Downloaded>;
  sourceUris(name: string): Promise<readonly string[]>;
  /** Names of the lists that the last update left. */
  listFiles(): Promise<readonly string[]>;
  /** Any apt program in this root. */
  run(program: "apt-get" | "apt-cache" | "apt-mark" | "apt-config", ...args: readonly string[]): Promise<AptRun>;
}

const FOLDERS = [
  "state/lists/partial",
  "cache/archives/partial",
  "etc/apt.conf.d",
  "etc/preferences.d",
  "etc/sources.list.d",
  "etc/trusted.gpg.d",
  "etc/keys",
  "log",
];
const LIMIT_MS = 300_000;

/** Makes the root in an existing empty folder. The first architecture is the native one. */
export async function isolatedApt(
  root: string,
  { architectures = ["amd64"] }: { readonly architectures?: readonly string[] } = {},
): Promise<IsolatedApt> {
  for (const folder of FOLDERS) await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, "status"), "");
  const [native = "amd64"] = architectures;
  // Dir::Etc must stand in this file: apt reads it before it looks for apt.conf.d.
  await writeFile(
    join(root, "apt.conf"),
    `Dir::State "${root}/state"; Dir::State::status "${root}/status"; Dir::Cache "${root}/cache"; Dir::Etc "${root}/etc"; Dir::Log "${root}/log";
APT::Architecture "${native}"; APT::Architectures { ${architectures.map((name) => `"${name}";`).join(" ")} }; APT::Sandbox::User "root";
Acquire::Languages "none"; Acquire::http::Proxy "DIRECT"; Acquire::https::Proxy "DIRECT"; Acquire::Retries "0"; Acquire::http::Timeout "10";
Debug::NoLocking "1"; APT::Get::List-Cleanup "true";
`,
  );
  const env = { APT_CONFIG: join(root, "apt.conf"), HOME: root };
  const call = (program: string, args: readonly string[], cwd = root) => run(program, args, { env, cwd, timeoutMs: LIMIT_MS });
  let downloads = 0;

  async function fetchInto(...args: readonly string[]): Promise<Downloaded> {
    const folder = join(root, `download-${++downloads}`);
    await mkdir(folder);
    const result = judged(await call("apt-get", args, folder));
    const names = await readdir(folder);
    const files = await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const));
    return { ...result, files: new Map(files) };
  }

  const uris = async (...args: readonly string[]) =>
    Array.from((await call("apt-get", args)).stdout.toString("utf8").matchAll(/^'([^']+)'/gm), ([, uri = ""]) => uri);

  return {
    root,
    sources: (...lines) => writeFile(join(root, "etc/sources.list"), `${lines.join("\n")}\n`),
    async keyFile(name, keys) {
      const path = join(root, "etc/keys", name);
      await writeFile(path, keys);
      await chmod(path, 0o644);
      return path;
    },
    configure: (text) => writeFile(join(root, "apt.conf"), text, { flag: "a" }),
    preferences: (text) => writeFile(join(root, "etc/preferences"), text),
    update: async () => judged(await call("apt-get", ["update"])),
    policy: async (...packages) => policiesOf((await call("apt-cache", ["policy", ...packages])).stdout.toString("utf8")),
    candidates: async () => candidatesOf((await call("apt-cache", ["dumpavail"])).stdout.toString("latin1"), native),
    download: (name) => fetchInto("download", name),
    downloadUris: (name) => uris("download", "--print-uris", name),
    downloadSource: (name) => fetchInto("source", "--download-only", name),
    sourceUris: (name) => uris("source", "--print-uris", name),
    listFiles: async () => (await readdir(join(root, "state/lists"))).filter((name) => name !== "partial" && name !== "auxfiles").sort(),
    run: async (program, ...args) => judged(await call(program, args)),
  };
}

function judged({ rc, stdout, stderr }: ChildResult): AptRun {
  const output = `${stdout.toString("utf8")}${stderr.toString("utf8")}`;
  return { rc, output, complaints: output.split("\n").filter((line) => /^(W:|E:|Err:)/.test(line)) };
}

/** dumpavail prints the candidate of every name. */
function candidatesOf(text: string, native: string): ReadonlyMap<string, string> {
  const candidates = new Map<string, string>();
  for (const stanza of text.split("\n\n")) {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(stanza)?.[1];
    const [name, version, architecture] = [field("Package"), field("Version"), field("Architecture")];
    if (name === undefined || version === undefined) continue;
    candidates.set(architecture === native || architecture === "all" ? name : `${name}:${architecture}`, version);
  }
  return candidates;
}

function policiesOf(text: string): ReadonlyMap<string, AptPolicy> {
  const policies = new Map<string, AptPolicy>();
  for (const [, name = "", body = ""] of text.matchAll(/^(\S+):\n((?: .*\n?)*)/gm)) {
    const candidate = /^ {2}Candidate: (.*)$/m.exec(body)?.[1];
    const versions: { version: string; from: string[] }[] = [];
    for (const line of body.split("\n")) {
      const version = /^ (?: {4}|\*\*\* ?)(\S+) -?\d+$/.exec(line)?.[1];
      const from = /^ {8,}-?\d+ (.*)$/.exec(line)?.[1];
      if (version !== undefined) versions.push({ version, from: [] });
      else if (from !== undefined) versions.at(-1)?.from.push(from);
    }
    policies.set(name, { candidate: candidate === "(none)" ? undefined : candidate, versions });
  }
  return policies;
}
