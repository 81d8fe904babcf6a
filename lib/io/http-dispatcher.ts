/** The connections of one run: pools per timeout, proxies as the environment names them, an end that leaves nothing open. */
import { type LookupFunction, Socket } from "node:net";
import type { Dispatcher } from "undici";
import type { Failure } from "./downloader-failure.ts";
import { guardedLookup } from "./http-lookup.ts";
import { buildConnector, EnvHttpProxyAgent } from "./undici.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Dispatchers {
  /**
   * Connections for a URL. The failure is a proxy setting that cannot be used.
   *
   * @param sentBy host of the mirror that redirected there; undefined for the mirror's own URL
   */
  for(url: URL, timeoutMs: number, sentBy: string | undefined): Dispatcher | Failure;
  /** Cuts everything, also connections that are still being made. */
  destroy(): Promise<void>;
}

/** Between an address of a host and its next one; Node's own is too short for slow links. */
const MAX_ADDRESS_MS = 2000;
const MIN_ADDRESS_MS = 250;

/** Longest headers of an answer. */
export const MAX_HEADER_BYTES = 32 * 1024;

/** @param resolve how names become addresses; by default as the system does it */
export function createDispatchers(env: Environment, resolve?: LookupFunction): Dispatchers {
  const dispatchers = new Map<string, Dispatcher>();
  const sockets = new Set<Socket>();
  const setting = (name: string): string => env[name] ?? env[name.toUpperCase()] ?? "";

  /** Each scheme has its own agent: undici would send https through http_proxy when https_proxy is not set. */
  function make(scheme: "http" | "https", proxy: string, timeoutMs: number, sentBy: string | undefined): Dispatcher {
    const tls = { allowH2: false };
    const autoSelectFamilyAttemptTimeout = Math.max(MIN_ADDRESS_MS, Math.min(timeoutMs / 4, MAX_ADDRESS_MS));
    const lookup = sentBy === undefined ? resolve : guardedLookup(sentBy, resolve);
    const connector = buildConnector({
      ...tls,
      timeout: timeoutMs,
      autoSelectFamilyAttemptTimeout,
      ...(lookup === undefined ? {} : { lookup }),
    });
    return new EnvHttpProxyAgent({
      allowH2: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      connectTimeout: timeoutMs,
      requestTls: tls,
      proxyTls: tls,
      connect: (options, callback) => {
        // An aborted request does not end the connection that is being made for it, which would keep the process alive.
        const socket: unknown = connector(options, callback);
        if (!(socket instanceof Socket)) return;
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
      },
      httpProxy: scheme === "http" ? proxy : "",
      httpsProxy: scheme === "https" ? proxy : "",
      noProxy: setting("no_proxy"),
    });
  }

  return {
    for(url, timeoutMs, sentBy) {
      const scheme = url.protocol === "https:" ? "https" : "http";
      const key = `${scheme} ${timeoutMs} ${sentBy ?? ""}`;
      const known = dispatchers.get(key);
      if (known !== undefined) return known;
      const proxy = proxyUrl(setting(`${scheme}_proxy`));
      if (proxy === undefined) {
        return {
          code: "MIRROR_REFUSED",
          found: `the environment variable ${scheme}_proxy is no URL of a proxy`,
          wanted: "it must be http://host:port or https://host:port",
          again: false,
        };
      }
      const dispatcher = make(scheme, proxy, timeoutMs, sentBy);
      dispatchers.set(key, dispatcher);
      return dispatcher;
    },
    async destroy() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
      dispatchers.clear();
    },
  };
}

/** Empty means no proxy; undefined means that the text cannot be used. A missing scheme is http, as elsewhere. */
function proxyUrl(text: string): string | undefined {
  if (text === "") return "";
  const full = text.includes("://") ? text : `http://${text}`;
  if (!URL.canParse(full)) return undefined;
  return /^https?:$/.test(new URL(full).protocol) ? full : undefined;
}
