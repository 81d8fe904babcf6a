/** What a run is asked for, and all that it may touch. */
import type { SuiteName } from "../archive/names.ts";
import type { OverrideFile } from "../override/override-files.ts";
import type { AptClient, Aside, Compressor, Debcheck, Downloader, Folder, Reporter, SignatureChecker, Signer } from "../ports.ts";
import type { Store } from "../state/store.ts";

export interface RunRequest {
  /** Names the run in STATE/runs. */
  readonly id: string;
  /** Only these suites; the others keep their last state. Undefined = all. */
  readonly suites: readonly SuiteName[] | undefined;
  /** Publish and sign nothing; the download store may be filled. */
  readonly dryRun: boolean;
  /** Stored bytes only. */
  readonly offline: boolean;
  /** Ignore every cache. */
  readonly full: boolean;
  /** Compress anew what updates have cut up, also where nothing changed. */
  readonly settle: boolean;
  readonly acceptShrink: boolean;
  readonly acceptReleaseChange: boolean;
  readonly acceptUninstallable: boolean;
  /** `MIRROR/SUITE` whose Release may be older than the last accepted one, this once. */
  readonly acceptOlder: ReadonlySet<string>;
}

/** Nothing is wished for. */
export const QUIET_REQUEST: Omit<RunRequest, "id"> = {
  suites: undefined,
  dryRun: false,
  offline: false,
  full: false,
  settle: false,
  acceptShrink: false,
  acceptReleaseChange: false,
  acceptUninstallable: false,
  acceptOlder: new Set(),
};

export interface World {
  readonly downloader: Downloader;
  readonly signatures: SignatureChecker;
  readonly signer: Signer;
  readonly compressor: Compressor;
  readonly aside: Aside;
  readonly debcheck: Debcheck;
  readonly apt: AptClient;
  readonly state: Folder;
  readonly output: Folder;
  readonly store: Store;
  readonly overrides: readonly OverrideFile[];
  readonly reporter: Reporter;
  /** One instant for the whole run. */
  readonly now: Date;
  /** Of aptmerge. */
  readonly version: string;
}
