/** Where each pool path of the merged archive really is: our own table, so that no request can name a target. */
import { fileURLToPath } from "node:url";
import { isFlat } from "../../lib/archive/names.ts";
import { MergeError } from "../../lib/errors.ts";
import type { MirrorSettings, Settings } from "../../lib/settings.ts";
import { redirectBase } from "./nginx-text.ts";

export interface PoolRoute {
  /** Names of the mirrors that it serves. */
  readonly mirrors: readonly string[];
  /** Undefined for the mirror whose paths were left as they are. */
  readonly prefix: string | undefined;
  readonly target: PoolTarget;
  /** Some of its packages lie at the root of an archive without pool: paths that nothing tells apart. */
  readonly rootless: boolean;
}

export type PoolTarget =
  /** URL of the archive, without credentials and slash at the end. */
  | { readonly kind: "redirect"; readonly base: string }
  /** Absolute path of the archive, without a slash at the end. */
  | { readonly kind: "folder"; readonly path: string };

/**
 * One route for each prefix of the mirrors that a suite takes from, in byte order of the prefixes.
 *
 * @throws MergeError CONFIG_INVALID when one prefix, or none, stands for two different archives
 */
export function poolRoutes(settings: Settings): readonly PoolRoute[] {
  const routes = new Map<string | undefined, PoolRoute>();
  for (const { mirror, suite } of settings.suites.flatMap(({ from }) => from)) {
    const target = targetOf(mirror);
    const known = routes.get(mirror.pool);
    if (known !== undefined && JSON.stringify(known.target) !== JSON.stringify(target)) clash(mirror, known);
    routes.set(mirror.pool, {
      mirrors: [...new Set([...(known?.mirrors ?? []), mirror.name])],
      prefix: mirror.pool,
      target,
      rootless: known?.rootless === true || (mirror.pool === undefined && isFlat(suite)),
    });
  }
  return [...routes.values()].sort((a, b) => Buffer.compare(Buffer.from(a.prefix ?? ""), Buffer.from(b.prefix ?? "")));
}

/** The first URL that clients can reach; a mirror that is only a folder here is served from here. */
function targetOf(mirror: MirrorSettings): PoolTarget {
  const remote = mirror.urls.find((url) => /^https?:/i.test(url));
  if (remote !== undefined) return { kind: "redirect", base: redirectBase(remote) };
  const [local] = mirror.urls;
  if (local === undefined)
    throw new MergeError("CONFIG_INVALID", `Cannot redirect to mirror "${mirror.name}": it has no URL, one is needed`);
  return { kind: "folder", path: fileURLToPath(local).replace(/\/+$/, "") };
}

function clash(mirror: MirrorSettings, known: PoolRoute): never {
  const both = `mirrors "${known.mirrors.join('", "')}" and "${mirror.name}"`;
  const found = mirror.pool === undefined ? "have no pool prefix" : `have the pool prefix "${mirror.pool}"`;
  throw new MergeError("CONFIG_INVALID", `Cannot tell the packages of ${both} apart: both ${found}, each archive must have its own`, {
    mirror: mirror.name,
  });
}
