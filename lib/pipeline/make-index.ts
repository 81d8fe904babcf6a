/** Writes one component of a decided index: overridden, composed, compressed, and compared with the last generation's. */
import type { Digests } from "../archive/digests.ts";
import type { Architecture, ComponentName, IndexPath } from "../archive/names.ts";
import { type CodecPlan, composeIndex, type Limit } from "../compose/compose-index.ts";
import type { BlockLayout } from "../compose/known-blocks.ts";
import { NO_KNOWN_BLOCKS } from "../compose/known-blocks.ts";
import { fieldText, type StanzaTable } from "../deb822/stanza-table.ts";
import { type NewStanza, type StanzaChange, walkDelta } from "../delta/stanza-delta.ts";
import { DIGEST, type IndexKind, VERSION } from "../kinds/index-kind.ts";
import type { Kept } from "../merge/candidate.ts";
import { sourceOf } from "../merge/needed-sources.ts";
import type { Codec } from "../ports.ts";
import type { PublishSettings, SuiteSettings } from "../settings.ts";
import { type LastSuite, lastBlocks, mirrorByPath } from "./last-generation.ts";
import type { TargetOverrides } from "./override-edits.ts";
import type { Target } from "./suite-targets.ts";
import type { RunRequest, World } from "./world.ts";

/** One index of the merged suite. */
export interface MadeIndex {
  readonly kind: IndexKind;
  readonly component: ComponentName;
  readonly architecture: Architecture;
  /** Below the suite, without compression. */
  readonly path: IndexPath;
  readonly stanzas: number;
  readonly plain: { readonly bytes: number; readonly digests: Digests };
  readonly files: readonly MadeFile[];
  readonly changes: readonly StanzaChange[];
  /** False when the bytes are those of the last generation. */
  readonly rebuilt: boolean;
}

/** A compressed form of an index; its bytes have been handed to the sink. */
export interface MadeFile {
  readonly codec: Codec;
  readonly bytes: number;
  readonly digests: Digests;
}

/** Takes composed files as they are made, so that only one index is held at a time. */
export type FileSink = (path: string, codec: Codec, bytes: Buffer, layout: BlockLayout) => Promise<void>;

export interface IndexOrder {
  readonly suite: SuiteSettings;
  readonly publish: PublishSettings;
  readonly last: LastSuite;
  readonly sink: FileSink;
  readonly limit: Limit;
}

export const indexPath = ({ kind, architecture }: Target, component: ComponentName): IndexPath =>
  `${kind.folder(component, architecture)}/${kind.fileName}` as IndexPath;

/** @param before the last generation's index; undefined when it had none */
export async function makeIndex(
  order: IndexOrder,
  target: Target,
  component: ComponentName,
  all: readonly Kept[],
  overrides: TargetOverrides,
  before: StanzaTable | undefined,
  world: World,
  request: RunRequest,
): Promise<{ index: MadeIndex; overridden: number }> {
  const { suite, publish, last } = order;
  const { kind, architecture } = target;
  const path = indexPath(target, component);
  const kept = all.filter((one) => one.input.component === component);
  const delta = walkDelta(before, mirrorByPath(last));
  const observe = (one: Kept, name: string, bytes: () => Buffer): void => delta.see(name, bytes, () => factsOf(one));
  const codecs: CodecPlan[] = [];
  for (const codec of ["gz", "xz"] as const) {
    const level = publish.compress[codec];
    if (level === undefined || request.dryRun) continue;
    codecs.push({ codec, level, known: request.full ? NO_KNOWN_BLOCKS : await lastBlocks(last, suite.name, path, codec, level, world) });
  }
  const label = `${suite.name} ${path}`;
  const progress = (done: number, total: number): void => world.reporter.event({ kind: "compress", label, done, total });
  const { compressor } = world;
  const composed = await composeIndex(
    { kind, kept, editsOf: overrides.editsOf, codecs, digests: publish.digests, observe },
    { compressor, limit: order.limit, progress },
  );
  for (const file of composed.files) await order.sink(path, file.codec, file.bytes, file.layout);
  const known = last.record?.indices.find((index) => index.path === path);
  const index: MadeIndex = {
    kind,
    component,
    architecture,
    path,
    stanzas: composed.stanzas,
    plain: composed.plain,
    files: composed.files.map(({ codec, bytes, digests }) => ({ codec, bytes: bytes.length, digests })),
    changes: delta.finish(),
    rebuilt: known?.sha256 !== composed.plain.digests.SHA256,
  };
  return { index, overridden: composed.overridden };
}

function factsOf(one: Kept): NewStanza {
  const text = (field: number): string => fieldText(one.input.table, one.stanza, field) ?? "";
  return { version: text(VERSION), digest: text(DIGEST), mirror: one.input.mirror, source: sourceOf(one).name };
}
