/** How messages show what stands in the config: quoted, short, on one line, and never with a password. */

const LONGEST_SHOWN = 100;

/** A longer text is not searched for credentials and not shown at all. */
const LONGEST_SEARCHED = 4096;

/**
 * Hides the credentials of a URL, also of a malformed one: `http://user:***@host`. A user without a password is hidden too, because access
 * tokens are written there. Rather too much is hidden than too little: everything up to the last `@`.
 */
export function redact(text: string): string {
  const lead = /^[A-Za-z][A-Za-z0-9+.-]{0,31}:\/+/.exec(text)?.[0] ?? "";
  const end = text.lastIndexOf("@");
  if (end < lead.length || lead.startsWith("file:///")) return text;
  const credentials = text.slice(lead.length, end);
  const colon = credentials.indexOf(":");
  if (lead === "" && colon < 0) return text;
  const user = colon > 0 && colon < credentials.length - 1 ? `${credentials.slice(0, colon)}:` : "";
  return `${lead}${user}***${text.slice(end)}`;
}

/** Quoted as JSON, so that control characters show, and cut where it gets long. */
export function quoted(text: string): string {
  if (text.length > LONGEST_SEARCHED) return `a text of ${text.length} characters`;
  const safe = redact(text);
  return JSON.stringify(safe.length > LONGEST_SHOWN ? `${safe.slice(0, LONGEST_SHOWN)}…` : safe);
}

/** `suites.daedalus.from[0]`; keys that are no plain words are quoted. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else text += `${text === "" ? "" : "."}${/^[\w/+~-]{1,100}$/.test(String(part)) ? String(part) : quoted(String(part))}`;
  }
  return text;
}
