/** The nginx config that serves a published tree and sends clients on to the mirrors for the packages themselves. */
import type { Settings } from "../../lib/settings.ts";
import { commentText, literalPattern, nginxPath, quotedWord } from "./nginx-text.ts";
import { type PoolRoute, poolRoutes } from "./pool-table.ts";

export interface NginxOptions {
  /** Values of `listen`: ports or addresses, checked. */
  readonly listen: readonly string[];
  /** Values of `server_name`, checked. */
  readonly serverNames: readonly string[];
}

/** Largest age of a file that carries its digest in its name, in seconds: it never changes. */
const FOREVER_S = 31_536_000;
/** How long an index may be stale, in seconds: a Release and its indices must fit together. */
const SHORT_S = 60;

/** Printable ASCII as it may stand in a path, or percent-encoded: no control bytes, so no header can be broken by it. */
const RAW_PATH = "(?:[!$&-;=@-\\[\\]_a-z~]|%[2-7][0-9A-Fa-f])+";

/**
 * A `server` block for a file in sites-enabled or conf.d.
 *
 * @throws MergeError CONFIG_INVALID for folders that nginx cannot name and for mirrors that share a pool prefix
 */
export function nginxConfig(settings: Settings, options: NginxOptions): string {
  const routes = poolRoutes(settings);
  return `# Serves the archive that aptmerge publishes. Made by "aptmerge webserver nginx": make it anew when mirrors or pool prefixes change.
server {
${options.listen.map((address) => `    listen ${address};`).join("\n")}
    server_name ${options.serverNames.join(" ")};

    # dists, indices, key.asc and inputs.json lead through the symlink "current" to a generation. One rename switches it, so nginx must
    # follow symlinks and may not remember where they led.
    root ${nginxPath(settings.output)};
    disable_symlinks off;
    open_file_cache off;
    autoindex off;
    absolute_redirect off;

    # Files go out as they are: apt compares digests of the compressed bytes, so a Content-Encoding would spoil them.
    gzip off;
    types { }
    default_type application/octet-stream;

    if ($request_method !~ "^(?:GET|HEAD)$") { return 405; }
    # Nothing hidden, above all not /.generations; and no dot segments, which could lead a redirect out of its archive.
    if ($uri ~ "/\\.(?!well-known/)") { return 404; }
    if ($request_uri ~* "(?:/|%2f)(?:\\.|%2e)(?:\\.|%2e)?(?:/|%2f|\\?|$)") { return 404; }

    location / { return 404; }

${treeLocations(settings)}
${routes.map((route) => poolLocation(route)).join("\n")}}
`;
}

function treeLocations(settings: Settings): string {
  // Without by-hash an index that is older than its Release is of no use.
  const index = settings.publish.byHashKeepMs === undefined ? "no-cache" : `public, max-age=${SHORT_S}`;
  return `    # An index must be asked for anew soon, a Release always; what carries its digest in its name never changes.
    location /dists/ { add_header Cache-Control "${index}"; }
    location ~ "^/dists/.+/by-hash/[A-Za-z0-9]+/[0-9a-f]+$" { add_header Cache-Control "public, max-age=${FOREVER_S}, immutable"; }
    location ~ "^/dists/(?:.+/)?(?:InRelease|Release|Release\\.gpg)$" {
        default_type text/plain;
        add_header Cache-Control "no-cache";
    }
    location /indices/ {
        default_type text/plain;
        add_header Cache-Control "${index}";
    }
    location = /inputs.json {
        default_type application/json;
        add_header Cache-Control "no-cache";
    }
    location = /key.asc {
        default_type application/pgp-keys;
        add_header Cache-Control "no-cache";
    }
`;
}

/** Packages. What a path looks like comes from the request as it was sent, so that + ~ and %3a reach the mirror unchanged. */
function poolLocation(route: PoolRoute): string {
  const folder = route.prefix === undefined ? "/pool/" : `/pool/${route.prefix}/`;
  const comment = `    # ${route.mirrors.length === 1 ? "Mirror" : "Mirrors"} ${commentText(route.mirrors.join(", "))}${
    route.rootless ? "; its flat suites have packages outside pool/: give it a pool prefix to serve those too" : ""
  }\n`;
  const { target } = route;
  if (target.kind === "folder") {
    const alias = (location: string, below: string): string =>
      `    location ^~ ${quotedWord(location)} { alias ${nginxPath(`${target.path}${below}`)}; }\n`;
    return `${comment}${route.prefix === undefined ? "" : alias(`${folder}_/`, "/")}${alias(folder, "/pool/")}`;
  }
  const rule = (pattern: string, below: string): string =>
    `        if ($request_uri ~ "^${pattern}(${RAW_PATH})(?:\\?|$)") { return 302 ${quotedWord(`${target.base}${below}$1`)}; }\n`;
  const rules =
    route.prefix === undefined
      ? rule(literalPattern(folder), "/pool/")
      : rule(`${literalPattern(folder)}_/`, "/") + rule(`${literalPattern(folder)}(?!_/)`, "/pool/");
  return `${comment}    location ^~ ${quotedWord(folder)} {
${rules}        return 404;
    }
`;
}
