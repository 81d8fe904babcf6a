/** Blocks of xz are edited in another thread: it takes 50 ms for each MiB, in which this one has other things to do. */
import type { editBlock } from "../lzma/edit-block.ts";
import type { AsideTask, EditedBlock, XzBlockEdit } from "../ports.ts";
import { aside } from "./aside.ts";

type Parameters_ = Parameters<typeof editBlock>[0];

const EDIT_BLOCK: AsideTask<Parameters_, ReturnType<typeof editBlock>> = {
  module: new URL("../lzma/edit-block.ts", import.meta.url).href,
  name: "editBlock",
  often: true,
};

export async function editXzBlockAside(edit: XzBlockEdit): Promise<EditedBlock | undefined> {
  const edited = await aside.run(EDIT_BLOCK, edit);
  if (edited === undefined) return undefined;
  const { bytes, unpaddedBytes } = edited;
  return { bytes: asBuffer(bytes), unpaddedBytes };
}

/** What crosses threads arrives as plain bytes. */
const asBuffer = ({ buffer, byteOffset, length }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, length);
