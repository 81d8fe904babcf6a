/** Words of an nginx config that come from outside: escaped, or refused where nginx has no way to write them. */
import { MergeError } from "../../lib/errors.ts";

/**
 * A path as one word. nginx reads `$` in paths as the start of a variable and has no escape for it.
 *
 * @throws MergeError CONFIG_INVALID for a path that cannot be written
 */
export function nginxPath(path: string): string {
  if (/[$\u0000-\u001f\u007f]/.test(path)) {
    throw new MergeError(
      "CONFIG_INVALID",
      `Cannot write an nginx config for the folder ${JSON.stringify(path)}: nginx paths may hold neither "$" nor control characters, name another one`,
    );
  }
  return quotedWord(path);
}

/** A URL to redirect to, without credentials, query and slash at the end. `$` would start a variable. */
export function redirectBase(text: string): string {
  const url = new URL(text);
  const path = url.pathname.replace(/[$"'\\;{}\s]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
  return `${url.protocol}//${url.host}${path}`.replace(/\/+$/, "");
}

export const quotedWord = (text: string): string => `"${text.replace(/[\\"]/g, "\\$&")}"`;

/** For a regular expression inside a quoted word. */
export const literalPattern = (text: string): string => text.replace(/[^A-Za-z0-9/_-]/g, "\\$&");

/** A comment ends with the line. */
export const commentText = (text: string): string => text.replace(/[^\x20-\x7e]+/g, "?");
