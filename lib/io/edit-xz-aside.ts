/** Blocks of xz are edited in another thread: it takes 50 ms for each MiB, in which this one has other things to do. */
import type { AsideTask, EditedBlock, XzBlockEdit } from "../ports.ts";
import { aside } from "./aside.ts";

const EDIT_BLOCK: AsideTask<XzBlockEdit, EditedBlock | undefined> = {
  module: new URL("../lzma/edit-block.ts", import.meta.url).href,
  name: "editBlock",
  often: true,
};

export async function editXzBlockAside({ text, ...edit }: XzBlockEdit): Promise<EditedBlock | undefined> {
  // A copy that changes hands: of a part, the whole room would be copied.
  const own = Buffer.allocUnsafeSlow(text.length);
  text.copy(own);
  // Where the machine has no room for a thread, or one ends, the block is compressed anew.
  const edited = await aside.run(EDIT_BLOCK, { ...edit, text: own }, [own.buffer]).catch(() => undefined);
  if (edited === undefined) return undefined;
  // What crosses threads arrives as plain bytes.
  const { buffer, byteOffset, length } = edited.bytes;
  return { ...edited, bytes: Buffer.from(buffer, byteOffset, length) };
}
