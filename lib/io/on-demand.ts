/** Parts of the world that a run which finds nothing to do does without: each is loaded when it is first asked for something. */
import { availableParallelism } from "node:os";
import type { AptClient, Aside, Compressor, Debcheck } from "../ports.ts";

/** @param parallel children at one time; by default one per core */
export function compressorOnDemand(parallel: number = availableParallelism()): Compressor {
  let loading: Promise<Compressor> | undefined;
  const load = (): Promise<Compressor> => {
    loading ??= import("./compressor.ts").then(({ createCompressor }) => createCompressor(undefined, parallel));
    return loading;
  };
  return {
    parallel,
    decompress: async (...args) => (await load()).decompress(...args),
    async *decompressing(...args) {
      return yield* (await load()).decompressing(...args);
    },
    compressBlock: async (...args) => (await load()).compressBlock(...args),
    editXzBlock: async (...args) => (await load()).editXzBlock(...args),
    inflatePiece: async (...args) => (await load()).inflatePiece(...args),
  };
}

let aside: Aside | undefined;
const loadAside = async (): Promise<Aside> => {
  ({ aside } = await import("./aside.ts"));
  return aside;
};

export const asideOnDemand: Aside = {
  // Without a detour once it is loaded: what the caller does next may keep this thread busy.
  run: (...args) => (aside === undefined ? loadAside().then((loaded) => loaded.run(...args)) : aside.run(...args)),
  open: async (...args) => (await loadAside()).open(...args),
};

export const debcheckOnDemand: Debcheck = {
  uninstallable: async (...args) => (await import("./dose-debcheck.ts")).createDebcheck().uninstallable(...args),
};

export const aptOnDemand: AptClient = {
  update: async (...args) => (await import("./apt-update.ts")).aptClient.update(...args),
};
