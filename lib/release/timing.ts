/** When a merged Release is dated and until when it holds. */
import { toSecond } from "../archive/dates.ts";

/** Date only goes up: clients ignore a Release that is not newer than the one they have. */
export function nextDate(now: Date, last: Date | undefined): Date {
  const current = toSecond(now);
  return last !== undefined && current <= last ? new Date(toSecond(last).getTime() + 1000) : current;
}

export function validUntil(date: Date, validForMs: number | undefined): Date | undefined {
  return validForMs === undefined ? undefined : toSecond(new Date(date.getTime() + validForMs));
}

/** Whether a Release must be issued again although nothing changed: half of its time has passed. */
export function isRenewalDue(now: Date, date: Date, until: Date | undefined): boolean {
  return until !== undefined && now.getTime() >= (date.getTime() + until.getTime()) / 2;
}
