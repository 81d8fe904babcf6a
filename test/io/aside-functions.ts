/** What aside.test.ts has done in another thread. */
import { MergeError } from "../../lib/errors.ts";
import type { OpenedTask } from "../../lib/ports.ts";

export const doubled = async (input: { readonly bytes: Uint8Array }) => ({ bytes: input.bytes.map((byte) => byte * 2) });
export const pooled = (text: string) => ({ bytes: Buffer.from(text) });
export const refusing = (input: string): never => {
  throw new MergeError("INDEX_TOO_LARGE", `Cannot do ${input}`, { suite: "one" });
};
export const broken = (input: string): never => {
  throw new TypeError(`a slip with ${input}`);
};
let calls = 0;
export const counted = () => ++calls;
export const doublyCounted = () => {
  calls += 2;
  return calls;
};
export const nested = () => ({ bytes: Uint8Array.of(1), inner: { numbers: Int32Array.of(2) } });
export const slow = (ms: number) => new Promise<number>((resolve) => setTimeout(resolve, ms, ms));
export const ending = (status: number): never => process.exit(status);
export const adding = async (first: number): Promise<OpenedTask<number, string, string>> => {
  const parts = [first];
  return {
    take(part) {
      if (part === 400) throw new MergeError("INDEX_TOO_LARGE", "Cannot add", {});
      if (part === 500) throw new TypeError(`a slip with ${part}`);
      if (part === 600) process.exit(6);
      parts.push(part);
    },
    answer: (question) => `${question} ${parts.join("+")}`,
  };
};
