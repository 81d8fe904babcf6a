/** Files of the cache that carry their own digest: what is made of them is published, so damage must be the same as absence. */
import { sha256Of } from "../archive/digests.ts";

const DIGEST_BYTES = 64;

/** The digest in hexadecimal, a newline, the content. */
export const sealed = (content: Buffer): Buffer => Buffer.concat([Buffer.from(`${sha256Of(content)}\n`), content]);

/** The content; undefined when it is not what was sealed. */
export function unsealed(bytes: Buffer | undefined): Buffer | undefined {
  if (bytes === undefined || bytes.length <= DIGEST_BYTES) return undefined;
  const content = bytes.subarray(DIGEST_BYTES + 1);
  return sha256Of(content) === bytes.toString("latin1", 0, DIGEST_BYTES) ? content : undefined;
}
