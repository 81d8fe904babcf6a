/** The store and a mirror, as fetching its indices sees them. */
import type { Sha256 } from "../archive/names.ts";
import type { IndexWorld } from "../fetch/index-file.ts";
import { readPatched } from "../state/patched.ts";
import { verifyCompressed } from "../verify/index-bytes.ts";
import type { MirrorIntake } from "./take-in.ts";
import type { RunRequest, World } from "./world.ts";

export function indexWorld(intake: MirrorIntake, context: { readonly world: World; readonly request: RunRequest }): IndexWorld {
  const { mirror } = intake.taken.from;
  const where = { mirror: mirror.name, suite: intake.taken.from.suite };
  return {
    downloader: context.world.downloader,
    stored: (digest: Sha256) => context.world.store.get(digest),
    storedPieces: (digest: Sha256) => context.world.store.pieces(digest),
    patched: (digest: Sha256) => readPatched(context.world.state, digest),
    check: (bytes, entry) => verifyCompressed(bytes, entry, where, mirror.allowWeak),
    offline: context.request.offline || intake.cached,
  };
}
