/**
 * A whole aptmerge in a temporary folder: mirrors on loopback, a config on disk, real keys, real runs. What a test does not name is made up.
 *
 *     const world = await newWorld(t, { base: upstream().deb({ Package: "hello", Version: "1", Architecture: "amd64" }) });
 *     assert.equal((await world.run()).exit, 0);            // in process, at NOW
 *     const before = await world.tree();
 *     await world.publish("base", next);                    // a generation of a mirror is one assignment
 *     const { exit, errors } = await world.run({ now: "2026-10-03" });
 *     const { status, stderr } = await world.cli(["merge"]);  // the same as a child process, at the real time
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import type { Cli } from "../../bin/cli.ts";
import { openWorld } from "../../bin/open-world.ts";
import { type RunWishes, runMerge } from "../../bin/run-merge.ts";
import { loadSettings } from "../../config/load.ts";
import { CODES, MergeErrors, type Problem, problemOf } from "../../lib/errors.ts";
import { type RollbackWishes, rollBack } from "../../lib/pipeline/rollback.ts";
import type { World } from "../../lib/pipeline/world.ts";
import { run } from "../../lib/pipeline.ts";
import type { Report } from "../../lib/report/report.ts";
import type { Settings } from "../../lib/settings.ts";
import { type Archive, type ArchiveOptions, archive } from "./archive.ts";
import { type CliOptions, type CliResult, runCli } from "./cli-child.ts";
import { type FaultServer, serve } from "./fault-server.ts";
import { newKey } from "./keys.ts";
import { temporaryFolder } from "./temporary.ts";
import { type Snapshot, snapshot } from "./tree-snapshot.ts";

/** Signs the mirrors, unless a test says otherwise. */
export const ARCHIVE_KEY = await newKey({ userId: "Upstream Archive" });
/** Signs nothing that counts. */
export const FOREIGN_KEY = await newKey({ userId: "Somebody Else" });
const SIGNING_KEY = await newKey({ userId: "Merged Archive" });

/** Of in-process runs; a day after test archives are dated. */
export const NOW = "2026-10-02T00:00:00Z";

/** An hour before the tests run: for archives that children read, whose clock is the real one. */
export const RECENTLY = new Date(Math.floor(Date.now() / 1000) * 1000 - 3_600_000);

/** An archive with suite "stable", signed by the key that worlds trust. */
export const upstream = (options: Partial<ArchiveOptions> = {}): Archive => archive({ suite: "stable", key: ARCHIVE_KEY, ...options });

/** Fields of a binary package for amd64. */
export const deb = (name: string, version = "1.0"): { Package: string; Version: string; Architecture: string } => ({
  Package: name,
  Version: version,
  Architecture: "amd64",
});

export interface WorldOptions {
  /** Keys of the mirrors' config, by mirror. */
  readonly mirrors?: Readonly<Record<string, object>>;
  /** Merged suites; by default "merged" of every mirror's "stable", in their order. */
  readonly suites?: Readonly<Record<string, object>>;
  /** Further keys of the config, such as policy and publish. */
  readonly config?: object;
  /** Override files by name. */
  readonly overrides?: Readonly<Record<string, string>>;
}

export interface RunOptions extends RunWishes {
  readonly now?: string | Date;
}

export interface RollbackOptions extends Partial<RollbackWishes> {
  readonly now?: string | Date;
  /** Replaces parts of the world. */
  readonly change?: (world: World) => World;
}

export interface RunResult {
  readonly exit: number;
  /** Codes of the problems, in their order. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly problems: readonly Problem[];
  /** Undefined when the run could not begin. */
  readonly report: Report | undefined;
}

