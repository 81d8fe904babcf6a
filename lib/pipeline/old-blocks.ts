/** The text of a published index, block by block, out of its compressed runs. */
import type { OldBlocks } from "../archive/block-changes.ts";
import { sha256Of } from "../archive/digests.ts";
import { spliceXz } from "../archive/xz-stream.ts";
import type { KnownRun } from "../compose/known-runs.ts";
import type { Codec, Compressor } from "../ports.ts";
import type { LastRuns } from "./last-generation.ts";
import type { World } from "./world.ts";

/** They are asked for in order: the run that the last one was in is kept. */
export function oldBlocks({ codec, known }: LastRuns, { compressor }: World): OldBlocks {
  const places = known.runs.flatMap((run) => {
    let start = 0;
    return run.blocks.map(({ raw, plainBytes }) => {
      const place = { run, raw, start, end: start + plainBytes };
      start = place.end;
      return place;
    });
  });
  let open: { readonly run: KnownRun; readonly text: Promise<Buffer | undefined> } | undefined;
  return {
    raw: places.map(({ raw }) => raw),
    async read(position) {
      const place = places[position];
      if (place === undefined) return undefined;
      if (open?.run !== place.run) open = { run: place.run, text: textOfRun(place.run, codec, compressor) };
      const text = (await open.text)?.subarray(place.start, place.end);
      // Where it lies was read from the cache, which may be damaged. A copy: a block must not hold its whole run.
      return text !== undefined && sha256Of(text) === place.raw ? Buffer.from(text) : undefined;
    },
  };
}

async function textOfRun(run: KnownRun, codec: Codec, compressor: Compressor): Promise<Buffer | undefined> {
  const bytes = await run.read();
  if (bytes === undefined) return undefined;
  if (codec === "gz") return compressor.inflatePiece(bytes, run.plainBytes);
  const outcome = await compressor.decompress(Buffer.concat(spliceXz([{ ...run, bytes }])), codec, run.plainBytes);
  return outcome.kind === "plain" ? outcome.bytes : undefined;
}
