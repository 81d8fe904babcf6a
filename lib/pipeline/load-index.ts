/** Opens a stored index: decompressed, verified against its Release, scanned. */
import type { TrustedIndex } from "../archive/trusted.ts";
import { scanStanzas } from "../deb822/stanza-table.ts";
import { MergeError } from "../errors.ts";
import { obtainIndex } from "../fetch/index-file.ts";
import type { WantedIndex } from "../fetch/wanted.ts";
import type { IndexInput } from "../merge/candidate.ts";
import type { SuiteSettings } from "../settings.ts";
import { verifyIndex } from "../verify/index-bytes.ts";
import type { Target } from "./suite-targets.ts";
import { indexWorld, type MirrorIntake } from "./take-in.ts";
import type { RunRequest, World } from "./world.ts";

/** @throws MergeError INDEX_MISMATCH, INDEX_MALFORMED, INDEX_TOO_LARGE */
async function loadIndex(intake: MirrorIntake, wanted: WantedIndex, world: World, request: RunRequest): Promise<TrustedIndex> {
  const { release, from, base } = intake.taken;
  const held = intake.held.get(wanted.path);
  const obtained = held ?? (await obtainIndex(wanted, release, from.mirror, base, indexWorld(intake, { world, request })));
  const { compression, entry } = obtained.choice;
  const where = { mirror: release.mirror, suite: release.suite, file: entry.path };
  const cap = wanted.plain?.bytes ?? from.mirror.maxIndexBytes;
  if (cap > from.mirror.maxIndexBytes) {
    const text = `Cannot use ${entry.path} of ${release.mirror}/${release.suite}: it says it has ${cap} bytes, max-index-size is ${from.mirror.maxIndexBytes}`;
    throw new MergeError("INDEX_TOO_LARGE", text, where);
  }
  const outcome = await world.compressor.decompress(obtained.bytes, compression, cap);
  switch (outcome.kind) {
    case "plain":
      return verifyIndex(
        { path: wanted.path, plain: outcome.bytes, compressed: { path: entry.path, bytes: obtained.bytes } },
        release,
        from.mirror.allowWeak,
      );
    case "too-long": {
      const limit = wanted.plain === undefined ? "max-index-size" : "the size that its Release lists";
      const code = wanted.plain === undefined ? "INDEX_TOO_LARGE" : "INDEX_MISMATCH";
      throw new MergeError(
        code,
        `Cannot use ${entry.path} of ${release.mirror}/${release.suite}: it holds more than ${cap} bytes, ${limit}`,
        where,
      );
    }
    case "damaged":
      throw new MergeError(
        "INDEX_MALFORMED",
        `Cannot decompress ${entry.path} of ${release.mirror}/${release.suite}: ${outcome.because}, it must be a whole ${compression} file`,
        where,
      );
    default:
      return outcome satisfies never;
  }
}

/**
 * All inputs of one merged index, in order of rank, then component, then as listed.
 *
 * @param fields whose places are noted, in lower case; those of the kind come first
 */
export async function loadInputs(
  suite: SuiteSettings,
  intakes: readonly MirrorIntake[],
  { kind, architecture }: Target,
  fields: readonly string[],
  world: World,
  request: RunRequest,
): Promise<readonly IndexInput[]> {
  const loads = intakes.flatMap((intake) =>
    intake.wanted
      .filter((wanted) => wanted.kind === kind && wanted.architecture === architecture)
      .map(async (wanted): Promise<IndexInput> => {
        const { from } = intake.taken;
        const index = await loadIndex(intake, wanted, world, request);
        const where = { mirror: from.mirror.name, suite: from.suite, file: wanted.path };
        return {
          mirror: from.mirror.name,
          suite: from.suite,
          rank: from.rank,
          componentOrder: suite.components.indexOf(wanted.component),
          component: wanted.component,
          pool: from.mirror.pool,
          weakAllowed: from.mirror.allowWeak,
          mixed: wanted.mixed,
          limited: from.mirror.privilege === "limited",
          table: scanStanzas(index.bytes, fields, where),
        };
      }),
  );
  const outcomes = await Promise.allSettled(loads);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  const inputs = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  return inputs.sort((left, right) => left.rank - right.rank || left.componentOrder - right.componentOrder);
}
