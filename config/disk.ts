/** What a config says is compared with what is on the disk: few questions, of which note can be taken. */
import { realpathSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** What is asked of the disk while a config is read. */
export interface Disk {
  isFolder(path: string): Promise<boolean>;
  /** Without symlinks, as far as there is something. */
  realPath(path: string): string;
}

/** One question to the disk, and what it said. */
export interface Answer {
  readonly question: keyof Disk;
  readonly path: string;
  readonly answer: string | boolean;
}

export const DISK: Disk = { isFolder, realPath };

/** A disk that takes note of what it is asked. */
export function noting(disk: Disk): { readonly disk: Disk; readonly answers: readonly Answer[] } {
  const answers: Answer[] = [];
  return {
    answers,
    disk: {
      async isFolder(path) {
        const answer = await disk.isFolder(path);
        answers.push({ question: "isFolder", path, answer });
        return answer;
      },
      realPath(path) {
        const answer = disk.realPath(path);
        answers.push({ question: "realPath", path, answer });
        return answer;
      },
    },
  };
}

/** A part that is not there yet, or whose links lead nowhere, stays as it is written: making it fails, or makes it there. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Not there, or not to be seen: both mean that nobody counts on it.
    return false;
  }
}
