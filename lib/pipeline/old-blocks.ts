/** The text of a published index, block by block, out of its compressed runs. */
import type { OldBlocks } from "../archive/block-changes.ts";
import { sha256Of } from "../archive/digests.ts";
import type { Sha256 } from "../archive/names.ts";
import { spliceXz } from "../archive/xz-stream.ts";
import type { KnownRun } from "../compose/known-runs.ts";
import type { Compressor } from "../ports.ts";
import type { LastRuns } from "./last-generation.ts";
import type { World } from "./world.ts";

/** Text of a block by its digest; undefined when it cannot be had. */
type BlockReader = (raw: Sha256) => Promise<Buffer | undefined>;

/** @param forms compressed forms of the same text; what cannot be had from the first is taken from the next */
export function oldBlocks(forms: readonly LastRuns[], { compressor }: World): OldBlocks {
  const readers = forms.map((form) => blocksIn(form, compressor));
  const raw = (forms[0]?.known.runs ?? []).flatMap((run) => run.blocks.map((block) => block.raw));
  return {
    raw,
    async read(position) {
      const wanted = raw[position];
      if (wanted === undefined) return undefined;
      for (const read of readers) {
        const text = await read(wanted);
        if (text !== undefined) return text;
      }
      return undefined;
    },
  };
}

/** They are asked for in order: the run that the last one was in is kept. */
function blocksIn({ codec, known }: LastRuns, compressor: Compressor): BlockReader {
  const places = new Map(
    known.runs.flatMap((run) => {
      let start = 0;
      return run.blocks.map(({ raw, plainBytes }) => {
        const place = { run, start, end: start + plainBytes };
        start = place.end;
        return [raw, place] as const;
      });
    }),
  );
  let open: { readonly run: KnownRun; readonly text: Promise<Buffer | undefined> } | undefined;
  return async (raw) => {
    const place = places.get(raw);
    if (place === undefined) return undefined;
    if (open?.run !== place.run) open = { run: place.run, text: textOfRun(place.run, codec, compressor) };
    const text = (await open.text)?.subarray(place.start, place.end);
    // Where it lies was read from the cache, which may be damaged. A copy: a block must not hold its whole run.
    return text !== undefined && sha256Of(text) === raw ? Buffer.from(text) : undefined;
  };
}

async function textOfRun(run: KnownRun, codec: LastRuns["codec"], compressor: Compressor): Promise<Buffer | undefined> {
  const bytes = await run.read();
  if (bytes === undefined) return undefined;
  if (codec === "gz") return compressor.inflatePiece(bytes, run.plainBytes);
  const outcome = await compressor.decompress(Buffer.concat(spliceXz([{ ...run, bytes }])), codec, run.plainBytes);
  return outcome.kind === "plain" ? outcome.bytes : undefined;
}
