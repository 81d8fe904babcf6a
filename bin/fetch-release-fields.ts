/** Asks an archive for the verified Release of a suite, for `init --from-apt` on a machine whose apt has not fetched it. */
import type { FetchRelease } from "../config/from-apt/from-apt.ts";
import { MergeError, problemOf } from "../lib/errors.ts";
import { fetchRelease } from "../lib/fetch/release-files.ts";
import type { MirrorSuite } from "../lib/settings.ts";
import { verifyRelease } from "../lib/verify/release.ts";
import type { Cli } from "./cli.ts";

const TIMEOUT_MS = 15_000;

/** Answers undefined when the archive cannot be had or trusted; why is told as a warning. */
export function fetchReleaseFields(cli: Cli): FetchRelease {
  return async (archive, suite) => {
    const { openDownloader } = await import("./open-world.ts");
    const { OpenpgpChecker } = await import("../lib/io/openpgp-checker.ts");
    const limits = {
      pool: undefined,
      onFailure: "hold",
      pollMs: 0,
      timeoutMs: TIMEOUT_MS,
      retries: 1,
      maxIndexBytes: 0,
      maxStanzas: 0,
      privilege: "full",
      maxAgeMs: undefined,
    } as const;
    const from: MirrorSuite = { mirror: { ...archive, ...limits }, suite, rank: 0, components: new Map(), codename: undefined };
    const downloader = openDownloader(cli, cli.reporter);
    try {
      const fetched = await fetchRelease(from, downloader, undefined);
      if (fetched.kind !== "fetched") return undefined;
      // Only names are read from it here: the merge checks how old it may be.
      const ask = { mirror: { ...from.mirror, checkValidUntil: false }, suite, codename: undefined };
      const { release } = await verifyRelease(fetched.files, ask, undefined, { signatures: new OpenpgpChecker(), now: cli.now }, false);
      return release.release.fields;
    } catch (error) {
      if (!(error instanceof MergeError)) throw error;
      cli.tell({ ...problemOf(error), severity: "warning" });
      return undefined;
    } finally {
      await downloader.close();
    }
  };
}
