/** The index kinds that follow the packages, in the order in which they are made. */
import { contents } from "./contents.ts";
import type { FollowerKind } from "./follower-kind.ts";
import { translation } from "./translation.ts";

export const FOLLOWERS: readonly FollowerKind[] = [translation, contents];
