/** Fetches the signed Release of a mirror's suite: InRelease, or Release and Release.gpg when there is no InRelease. */
import { suiteFolder } from "../archive/names.ts";
import type { ReleaseFiles } from "../archive/trusted.ts";
import { redacted } from "../archive/urls.ts";
import { MergeError } from "../errors.ts";
import type { Downloader, DownloadOutcome, Validator } from "../ports.ts";
import type { MirrorSuite } from "../settings.ts";

/** Largest Release that is read, in bytes, as apt has it. The largest real one we saw is sid's, with 250 kB. */
const MAX_RELEASE_BYTES = 10 * 1024 * 1024;

export type FetchedRelease =
  | { readonly kind: "fetched"; readonly files: ReleaseFiles; readonly base: string; readonly validator: Validator | undefined }
  | { readonly kind: "not-modified"; readonly base: string };

/**
 * @param validator of the Release that is stored and can be used again
 * @param pastCaches ask proxies to go back to the mirror
 * @param pauseMs before the first question
 * @throws MergeError RELEASE_ABSENT, RELEASE_UNSIGNED, and what the downloader throws. Only a 404 of InRelease leads to Release.gpg: an error
 *   there must not, or whoever can break one answer chooses an older pair
 */
export async function fetchRelease(
  from: MirrorSuite,
  downloader: Downloader,
  validator: Validator | undefined,
  pastCaches = false,
  pauseMs = 0,
): Promise<FetchedRelease> {
  const { mirror, suite } = from;
  const folder = suiteFolder(suite);
  const pathOf = (name: string): string => (folder === "" ? name : `${folder}/${name}`);
  const get = (name: string, bases: readonly string[], conditional: boolean, afterMs = 0): Promise<DownloadOutcome> =>
    downloader.download({
      where: { mirror: mirror.name, suite, file: name },
      bases,
      paths: [pathOf(name)],
      maxBytes: MAX_RELEASE_BYTES,
      timeoutMs: mirror.timeoutMs,
      retries: mirror.retries,
      pastCaches,
      pauseMs: afterMs,
      ...(conditional && validator !== undefined ? { validator } : {}),
    });

  const inRelease = await get("InRelease", mirror.urls, true, pauseMs);
  if (inRelease.kind === "not-modified") return inRelease;
  if (inRelease.kind === "fetched") {
    const { bytes, base } = inRelease;
    return { kind: "fetched", files: { form: "InRelease", inRelease: bytes }, base, validator: inRelease.validator };
  }

  // Both from one place; a place that has only one of them may be half-pushed.
  let unsigned = false;
  for (let bases = mirror.urls; bases.length > 0; ) {
    const release = await get("Release", bases, true);
    if (release.kind === "not-modified") return release;
    if (release.kind !== "fetched") break;
    const signature = await get("Release.gpg", [release.base], false);
    if (signature.kind === "fetched") {
      const files: ReleaseFiles = { form: "Release.gpg", release: release.bytes, signature: signature.bytes };
      return { kind: "fetched", files, base: release.base, validator: release.validator };
    }
    unsigned = true;
    const place = bases.indexOf(release.base);
    bases = place < 0 ? [] : bases.slice(place + 1);
  }
  // A Release that lost its signature is no absence: whoever can remove two files must not make it one.
  const missing = unsigned ? "a Release and neither InRelease nor Release.gpg" : "neither InRelease nor Release";
  const text = `Cannot read suite "${suite}" of mirror "${mirror.name}": there is ${missing} below ${mirror.urls.map((url) => `${redacted(url)}/${folder}`).join(" and ")}, a signed Release must be there`;
  throw new MergeError(unsigned ? "RELEASE_UNSIGNED" : "RELEASE_ABSENT", text, { mirror: mirror.name, suite });
}