export interface TestWorld {
  readonly folder: string;
  readonly state: string;
  readonly output: string;
  readonly configFile: string;
  readonly signingKey: string;
  mirror(name: string): FaultServer;
  /** What the mirror serves from now on. */
  publish(name: string, archive: Archive): Promise<void>;
  /** Writes the config again. */
  configure(options: WorldOptions): Promise<void>;
  settings(): Promise<Settings>;
  run(options?: RunOptions): Promise<RunResult>;
  /** As `run`, with parts of the world replaced. */
  runIn(change: (world: World) => World, options?: RunOptions): Promise<RunResult>;
  rollBack(options?: RollbackOptions): Promise<RunResult>;
  cli(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** Every path below OUTPUT with kind, mode and digest or target. */
  tree(options?: { readonly inodes?: boolean }): Promise<Snapshot>;
  /** Text of a file below OUTPUT. */
  read(path: string): Promise<string>;
  readState(path: string): Promise<string>;
  /** `name version` of every stanza of a published index. */
  packages(suite?: string, folder?: string): Promise<readonly string[]>;
  /** The published index, decompressed. */
  index(suite?: string, folder?: string): Promise<string>;
  /** Text of any published index, such as `main/i18n/Translation-en`. */
  text(path: string, suite?: string): Promise<string>;
}

export async function newWorld(
  t: TestContext,
  archives: Readonly<Record<string, Archive>>,
  options: WorldOptions = {},
): Promise<TestWorld> {
  const folder = await temporaryFolder();
  const servers = new Map<string, FaultServer>();
  for (const [name, plan] of Object.entries(archives)) {
    const server = await serve(await plan.build());
    t.after(() => server.close());
    servers.set(name, server);
  }
  const at = (path: string): string => join(folder, path);
  const mirror = (name: string): FaultServer => {
    const server = servers.get(name);
    if (server === undefined) throw new Error(`No mirror is called "${name}"`);
    return server;
  };
  const configure = (changed: WorldOptions): Promise<void> => writeConfig(folder, servers, { ...options, ...changed });

  await writeFile(at("signing-key.asc"), SIGNING_KEY.secretArmored, { mode: 0o600 });
  for (const name of servers.keys()) await put(at(`keyrings/${name}.asc`), ARCHIVE_KEY.publicArmored);
  for (const [name, text] of Object.entries(options.overrides ?? {})) await put(at(`indices/${name}`), text);
  await configure({});

  const configFile = at("aptmerge.yaml");
  const settings = async (): Promise<Settings> => (await loadSettings(configFile, {})).settings;
  const text: TestWorld["text"] = async (path, suite = "merged") =>
    gunzipSync(await readFile(at(`output/dists/${suite}/${path}.gz`))).toString("latin1");
  const index: TestWorld["index"] = async (suite = "merged", path = "main/binary-amd64") => {
    const name = path.endsWith("source") ? "Sources" : "Packages";
    return text(`${path}/${name}`, suite);
  };
  return {
    folder,
    state: at("state"),
    output: at("output"),
    configFile,
    signingKey: at("signing-key.asc"),
    mirror,
    configure,
    settings,
    index,
    text,
    async publish(name, next) {
      mirror(name).tree = await next.build();
    },
    run: ({ now = NOW, ...wishes } = {}) => judged(async (cli) => runMerge(cli, await settings(), wishes), new Date(now)),
    runIn: (change, { now = NOW, suites: _, ...wishes } = {}) =>
      judged(async (cli) => {
        const wanted = await settings();
        const world = await openWorld(cli, wanted, { waitMs: 0, jobs: undefined, reporter: cli.reporter });
        try {
          return await run(wanted, { ...NO_WISHES, ...wishes }, change(world));
        } finally {
          await world.close();
        }
      }, new Date(now)),
    rollBack: ({ now = NOW, change = (world: World) => world, ...wishes } = {}) =>
      judged(async (cli) => {
        const wanted = await settings();
        const world = await openWorld(cli, { ...wanted, overrides: undefined }, { waitMs: 0, jobs: undefined, reporter: cli.reporter });
        try {
          await rollBack(wanted, { generation: undefined, dryRun: false, acceptReleaseChange: false, ...wishes }, change(world));
          return undefined;
        } finally {
          await world.close();
        }
      }, new Date(now)),
    cli: (args, more = {}) => runCli(["--config", configFile, ...args], { cwd: folder, ...more }),
    tree: ({ inodes = false } = {}) => snapshot(at("output"), inodes),
    read: (path) => readFile(at(`output/${path}`), "utf8"),
    readState: (path) => readFile(at(`state/${path}`), "utf8"),
    async packages(suite, path) {
      return (await index(suite, path))
        .split("\n\n")
        .filter((stanza) => stanza.trim() !== "")
        .map((stanza) => `${/^Package: (.*)$/m.exec(stanza)?.[1]} ${/^Version: (.*)$/m.exec(stanza)?.[1]}`);
    },
  };
}

const NO_WISHES = {
  id: "test",
  suites: undefined,
  dryRun: false,
  offline: false,
  full: false,
  acceptShrink: false,
  acceptReleaseChange: false,
  acceptUninstallable: false,
  settle: false,
  acceptOlder: new Set<string>(),
};

async function writeConfig(folder: string, servers: ReadonlyMap<string, FaultServer>, options: WorldOptions): Promise<void> {
  const names = [...servers.keys()];
  const mirrors = Object.fromEntries(
    names.map((name) => {
      const usual = {
        url: mirrorUrl(servers, name),
        "signed-by": `keyrings/${name}.asc`,
        pool: name.toUpperCase(),
        timeout: "2s",
        retries: 0,
      };
      return [name, { ...usual, ...options.mirrors?.[name] }];
    }),
  );
  const suite = { from: names.map((name) => `${name}/stable`), components: ["main"], architectures: ["amd64"] };
  const suites = Object.fromEntries(Object.entries(options.suites ?? { merged: {} }).map(([name, own]) => [name, { ...suite, ...own }]));
  const config = {
    state: "state",
    output: "output",
    sign: [{ key: "signing-key.asc" }],
    mirrors,
    suites,
    publish: { compress: { gz: 1 } },
    ...options.config,
  };
  // JSON is YAML.
  await writeFile(join(folder, "aptmerge.yaml"), JSON.stringify(config, null, 2));
}

const mirrorUrl = (servers: ReadonlyMap<string, FaultServer>, name: string): string => servers.get(name)?.url ?? "";

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode: 0o644 });
}

