/** Composes one merged index: bytes in blocks, each block compressed once, the pieces joined, everything digested. */
import { crc32 } from "node:zlib";
import { type DigestName, type Digests, digester, digestsOf, sha256Of } from "../archive/digests.ts";
import type { Sha256 } from "../archive/names.ts";
import type { FieldEdit } from "../deb822/edit.ts";
import type { IndexKind } from "../kinds/index-kind.ts";
import type { Codec, Compressor } from "../ports.ts";
import { spliceGzip } from "./gzip-splice.ts";
import type { BlockLayout, BlockPlace, CompressedBlock, KnownBlocks } from "./known-blocks.ts";
import { type ComposedStanza, composeBlocks, type StanzaObserver } from "./stanzas.ts";
import { blockOf, spliceXz } from "./xz-splice.ts";

export interface CodecPlan {
  readonly codec: Codec;
  readonly level: number;
  readonly known: KnownBlocks;
}

export interface ComposeOrder<S extends ComposedStanza> {
  readonly kind: IndexKind;
  readonly kept: readonly S[];
  readonly edits: ReadonlyMap<string, readonly FieldEdit[]>;
  /** None for a dry run: then the index is digested and observed only. */
  readonly codecs: readonly CodecPlan[];
  readonly digests: readonly DigestName[];
  readonly observe: StanzaObserver<S>;
}

export interface ComposedFile {
  readonly codec: Codec;
  readonly bytes: Buffer;
  readonly digests: Digests;
  readonly layout: BlockLayout;
}

export interface ComposedIndex {
  readonly stanzas: number;
  readonly overridden: number;
  /** The uncompressed index: listed, not written. */
  readonly plain: { readonly bytes: number; readonly digests: Digests };
  readonly files: readonly ComposedFile[];
}

/** Runs `task` when there is room; shared by all indices of a run so that the machine's cores are shared too. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>;

interface World {
  readonly compressor: Compressor;
  readonly limit: Limit;
  /** Called with blocks finished and blocks begun. */
  progress(done: number, begun: number): void;
}

type Slot = CompressedBlock & { readonly raw: Sha256 };

export async function composeIndex<S extends ComposedStanza>(order: ComposeOrder<S>, world: World): Promise<ComposedIndex> {
  const { compressor, limit } = world;
  const plain = digester(order.digests);
  const slots = order.codecs.map((): Slot[] => []);
  const running = new Set<Promise<void>>();
  let [plainBytes, crc, stanzas, overridden, begun, done] = [0, 0, 0, 0, 0, 0];

  for (const block of composeBlocks(order.kind, order.kept, order.edits, order.observe)) {
    plain.update(block.bytes);
    crc = crc32(block.bytes, crc);
    plainBytes += block.bytes.length;
    stanzas += block.stanzas;
    overridden += block.overridden;
    const raw = sha256Of(block.bytes);
    const place = begun++;
    for (const [position, { codec, level, known }] of order.codecs.entries()) {
      const target = slots[position];
      const found = known.get(raw);
      if (target === undefined) continue;
      if (found !== undefined && found.plainBytes === block.bytes.length) {
        target[place] = { ...found, raw };
        continue;
      }
      const task = limit(() => compressor.compressBlock(block.bytes, codec, level)).then((bytes) => {
        target[place] = {
          raw,
          ...(codec === "xz" ? blockOf(bytes) : { bytes, plainBytes: block.bytes.length, unpaddedBytes: bytes.length }),
        };
        world.progress(++done, begun);
      });
      const settled = task.finally(() => running.delete(settled));
      settled.catch(() => {}); // the failure is thrown below, by Promise.all or race
      running.add(settled);
    }
    // Memory stays bounded by a few blocks for each core, whatever the size of the index.
    while (running.size >= compressor.parallel * 2) await Promise.race(running);
  }
  await Promise.all(running);

  return {
    stanzas,
    overridden,
    plain: { bytes: plainBytes, digests: plain.digests() },
    files: order.codecs.map(({ codec, level }, position) => joined(codec, level, slots[position] ?? [], crc, plainBytes, order.digests)),
  };
}

function joined(
  codec: Codec,
  level: number,
  slots: readonly Slot[],
  crc: number,
  plainBytes: number,
  names: readonly DigestName[],
): ComposedFile {
  const pieces =
    codec === "xz"
      ? spliceXz(slots)
      : spliceGzip(
          slots.map((slot) => slot.bytes),
          crc,
          plainBytes,
        );
  const bytes = Buffer.concat(pieces);
  const digests = digestsOf(bytes, names);
  const blocks: BlockPlace[] = [];
  let offset = pieces[0]?.length ?? 0;
  for (const slot of slots) {
    blocks.push({ raw: slot.raw, plainBytes: slot.plainBytes, offset, bytes: slot.bytes.length, unpaddedBytes: slot.unpaddedBytes });
    offset += slot.bytes.length;
  }
  return { codec, bytes, digests, layout: { schema: "aptmerge.blocks/1", codec, level, file: digests.SHA256, blocks } };
}
