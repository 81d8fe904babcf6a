/** Where a mirror is: an http, https or file URL, or a folder. */
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const WANTED = "an http, https or file URL or a folder";

/** What the place of a mirror must be instead; undefined when it is sound. */
export function urlFault(text: string): string | undefined {
  if (text === "" || /[\p{Cc}\u2028\u2029]/u.test(text) || text.length > 2000) return WANTED;
  const scheme = SCHEME.exec(text)?.[0].toLowerCase();
  if (scheme === undefined) return undefined;
  if (!["http:", "https:", "file:"].includes(scheme)) return `${WANTED}; a folder with a colon is written ./NAME`;
  if (/\s/.test(text)) return `${WANTED} without blanks`;
  if (/[?#]/.test(text)) return "a URL without ? and #, because paths are put behind it";
  if (scheme === "file:") return fileFault(text);
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) return "a URL with a host, such as http://host.example/debian";
  return undefined;
}

function fileFault(text: string): string | undefined {
  const wanted = "a file URL with an absolute path, such as file:///srv/debian";
  if (!URL.canParse(text) || !/^file:\/(?!\/)|^file:\/\/(?:localhost)?\//i.test(text)) return wanted;
  return orFault(() => fileURLToPath(localFile(text)), wanted);
}

function orFault(attempt: () => string, wanted: string): string | undefined {
  try {
    return attempt().includes("\0") ? wanted : undefined;
  } catch {
    return wanted;
  }
}

const localFile = (text: string): URL => new URL(text.replace(/^file:\/\/localhost\//i, "file:///"));

/**
 * The base URL without a slash at the end. A folder has become a file URL.
 *
 * @param text a place without a `urlFault`
 * @param folder where relative paths start
 */
export function baseUrl(text: string, folder: string): string {
  if (/^https?:/i.test(text)) return new URL(text).href.replace(/\/+$/, "");
  const path = SCHEME.test(text) ? fileURLToPath(localFile(text)) : resolve(folder, text);
  return `file://${pathToFileURL(path).pathname.replace(/\/+$/, "")}`;
}

/** The folder that a text without scheme means when it looks as if the scheme was forgotten; undefined for all others. */
export function doubtfulFolder(text: string, folder: string): string | undefined {
  const host = !SCHEME.test(text) && !isAbsolute(text) && /^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/|$)/i.test(text);
  return host ? resolve(folder, text) : undefined;
}
