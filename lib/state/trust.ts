/**
 * The last accepted Release of each mirror's suite: the floor below which no Release is accepted. The one thing in STATE that is no cache:
 * damage stops the suite, because a record that can be lost silently would disarm the protection against rollback.
 *
 *     STATE/trust/MIRROR/SUITE.json      a slash in SUITE is written %2F
 */
import { sha256Of } from "../archive/digests.ts";
import { type MirrorName, parseSha256, type Sha256, type SuitePath } from "../archive/names.ts";
import { MergeError } from "../errors.ts";
import type { Folder } from "../ports.ts";
import { otherSchema } from "./other-schema.ts";

export interface TrustRecord {
  readonly schema: "aptmerge.trust/1";
  readonly mirror: string;
  readonly suite: string;
  /** Date of the Release, ISO 8601 in UTC. */
  readonly date: string;
  /** Of the signed text. */
  readonly sha256: Sha256;
  readonly signedBy: readonly string[];
  /** URL that delivered it. */
  readonly url: string;
  /** Fields by which its users know the archive; a record of an older version has none. */
  readonly identity?: Readonly<Record<"Origin" | "Label" | "Codename" | "pin", string>>;
  /** Stored files to verify again: digest of InRelease, or of Release and Release.gpg. */
  readonly files: readonly Sha256[];
}

const SCHEMA = "aptmerge.trust/1";

const pathOf = (mirror: MirrorName, suite: SuitePath): string => `trust/${mirror}/${encodeURIComponent(suite)}.json`;

/** Undefined on a first run. @throws MergeError TRUST_DAMAGED */
export async function readTrust(state: Folder, mirror: MirrorName, suite: SuitePath): Promise<TrustRecord | undefined> {
  const path = pathOf(mirror, suite);
  const bytes = await state.read(path);
  if (bytes === undefined) return undefined;
  const damaged = (found: string): never => {
    const text = `Cannot use the trust record ${state.root}/${path}: ${found}, it must be as aptmerge wrote it`;
    throw new MergeError("TRUST_DAMAGED", text, { mirror, suite, file: `${state.root}/${path}` });
  };
  let value: Partial<TrustRecord> & { check?: unknown };
  try {
    value = JSON.parse(bytes.toString("utf8")) as typeof value;
  } catch {
    return damaged("it is not JSON");
  }
  const { check, ...record } = value ?? {};
  if (record.schema !== SCHEMA) return damaged(otherSchema(record.schema, SCHEMA));
  if (check !== checkOf(record)) return damaged("its own digest does not match");
  const sound =
    record.mirror === mirror &&
    record.suite === suite &&
    typeof record.date === "string" &&
    !Number.isNaN(Date.parse(record.date)) &&
    parseSha256(String(record.sha256)) !== undefined &&
    Array.isArray(record.files) &&
    record.files.every((file) => parseSha256(String(file)) !== undefined);
  return sound ? (record as TrustRecord) : damaged("it belongs to another mirror or lacks a field");
}

export async function writeTrust(
  state: Folder,
  mirror: MirrorName,
  suite: SuitePath,
  record: Omit<TrustRecord, "schema" | "mirror" | "suite">,
): Promise<void> {
  const whole = { schema: SCHEMA, mirror, suite, ...record };
  await state.writeDurably(pathOf(mirror, suite), Buffer.from(`${JSON.stringify({ ...whole, check: checkOf(whole) }, null, 2)}\n`));
}

/** All records that can be read, to know which stored bytes are still needed. */
export async function trustedFiles(state: Folder): Promise<ReadonlySet<Sha256>> {
  const files = new Set<Sha256>();
  for (const mirror of (await state.list("trust")) ?? []) {
    for (const { name } of (await state.list(`trust/${mirror.name}`)) ?? []) {
      const bytes = await state.read(`trust/${mirror.name}/${name}`);
      for (const match of bytes?.toString("latin1").matchAll(/[0-9a-f]{64}/g) ?? []) files.add(match[0] as Sha256);
    }
  }
  return files;
}

const checkOf = (record: object): Sha256 => sha256Of(JSON.stringify(record));
