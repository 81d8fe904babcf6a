/** Makes or checks the root of a folder before a run relies on it. */
import { accessSync, constants, realpathSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { MergeError } from "../errors.ts";
import { diskFailure, wrongKind } from "./disk-errors.ts";
import { makeFolder, syncFolder } from "./disk-file.ts";
import { kindOf } from "./disk-path.ts";

/**
 * @param root absolute; a symlink to a folder is followed here, and only here
 * @throws MergeError OUTPUT_UNUSABLE
 */
export async function prepareRoot(root: string, mode: number, forReading: boolean): Promise<void> {
  const stats = statOf(root);
  if (stats === undefined && forReading) {
    throw new MergeError("OUTPUT_UNUSABLE", `Cannot open "${root}": there is no such folder, it must exist`, { file: root });
  }
  if (stats === undefined) await makeRoot(root, mode);
  else if (!stats.isDirectory()) throw wrongKind("open", root, kindOf(stats), "a folder", "OUTPUT_UNUSABLE");
  try {
    // Looks at permissions, read-only file systems and immutable folders, and leaves the folder's time of change alone.
    accessSync(root, forReading ? constants.R_OK | constants.X_OK : constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (thrown) {
    throw diskFailure(forReading ? "read" : "write into", root, thrown, "OUTPUT_UNUSABLE");
  }
}

function statOf(absolute: string): Stats | undefined {
  try {
    return statSync(absolute, { throwIfNoEntry: false });
  } catch (thrown) {
    throw diskFailure("open", absolute, thrown, "OUTPUT_UNUSABLE");
  }
}

/** With the folders above that lack; those get the usual mode. */
async function makeRoot(root: string, mode: number): Promise<void> {
  const missing: string[] = [];
  for (let folder = root; statOf(folder) === undefined; folder = dirname(folder)) missing.push(folder);
  for (const folder of missing.reverse()) {
    try {
      makeFolder(folder, folder === root ? mode : undefined);
      // Above the root links are the operator's: /srv may well be one.
      await syncFolder(realpathSync(dirname(folder)));
    } catch (thrown) {
      if (thrown instanceof MergeError) throw new MergeError("OUTPUT_UNUSABLE", thrown.message, thrown.where, { cause: thrown });
      throw thrown;
    }
  }
}
