/** What the indices of a suite say of one thing, index by index, as far as somebody asks. */
import { sha256Of } from "../archive/digests.ts";
import type { Sha256 } from "../archive/names.ts";

export interface Parts<T> {
  /** @param read is called at most once, and only when all is asked for */
  add(digest: Sha256, read: () => Promise<T>): void;
  /** Of all that was added so far: no part is read for it. */
  digest(): Sha256;
  all(): Promise<readonly T[]>;
}

export function parts<T>(): Parts<T> {
  const added: { readonly digest: Sha256; read(): Promise<T> }[] = [];
  return {
    add(digest, read) {
      let known: Promise<T> | undefined;
      added.push({ digest, read: () => (known ??= read()) });
    },
    digest: () => sha256Of(JSON.stringify(added.map(({ digest }) => digest))),
    all: () => Promise.all(added.map((part) => part.read())),
  };
}
