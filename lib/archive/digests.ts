/** Digests of whole files, as a Release lists them. */
import { createHash, hash } from "node:crypto";
import type { Sha256 } from "./names.ts";

export type DigestName = "SHA256" | "SHA512" | "MD5Sum";

export const DIGEST_ALGORITHMS = { SHA256: "sha256", SHA512: "sha512", MD5Sum: "md5" } as const satisfies Record<DigestName, string>;

/** Digest name to lower-case hexadecimal; SHA256 is always there. */
export type Digests = Partial<Record<DigestName, string>> & { readonly SHA256: Sha256 };

export function sha256Of(bytes: Uint8Array | string): Sha256 {
  return hash("sha256", bytes) as Sha256;
}

/** Several digests of bytes that come in pieces. */
export function digester(names: readonly DigestName[]): { update(bytes: Uint8Array): void; digests(): Digests } {
  const sha256 = createHash("sha256");
  const others = names.filter((name) => name !== "SHA256").map((name) => ({ name, digest: createHash(DIGEST_ALGORITHMS[name]) }));
  return {
    update(bytes) {
      sha256.update(bytes);
      for (const { digest } of others) digest.update(bytes);
    },
    digests() {
      const found: Partial<Record<DigestName, string>> = {};
      for (const { name, digest } of others) found[name] = digest.digest("hex");
      return { ...found, SHA256: sha256.digest("hex") as Sha256 };
    },
  };
}

export function digestsOf(bytes: Uint8Array, names: readonly DigestName[]): Digests {
  const all = digester(names);
  all.update(bytes);
  return all.digests();
}
