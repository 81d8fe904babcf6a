/** What servers said of Releases, and when they were last asked. A cache: without it the next run asks unconditionally. */
import type { MirrorName, Sha256, SuitePath } from "../archive/names.ts";
import type { Folder, Validator } from "../ports.ts";

export interface LastCheck {
  readonly schema: "aptmerge.check/1";
  /** ISO 8601 in UTC. */
  readonly checked: string;
  /** Digest of the signed text that the validator stands for. */
  readonly sha256: Sha256;
  readonly validator?: Validator;
}

const pathOf = (mirror: MirrorName, suite: SuitePath): string => `cache/checks/${mirror}/${encodeURIComponent(suite)}.json`;

export async function readLastCheck(state: Folder, mirror: MirrorName, suite: SuitePath): Promise<LastCheck | undefined> {
  const bytes = await state.read(pathOf(mirror, suite));
  if (bytes === undefined) return undefined;
  try {
    const value = JSON.parse(bytes.toString("utf8")) as Partial<LastCheck>;
    const { validator } = value;
    const sound =
      value.schema === "aptmerge.check/1" && !Number.isNaN(Date.parse(String(value.checked))) && typeof value.sha256 === "string";
    const text = (field: unknown): boolean => field === undefined || (typeof field === "string" && !/[\x00-\x1f\x7f]/.test(field));
    const usable = validator === undefined || (typeof validator.url === "string" && text(validator.etag) && text(validator.lastModified));
    return sound && usable ? (value as LastCheck) : undefined;
  } catch {
    return undefined;
  }
}

export async function writeLastCheck(state: Folder, mirror: MirrorName, suite: SuitePath, check: Omit<LastCheck, "schema">): Promise<void> {
  await state.writeDurably(pathOf(mirror, suite), Buffer.from(JSON.stringify({ schema: "aptmerge.check/1", ...check })));
}
