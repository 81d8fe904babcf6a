/**
 * Blocks of xz are edited in other threads: it takes 50 ms for each MiB, in which this one has other things to do. One thread reads old blocks, another
 * one writes new ones: each has half of the code to become fast at.
 */
import pLimit from "p-limit";
import { ownCopy } from "../archive/give-back.ts";
import type { AsideTask, EditedBlock, XzBlockEdit } from "../ports.ts";
import { aside } from "./aside.ts";
import { buffersOf } from "./transferable.ts";

const MODULE = new URL("../lzma/edit-block.ts", import.meta.url).href;
/** What one thread leaves for the other is no business of ours. */
type Draft = Readonly<Record<string, unknown>>;
const DRAFT_BLOCK: AsideTask<XzBlockEdit, Draft | undefined> = { module: MODULE, name: "draftBlock", often: true };
const WRITE_BLOCK: AsideTask<Draft, EditedBlock | undefined> = { module: MODULE, name: "writeBlock", often: true };
const IS_READ_AS: AsideTask<{ readonly block: Buffer; readonly text: Buffer }, boolean> = { module: MODULE, name: "isReadAs", often: true };

/** Blocks that wait to be edited, about 1 MiB each: for fewer, more threads take longer to begin and to become fast than they save. */
const MANY_EDITS = 12;

interface XzEditor {
  /** @returns a block that nobody has read yet; undefined when the old one is of no use for it */
  edit(edit: XzBlockEdit): Promise<EditedBlock | undefined>;
  /** Whether an edited block is read as its text. */
  isReadAs(block: EditedBlock, text: Buffer): Promise<boolean>;
}

/** @param parallel cores; up to two of them one thread of each kind is enough, beyond that there are as many threads as cores when much waits */
export function xzEditor(parallel: number): XzEditor {
  const [reading, writing] = [pLimit(1), pLimit(1)];
  // One that is read, one that is written, and one between them: what waits there takes three times its text.
  const editing = pLimit(3);
  return {
    edit({ block, plainBytes, text }) {
      if (editing.pendingCount >= MANY_EDITS && parallel > 2) {
        for (const limit of [reading, writing]) limit.concurrency = Math.ceil(parallel / 2);
        editing.concurrency = parallel + 1;
      }
      return editing(async () => {
        // To change hands: of a part, the whole room would be copied.
        const own = { block: ownCopy(block), plainBytes, text: ownCopy(text) };
        // Where the machine has no room for a thread, or one ends, the block is compressed anew.
        const draft = await reading(() => aside.run(DRAFT_BLOCK, own, buffersOf(own)).catch(() => undefined));
        if (draft === undefined) return undefined;
        const edited = await writing(() => aside.run(WRITE_BLOCK, draft, buffersOf(draft)).catch(() => undefined));
        if (edited === undefined) return undefined;
        // What crosses threads arrives as plain bytes.
        const { buffer, byteOffset, length } = edited.bytes;
        return { ...edited, bytes: Buffer.from(buffer, byteOffset, length) };
      });
    },
    isReadAs({ bytes }, text) {
      const own = { block: ownCopy(bytes), text: ownCopy(text) };
      return reading(() => aside.run(IS_READ_AS, own, buffersOf(own)).catch(() => false));
    },
  };
}
