/** What the indices of a suite say of one thing, index by index, as far as somebody asks. */
import { sha256Of } from "../archive/digests.ts";
import type { Sha256 } from "../archive/names.ts";

export interface Parts<T> {
  /** @param read is called only when all is asked for */
  add(digest: Sha256, read: () => Promise<T>): void;
  /** Of all that was added so far: no part is read for it. */
  digest(): Sha256;
  /** One after the other, because each may be large. */
  all(): AsyncGenerator<T>;
}

export function parts<T>(): Parts<T> {
  const added: { readonly digest: Sha256; read(): Promise<T> }[] = [];
  return {
    add: (digest, read) => void added.push({ digest, read }),
    digest: () => sha256Of(JSON.stringify(added.map(({ digest }) => digest))),
    async *all() {
      for (const part of added) yield await part.read();
    },
  };
}
