/**
 * Contents: which package a file belongs to. `COMPONENT/Contents-ARCH`, `-all`, `-source` and `-udeb-ARCH`; older archives have one for all
 * components at the top of the suite.
 */
import { ALL, type Architecture, SOURCE } from "../archive/names.ts";
import type { ContentsInput } from "../contents/contents-input.ts";
import { problem } from "../errors.ts";
import {
  type FollowerFile,
  type FollowerInput,
  type FollowerKind,
  type FollowerOrder,
  MergeAgain,
  type MergedFile,
} from "./follower-kind.ts";

export const contents: FollowerKind = {
  name: "contents",
  acrossComponents: false,
  // As archives have it: an xz of 200 MB of text takes longer than all the rest of a run.
  codecs: () => ["gz"],
  unit: "line",
  files(component, { architectures, udebs, sources, listed }) {
    const file = (name: string, type: MergedFile["type"], architecture: Architecture): readonly FollowerFile[] => {
      const merged = { name, type, architecture };
      const path = [`${component}/${name}`, name].find((one) => listed.has(one));
      return path === undefined ? [] : [{ path, merged }];
    };
    return [
      ...architectures.flatMap((architecture) => file(`Contents-${architecture}`, "deb", architecture)),
      ...file("Contents-all", "deb", ALL),
      ...(udebs ? architectures.flatMap((architecture) => file(`Contents-udeb-${architecture}`, "udeb", architecture)) : []),
      ...(sources ? file("Contents-source", "source", SOURCE) : []),
    ];
  },
  async *merge(order) {
    const { inputs, unsorted } = order;
    // Loaded here: a run in which nothing changed has no use for it.
    const { ContentsUnsorted } = await import("../contents/contents-unsorted.ts");
    const { mergeContents } = await import("../contents/merge-contents.ts");
    try {
      yield* mergeContents(inputs.map((input, position) => contentsInput(input, order, !unsorted.has(position))));
    } catch (error) {
      if (!(error instanceof ContentsUnsorted)) throw error;
      unsorted.add(error.input);
      throw new MergeAgain();
    }
  },
};

function contentsInput({ chunks, where, rank }: FollowerInput, order: FollowerOrder, sorted: boolean): ContentsInput {
  return {
    chunks: chunks(),
    where,
    sorted,
    place: placeIn(order, rank),
    ended({ skipped, firstSkipped }) {
      if (firstSkipped === undefined) return;
      const text = `Left ${skipped} ${skipped === 1 ? "line" : "lines"} of ${where.file} of ${where.mirror}/${where.suite} out: of line ${firstSkipped.line}, the first, ${firstSkipped.because}`;
      order.tell(problem("warning", "ENTRIES_UNREADABLE", text, where));
    },
  };
}

/** What becomes of an item of a location list, such as `non-free/doc/foo`. */
function placeIn(
  { merged: { type, architecture }, component, winners }: FollowerOrder,
  rank: number,
): (item: string) => string | undefined {
  return (item) => {
    const slash = item.lastIndexOf("/");
    const name = item.slice(slash + 1);
    if (!winners.has(type, architecture, component, name, rank)) return undefined;
    const section = slash < 0 ? undefined : winners.sectionOf(type, architecture, component, name);
    if (section === undefined) return item;
    // The area, such as non-free, is written where the mirror wrote it.
    const area = item.slice(0, slash).split("/").slice(0, -1).join("/");
    return `${area === "" || section.includes("/") ? "" : `${area}/`}${section}/${name}`;
  };
}
