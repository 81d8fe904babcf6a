/**
 * Dates of Release files: RFC 1123 with a zone that means UTC. Own parser, because `new Date` makes 3 March of 31 February and accepts
 * nearly anything else.
 *
 * @see deb wiki DebianRepository/Format, "Date, Valid-Until"; apt refuses other zones
 */
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const DATE = /^(?:[A-Z][a-z]{2}, )?\s*(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{1,2}):(\d{2}):(\d{2}) (?:UTC|GMT|Z|\+0000)$/;

/** Undefined when the text is not such a date or names a day that does not exist. */
export function parseReleaseDate(text: string): Date | undefined {
  const match = DATE.exec(text.trim());
  if (!match) return undefined;
  const [day, month, year, hour, minute, second] = [match[1], MONTHS.indexOf(match[2] ?? ""), match[3], match[4], match[5], match[6]].map(
    Number,
  );
  if (day === undefined || month === undefined || year === undefined || hour === undefined || minute === undefined || second === undefined)
    return undefined;
  const date = new Date(Date.UTC(year, month, day, hour, minute, second));
  const same = date.getUTCDate() === day && date.getUTCMonth() === month && date.getUTCHours() === hour && date.getUTCMinutes() === minute;
  return month >= 0 && same && second < 60 ? date : undefined;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** Whole seconds, always `UTC`. */
export function formatReleaseDate(date: Date): string {
  const day = `${DAYS[date.getUTCDay()]}, ${two(date.getUTCDate())} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} UTC`;
}

export function toSecond(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

/** `2026-11-21T02:43:00Z`: how records and reports write an instant. */
export function formatInstant(date: Date): string {
  return `${toSecond(date).toISOString().slice(0, 19)}Z`;
}
