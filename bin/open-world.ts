/** Opens all that a run may touch: lock, folders, network, keys. The only place where lib/io meets the pipeline. */
import { createReadStream, existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { MergeError, MergeErrors, type Problem } from "../lib/errors.ts";
import { openFolder } from "../lib/io/disk-folder.ts";
import { createDownloader } from "../lib/io/downloader.ts";
import { acquireLock } from "../lib/io/lock.ts";
import { aptOnDemand, asideOnDemand, compressorOnDemand, debcheckOnDemand } from "../lib/io/on-demand.ts";
import { OpenpgpChecker } from "../lib/io/openpgp-checker.ts";
import { loadSigner } from "../lib/io/signer.ts";
import { isOverrideFile, type OverrideFile, readOverrides } from "../lib/override/override-files.ts";
import type { World } from "../lib/pipeline/world.ts";
import type { ProgressEvent, Reporter } from "../lib/ports.ts";
import type { Settings } from "../lib/settings.ts";
import { noteSkippedStart } from "../lib/state/skipped-starts.ts";
import { openStore } from "../lib/state/store.ts";
import type { Cli } from "./cli.ts";

/** Downloads at one time; mirrors ask not to be hammered. */
const PARALLEL_DOWNLOADS = 6;
/** All downloads of one run together. A whole Debian release has about 1 GB of indices. */
const MAX_TOTAL_BYTES = 20 * 1024 ** 3;
/** Largest override file that is read, uncompressed. */
const MAX_OVERRIDE_BYTES = 256 * 1024 * 1024;
/** Largest YAML file of them: some ten thousand rules. */
const MAX_YAML_BYTES = 4 * 1024 * 1024;

export interface OpenedWorld extends World {
  close(): Promise<void>;
}

export interface OpenOptions {
  /** For the lock. */
  readonly waitMs: number;
  /** Blocks compressed at one time; undefined = one per core. */
  readonly jobs: number | undefined;
  readonly reporter: Reporter;
}

/** @throws MergeError LOCKED, OUTPUT_UNUSABLE, SIGNING_KEY_UNUSABLE; MergeErrors OVERRIDE_MALFORMED */
export async function openWorld(cli: Cli, settings: Settings, options: OpenOptions): Promise<OpenedWorld> {
  const { waitMs, jobs, reporter } = options;
  const overrides = await loadOverrides(settings);
  const state = await openFolder(settings.state);
  const lock = await acquireLock(join(state.root, "lock"), waitMs).catch(async (error: unknown) => {
    // That the run is not counted is no reason to say anything else than why it did not begin.
    if (error instanceof MergeError && error.code === "LOCKED")
      await noteSkippedStart(state, runId(cli.now), cli.now).catch(() => undefined);
    throw error;
  });
  try {
    const output = await openFolder(settings.output);
    const signer = await loadSigner(settings.sign, cli.now);
    const downloader = openDownloader(cli, reporter);
    return {
      downloader,
      signatures: new OpenpgpChecker(),
      signer,
      compressor: compressorOnDemand(jobs),
      aside: asideOnDemand,
      debcheck: debcheckOnDemand,
      apt: aptOnDemand,
      state,
      output,
      store: openStore(state),
      overrides,
      reporter,
      now: cli.now,
      version: cli.version,
      async close() {
        await downloader.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** What is on disk and the lock: no network, no keys, no override files. @throws MergeError LOCKED, OUTPUT_UNUSABLE */
export async function openDiskWorld(
  cli: Cli,
  settings: Settings,
  waitMs: number,
): Promise<Pick<OpenedWorld, "state" | "output" | "store" | "now" | "close">> {
  const state = await openFolder(settings.state);
  const lock = await acquireLock(join(state.root, "lock"), waitMs);
  try {
    const output = await openFolder(settings.output);
    return { state, output, store: openStore(state), now: cli.now, close: () => lock.release() };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Nothing but what is stored: no lock, no network, no keys. @throws MergeError OUTPUT_UNUSABLE when there is no state yet */
export async function openReadingWorld(cli: Cli, settings: Settings): Promise<World> {
  const overrides = await loadOverrides(settings);
  const state = await openFolder(settings.state, { forReading: true });
  // Before the first publish there is no output: the state folder has no tree in it either.
  const output = existsSync(settings.output) ? await openFolder(settings.output, { forReading: true }) : state;
  const refuse = (): never => {
    throw new Error("A run that only reads wanted to fetch or to sign");
  };
  return {
    downloader: { download: async () => refuse() },
    signatures: new OpenpgpChecker(),
    signer: {
      fingerprints: [],
      publicKeys: Buffer.alloc(0),
      publicKeysBeside: async () => refuse(),
      problems: [],
      sign: async () => refuse(),
    },
    compressor: compressorOnDemand(),
    aside: asideOnDemand,
    debcheck: debcheckOnDemand,
    apt: aptOnDemand,
    state,
    output,
    store: openStore(state),
    overrides,
    reporter: cli.reporter,
    now: cli.now,
    version: cli.version,
  };
}

export function openDownloader(cli: Cli, reporter: Reporter): ReturnType<typeof createDownloader> {
  const { env, version, signal } = cli;
  return createDownloader({
    env,
    reporter,
    parallel: PARALLEL_DOWNLOADS,
    maxTotalBytes: MAX_TOTAL_BYTES,
    userAgent: `aptmerge/${version}`,
    signal,
  });
}

/**
 * Reads the override files, and all faults in them at once.
 *
 * @throws MergeErrors OVERRIDE_MALFORMED
 */
export async function loadOverrides(settings: Settings): Promise<readonly OverrideFile[]> {
  const { overrides: folder } = settings;
  if (folder === undefined) return [];
  const files: OverrideFile[] = [];
  const errors: MergeError[] = [];
  const names = await readdir(folder).catch((error: Error) => {
    throw new MergeError("OVERRIDE_MALFORMED", `Cannot read the overrides folder "${folder}": ${error.message}`, { file: folder });
  });
  for (const name of names.sort()) {
    if (!isOverrideFile(name)) continue;
    try {
      const isYaml = /\.ya?ml$/.test(name);
      const bytes = await readCapped(join(folder, name), isYaml ? MAX_YAML_BYTES : MAX_OVERRIDE_BYTES);
      if (isYaml) files.push(await readRules(name, bytes, errors));
      else files.push({ name, bytes: name.endsWith(".gz") ? await unzipped(bytes) : bytes });
    } catch (error) {
      const because = error instanceof Error ? error.message : String(error);
      errors.push(new MergeError("OVERRIDE_MALFORMED", `Cannot read "${join(folder, name)}": ${because}`, { file: name }));
    }
  }
  for (const suite of settings.suites) errors.push(...readOverrides(suite.name, suite.components, files).errors);
  if (errors.length > 0) throw new MergeErrors(errors);
  return files;
}

async function readCapped(path: string, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // One byte more than allowed tells whether there is more.
  for await (const chunk of createReadStream(path, { end: maxBytes })) {
    chunks.push(chunk);
    bytes += chunk.length;
  }
  if (bytes > maxBytes) throw new Error(`it has more than ${maxBytes} bytes, at most that many are read`);
  return Buffer.concat(chunks, bytes);
}

async function unzipped(bytes: Buffer): Promise<Buffer> {
  const { gunzipSync } = await import("node:zlib");
  return gunzipSync(bytes, { maxOutputLength: MAX_OVERRIDE_BYTES });
}

/** YAML and its schema are slow to load: only where there is such a file. */
async function readRules(name: string, bytes: Buffer, errors: MergeError[]): Promise<OverrideFile> {
  const text = bytes.toString("utf8");
  if (!Buffer.from(text, "utf8").equals(bytes)) {
    const { firstBroken } = await import("../config/load.ts");
    const fault = `${name}:${firstBroken(bytes)}: Cannot read the file: a byte is no UTF-8, it must be UTF-8`;
    errors.push(new MergeError("OVERRIDE_MALFORMED", fault, { file: name }));
    return { name, bytes, rules: [] };
  }
  const { readOverrideRules } = await import("../config/override-rules.ts");
  const { rules, errors: found } = readOverrideRules(text, name);
  errors.push(...found);
  return { name, bytes, rules };
}

/** `20261121T024300Z-1234`: sorts by time, and no two runs share it. */
export const runId = (now: Date): string => `${now.toISOString().slice(0, 19).replace(/[-:]/g, "")}Z-${process.pid}`;

/** Hands every event on and keeps the lines for the run's log. */
export function loggingReporter(reporter: Reporter): { readonly reporter: Reporter; readonly lines: string[] } {
  const lines: string[] = [];
  const line = (event: ProgressEvent): string | undefined => {
    switch (event.kind) {
      case "note":
        return event.text;
      case "downloaded":
        return `fetched ${event.label} (${event.bytes} bytes)`;
      case "problem":
        return problemLine(event.problem);
      default:
        return undefined;
    }
  };
  return {
    lines,
    reporter: {
      event(event) {
        const text = line(event);
        if (text !== undefined) lines.push(`${new Date().toISOString()} ${text}`);
        reporter.event(event);
      },
    },
  };
}

const problemLine = ({ severity, code, message }: Problem): string => `${severity} ${code}: ${message}`;
