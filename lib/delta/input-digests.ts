/**
 * One digest of all that decides the bytes of a merged suite. Equal to the last generation's: nothing changed and nothing is done. A Release
 * upstream that was only dated anew changes no index digest, so it changes nothing here.
 */
import { sha256Of } from "../archive/digests.ts";
import type { Fingerprint, Sha256 } from "../archive/names.ts";
import type { Policy, PublishSettings, SuiteSettings } from "../settings.ts";

/** Raised when a new version of aptmerge writes other bytes for the same inputs. */
const FORMAT = 4;

/** Index files of one mirror's suite: path without compression to the digest that its Release gives. */
export interface MirrorInputs {
  readonly mirror: string;
  readonly suite: string;
  readonly indices: Readonly<Record<string, string>>;
}

/** Digest of everything in the config that a suite's bytes depend on, the signing keys included. */
export function configDigest(suite: SuiteSettings, publish: PublishSettings, signers: readonly Fingerprint[]): Sha256 {
  const { name, aliases, components, architectures, sources, languages, indices, release, validForMs, policy } = suite;
  const from = suite.from.map(({ mirror, suite: path, components: mapping }) => ({
    mirror: mirror.name,
    suite: path,
    pool: mirror.pool ?? null,
    weak: mirror.allowWeak,
    privilege: mirror.privilege,
    components: [...mapping],
  }));
  const { compress, digests, byHashKeepMs, banReport, pdiffStates } = publish;
  const published = { compress, digests, byHash: byHashKeepMs !== undefined, banReport, pdiffs: pdiffStates > 0 };
  const suiteFacts = {
    name,
    aliases,
    components,
    architectures,
    sources,
    languages,
    indices,
    release: [...release],
    validForMs: validForMs ?? null,
  };
  return sha256Of(JSON.stringify({ FORMAT, ...suiteFacts, policy: policyFacts(policy), from, published, signers }));
}

/** What decides bytes: where a rule stands in the file does not, nor do guards. */
function policyFacts({ winner, sources, pins, bans }: Policy): object {
  const bare = <Rule extends { readonly place: string }>({ place: _, ...rule }: Rule): Omit<Rule, "place"> => rule;
  return { winner, sources, pins: pins.map(bare), bans: bans.map(bare) };
}

export function overridesDigest(files: readonly { readonly name: string; readonly bytes: Buffer }[]): Sha256 {
  return sha256Of(JSON.stringify(files.map(({ name, bytes }) => [name, sha256Of(bytes)])));
}

export function inputsDigest(config: Sha256, overrides: Sha256, mirrors: readonly MirrorInputs[]): Sha256 {
  const facts = mirrors.map(({ mirror, suite, indices }) => [
    mirror,
    suite,
    Object.entries(indices).sort(([left], [right]) => (left < right ? -1 : 1)),
  ]);
  return sha256Of(JSON.stringify([config, overrides, facts]));
}
