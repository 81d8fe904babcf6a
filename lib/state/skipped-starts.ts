/** Starts that found another run at work and did nothing. One now and then is nothing; many in a row say that a run takes longer than the time between two. */
import { formatInstant } from "../archive/dates.ts";
import { MergeError, type Problem, problem, problemOf } from "../errors.ts";
import type { Folder } from "../ports.ts";

const FOLDER = "cache/skipped";
/** So many since the last run are worth a word. */
const MANY = 3;
/** A machine that is started every minute for a day. */
const MOST_NOTED = 1500;

/**
 * Written without the lock, so each start has a file of its own.
 *
 * @param id of the run that does not begin
 */
export async function noteSkippedStart(state: Folder, id: string, now: Date): Promise<void> {
  if (((await state.list(FOLDER)) ?? []).length >= MOST_NOTED) return;
  await state.writeDurably(`${FOLDER}/${id}`, Buffer.from(`${formatInstant(now)}\n`));
}

/** Reads and forgets them: for the run that has the lock. What another user has noted may not be ours to remove: told, because it stops nothing. */
export async function takeSkippedStarts(state: Pick<Folder, "list" | "read" | "remove">): Promise<readonly Problem[]> {
  try {
    return await take(state);
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    return [{ ...problemOf(error), severity: "warning" }];
  }
}

async function take(state: Pick<Folder, "list" | "read" | "remove">): Promise<readonly Problem[]> {
  const names = ((await state.list(FOLDER)) ?? []).filter(({ kind }) => kind === "file").map(({ name }) => name);
  if (names.length === 0) return [];
  const first = (await state.read(`${FOLDER}/${names[0]}`))?.toString("utf8", 0, 30).trim();
  await state.remove(FOLDER);
  if (names.length < MANY) return [];
  const text = `${names.length} starts since ${JSON.stringify(first)} found the run before still at work and did nothing`;
  return [problem("warning", "RUNS_SKIPPED", text)];
}
