/** Whether a Release is of the right time: dated, not from the future, not before the last accepted one, not expired. */
import { formatInstant, parseReleaseDate } from "../archive/dates.ts";
import type { Sha256 } from "../archive/names.ts";
import type { Release } from "../archive/release.ts";
import type { Floor } from "../archive/trusted.ts";
import { MergeError, type Problem, problem, type Where } from "../errors.ts";

/** How far clocks may differ: apt allows 10 seconds of its own users, mirrors and cron machines need more. */
const FUTURE_TOLERANCE_MS = 10 * 60 * 1000;

/**
 * @throws MergeError RELEASE_UNDATED without a Date that can be read: such a Release has no place in time
 * @throws MergeError RELEASE_FROM_FUTURE because a Date ahead, once accepted, would shut out every later Release
 */
export function readDate(release: Release, now: Date, where: Where): Date {
  const text = release.fields.get("date");
  const date = text === undefined ? undefined : parseReleaseDate(text);
  if (date === undefined) {
    const found = text === undefined ? "it has no Date" : `its Date is "${text}"`;
    throw new MergeError("RELEASE_UNDATED", `Cannot accept ${name(where)}: ${found}, it must be a date in UTC`, where);
  }
  if (date.getTime() > now.getTime() + FUTURE_TOLERANCE_MS) {
    const found = `its Date is ${formatInstant(date)}, it is ${formatInstant(now)} here`;
    throw new MergeError("RELEASE_FROM_FUTURE", `Cannot accept ${name(where)}: ${found}, it may be 10 minutes ahead`, where);
  }
  return date;
}

/**
 * Content never goes back. Equal dates pass when the text is the same: mirrors serve one Release for hours.
 *
 * @param acceptOlder the operator accepts what comes, this once
 * @throws MergeError RELEASE_ROLLBACK, RELEASE_EQUIVOCAL
 */
export function checkFloor(date: Date, sha256: Sha256, floor: Floor | undefined, acceptOlder: boolean, where: Where): void {
  if (floor === undefined || acceptOlder) return;
  if (date < floor.date) {
    const found = `its Date is ${formatInstant(date)}, the last accepted one is ${formatInstant(floor.date)}`;
    throw new MergeError("RELEASE_ROLLBACK", `Cannot accept ${name(where)}: ${found}, it must not be older`, where);
  }
  if (date.getTime() === floor.date.getTime() && sha256 !== floor.sha256) {
    const found = `its Date ${formatInstant(date)} is that of the last accepted one, its SHA256 is ${sha256}, that one's was ${floor.sha256}`;
    throw new MergeError("RELEASE_EQUIVOCAL", `Cannot accept ${name(where)}: ${found}, one Date must mean one text`, where);
  }
}

/**
 * What nobody has renewed for long may be kept from us: the bound for archives without Valid-Until, and for those whose own is ignored.
 *
 * @throws MergeError RELEASE_EXPIRED
 */
export function checkAge(date: Date, maxAgeMs: number | undefined, now: Date, where: Where): void {
  if (maxAgeMs === undefined || date.getTime() + maxAgeMs >= now.getTime()) return;
  const found = `its Date is ${formatInstant(date)}, it is ${formatInstant(now)} here`;
  const wanted = `by max-age of the mirror it may be dated ${formatInstant(new Date(now.getTime() - maxAgeMs))} at the earliest`;
  throw new MergeError("RELEASE_EXPIRED", `Cannot accept ${name(where)}: ${found}, ${wanted}`, where);
}

export interface Validity {
  /** Undefined when the Release names none, or one that cannot be read and is ignored. */
  readonly validUntil: Date | undefined;
  readonly problems: readonly Problem[];
}

/**
 * @param check false for archives that are known to be frozen: then the answer is a warning
 * @throws MergeError RELEASE_EXPIRED; RELEASE_MALFORMED when Valid-Until cannot be read
 */
export function checkValidUntil(release: Release, check: boolean, now: Date, where: Where): Validity {
  const text = release.fields.get("valid-until");
  if (text === undefined) return { validUntil: undefined, problems: [] };
  // apt refuses one without its day of the week.
  const validUntil = /^\s*\d/.test(text) ? undefined : parseReleaseDate(text);
  if (validUntil !== undefined && validUntil >= now) return { validUntil, problems: [] };
  if (!check) {
    const message = `Valid-Until of ${name(where)} is "${text}", which is ignored`;
    return { validUntil, problems: [problem("warning", "VALID_UNTIL_IGNORED", message, where)] };
  }
  if (validUntil === undefined) {
    const found = `its Valid-Until is "${text}"`;
    throw new MergeError("RELEASE_MALFORMED", `Cannot accept ${name(where)}: ${found}, it must be a date in UTC`, where);
  }
  const found = `it was valid until ${formatInstant(validUntil)}, it is ${formatInstant(now)} here`;
  throw new MergeError("RELEASE_EXPIRED", `Cannot accept ${name(where)}: ${found}, it must be valid now`, where);
}

const name = (where: Where): string => `Release of ${where.mirror}/${where.suite}`;
