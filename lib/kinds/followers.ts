/** The index kinds that follow the packages, in the order in which they are made. */
import { cnf } from "./cnf.ts";
import { contents } from "./contents.ts";
import { dep11 } from "./dep11.ts";
import type { FollowerKind } from "./follower-kind.ts";
import { translation } from "./translation.ts";

export const FOLLOWERS: readonly FollowerKind[] = [translation, contents, dep11, cnf];
