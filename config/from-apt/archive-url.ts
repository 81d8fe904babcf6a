/** URIs of apt sources as URLs of the config. */

export type ArchiveUrl = { readonly url: string; readonly fault?: undefined } | { readonly url?: undefined; readonly fault: string };

/**
 * @returns an http, https or file URL without a slash at the end; or why there is none: cdrom, ftp, tor+http, mirror+http and what else apt
 *   has a method for
 */
export function archiveUrl(uri: string): ArchiveUrl {
  const [, method = "", rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]*):(.*)$/s.exec(uri) ?? [];
  switch (method.toLowerCase()) {
    case "http":
    case "https":
      return checked(uri, uri);
    case "file":
    case "copy":
      return rest.replace(/^\/\//, "").startsWith("/")
        ? checked(`file://${rest.replace(/^\/\//, "")}`, uri)
        : { fault: `"${withoutCredentials(uri)}" is no path` };
    case "":
      return { fault: `"${withoutCredentials(uri)}" is no URI` };
    default:
      return { fault: `its URI uses the method "${method.toLowerCase()}"` };
  }
}

function checked(text: string, uri: string): ArchiveUrl {
  if (!URL.canParse(text)) return { fault: `"${withoutCredentials(uri)}" is no URL` };
  const url = new URL(text);
  if (url.search !== "" || url.hash !== "") return { fault: `"${withoutCredentials(uri)}" has a query` };
  // `$` would be read as the start of an environment variable by the config.
  return { url: url.href.replace(/\/+$/, "").replaceAll("$", "%24") };
}

export const hasCredentials = (url: string): boolean => /^https?:\/\/[^/]*@/i.test(url);

/** For messages and comments. */
export const withoutCredentials = (url: string): string => url.replace(/^(https?:\/\/)[^/]*@/i, "$1");