/** Ends a run as bin/main.ts does: what is thrown becomes problems and an exit status. */
async function judged(work: (cli: Cli) => Promise<Report | undefined>, now: Date): Promise<RunResult> {
  const told: Problem[] = [];
  const cli: Cli = {
    print: () => undefined,
    tell: (one) => told.push(one),
    reporter: { event: (event) => (event.kind === "problem" ? void told.push(event.problem) : undefined) },
    env: {},
    cwd: "/",
    now,
    version: "0.0.0-test",
    color: false,
    quiet: true,
    verbose: false,
    signal: new AbortController().signal,
    configPath: () => undefined,
    settings: () => Promise.reject(new Error("A test's settings are read by its world")),
    exit: () => undefined,
  };
  let report: Report | undefined;
  let thrown: readonly Problem[] = [];
  try {
    report = await work(cli);
  } catch (error) {
    thrown = (error instanceof MergeErrors ? error.errors : [error]).map(problemOf);
    // A bug must show its place, unless the test made it.
    if (thrown.some(({ code }) => code === "BUG") && !(error instanceof Killed)) throw error;
  }
  const problems = [...told, ...thrown];
  const codes = (severity: string): readonly string[] => problems.filter((one) => one.severity === severity).map(({ code }) => code);
  const [first] = thrown;
  const exit = report?.exitCode ?? (first === undefined ? 0 : CODES[first.code].exit);
  return { exit, errors: codes("error"), warnings: codes("warning"), problems, report };
}

/** Thrown by a test's world in the middle of a run, as if the process had been killed there. */
export class Killed extends Error {}
