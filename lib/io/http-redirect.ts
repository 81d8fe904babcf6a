/** Which redirects are followed. Hostile: a Location leads aptmerge to hosts and schemes that its operator never named. */
import { BlockList, isIP } from "node:net";
import { quoted } from "./downloader-failure.ts";

export const MAX_REDIRECTS = 10;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export const isRedirect = (status: number): boolean => REDIRECTS.has(status);

export type RedirectVerdict =
  | { readonly kind: "follow"; readonly url: URL }
  | { readonly kind: "refuse"; readonly found: string; readonly wanted: string };

/** Hosts that mean this machine or its link, where services listen that trust whoever can reach them. */
const LOCAL = new BlockList();
LOCAL.addSubnet("127.0.0.0", 8, "ipv4");
LOCAL.addSubnet("0.0.0.0", 8, "ipv4");
LOCAL.addSubnet("169.254.0.0", 16, "ipv4");
LOCAL.addAddress("::1", "ipv6");
LOCAL.addAddress("::", "ipv6");
LOCAL.addSubnet("fe80::", 10, "ipv6");

/** Whether a host, written as an address or as `localhost`, is this machine or its link. URL has already made odd spellings plain. */
export function isLocalHost(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  const family = isIP(host);
  return family !== 0 && LOCAL.check(host, family === 4 ? "ipv4" : "ipv6");
}

/**
 * Judges the Location of an answer.
 *
 * @param from the URL that was asked
 * @param mirror the URL of the config: when it is local itself, local targets are in order
 * @see CVE-2019-3462 for control characters that get through in encoded form
 */
export function judgeRedirect(from: URL, location: string | undefined, mirror: URL): RedirectVerdict {
  const refuse = (found: string, wanted: string): RedirectVerdict => ({ kind: "refuse", found, wanted });
  if (location === undefined || location === "") return refuse("redirected without one Location", "it must name one URL");
  const found = `redirected to ${quoted(location.replace(/\/\/[^/?#@]*@/, "//"))}`;
  if (/[\0-\x20\x7f-\x9f]/.test(location) || /%(0[0-9a-f]|1[0-9a-f]|7f)/i.test(location)) {
    return refuse(found, "a Location must be without blanks and control characters");
  }
  if (!URL.canParse(location, from.href)) return refuse(found, "it must be a URL");
  const url = new URL(location, from);
  // Credentials come from the config alone.
  url.username = "";
  url.password = "";
  url.hash = "";
  if (url.protocol !== "https:" && url.protocol !== "http:") return refuse(found, "it must be http or https");
  if (from.protocol === "https:" && url.protocol === "http:") return refuse(found, "https must stay https");
  if (isLocalHost(url.hostname) && !isLocalHost(mirror.hostname)) {
    return refuse(found, "a mirror may not lead to this machine or its link");
  }
  return { kind: "follow", url };
}
