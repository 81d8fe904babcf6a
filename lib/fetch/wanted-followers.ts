/** Which files that follow the packages a merged suite needs of one mirror's suite. Pure. */
import { type IndexPath, isFlat, parseIndexPath } from "../archive/names.ts";
import type { TrustedRelease } from "../archive/trusted.ts";
import type { FollowerKind, FollowerWish, MergedFile } from "../kinds/follower-kind.ts";
import type { MirrorSuite } from "../settings.ts";
import { choicesOf, type WantedFile } from "./wanted.ts";

/** One upstream file that goes into a merged file of its kind. */
export interface WantedFollower extends WantedFile {
  readonly kind: FollowerKind;
  readonly merged: MergedFile;
}

const COMPRESSED = /\.(xz|gz|bz2|zst)$/;

/** A flat archive has none of them: its files have no component to stand in. */
export function wantedFollowers(
  release: TrustedRelease,
  from: MirrorSuite,
  kinds: readonly FollowerKind[],
  wish: Omit<FollowerWish, "listed">,
): readonly WantedFollower[] {
  if (isFlat(from.suite) || kinds.length === 0) return [];
  const { entries } = release.release;
  const listed = new Set([...entries.keys()].map((path) => path.replace(COMPRESSED, "")));
  return kinds.flatMap((kind) =>
    [...from.components].flatMap(([upstream, component]) =>
      kind.files(upstream, { ...wish, listed }).flatMap(({ path: text, merged }): readonly WantedFollower[] => {
        const path: IndexPath | undefined = parseIndexPath(text);
        const choices = path === undefined ? [] : choicesOf(release.release, path);
        if (path === undefined || choices.length === 0) return [];
        return [{ kind, component, path, choices, plain: entries.get(path), merged }];
      }),
    ),
  );
}
