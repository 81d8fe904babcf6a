import assert from "node:assert/strict";
import { test } from "node:test";
import {
  parseArchitecture,
  parseComponentName,
  parseFingerprint,
  parseMirrorName,
  parseSuiteName,
  parseSuitePath,
} from "../../lib/archive/names.ts";
import { configDigest, inputsDigest, type MirrorInputs, overridesDigest } from "../../lib/delta/input-digests.ts";
import type { MirrorSettings, PublishSettings, SuiteSettings } from "../../lib/settings.ts";
import { ban, pin } from "../merge/inputs.ts";

const MAIN = parseComponentName("main");
const MIRROR: MirrorSettings = {
  name: parseMirrorName("debian"),
  urls: ["http://a.example/debian"],
  keyring: { files: ["/keys/a.gpg"], pins: [] },
  pool: "DEBIAN",
  checkValidUntil: true,
  maxAgeMs: undefined,
  allowWeak: false,
  onFailure: "hold",
  pollMs: 0,
  timeoutMs: 1000,
  retries: 0,
  maxIndexBytes: 1_000_000,
  maxStanzas: 1_000_000,
  privilege: "full",
};
const SUITE: SuiteSettings = {
  name: parseSuiteName("stable"),
  aliases: [],
  from: [{ mirror: MIRROR, suite: parseSuitePath("bookworm"), rank: 0, components: new Map([["main", MAIN]]), codename: undefined }],
  components: [MAIN],
  architectures: [parseArchitecture("amd64")],
  sources: true,
  languages: [],
  indices: ["packages", "sources"],
  essential: ["packages", "sources"],
  release: new Map([["Origin", "Test"]]),
  validForMs: undefined,
  policy: { winner: "priority", sources: "keep", pins: [], bans: [], maxShrink: 0.2, uninstallable: "hold", debcheck: false },
};
const PUBLISH: PublishSettings = {
  compress: { gz: 9, xz: 6 },
  digests: [],
  byHashKeepMs: 1000,
  generations: 10,
  banReport: false,
  pdiffStates: 56,
  checkWithApt: false,
  settleEveryMs: 72_000_000,
};
const BASE = configDigest(SUITE, PUBLISH, []);

const fromMirror = (change: Partial<MirrorSettings>): SuiteSettings => ({
  ...SUITE,
  from: SUITE.from.map((one) => ({ ...one, mirror: { ...MIRROR, ...change } })),
});
const signer = parseFingerprint("A".repeat(40));
assert.ok(signer);

for (const [name, suite, publish, signers] of [
  ["a component", { ...SUITE, components: [MAIN, parseComponentName("contrib")] }, PUBLISH, []],
  ["an architecture", { ...SUITE, architectures: [parseArchitecture("arm64")] }, PUBLISH, []],
  ["an alias", { ...SUITE, aliases: [parseSuiteName("x")] }, PUBLISH, []],
  ["a Release field", { ...SUITE, release: new Map([["Origin", "Other"]]) }, PUBLISH, []],
  [
    "the order of Release fields",
    {
      ...SUITE,
      release: new Map([
        ["Label", "x"],
        ["Origin", "Test"],
      ]),
    },
    PUBLISH,
    [],
  ],
  ["valid-for", { ...SUITE, validForMs: 1000 }, PUBLISH, []],
  ["the winner rule", { ...SUITE, policy: { ...SUITE.policy, winner: "newest" } }, PUBLISH, []],
  ["sources: off", { ...SUITE, policy: { ...SUITE.policy, sources: "off" } }, PUBLISH, []],
  ["sources: strict", { ...SUITE, policy: { ...SUITE.policy, sources: "strict" } }, PUBLISH, []],
  ["a pin", { ...SUITE, policy: { ...SUITE.policy, pins: [pin("package", "x", "debian")] } }, PUBLISH, []],
  ["a ban", { ...SUITE, policy: { ...SUITE.policy, bans: [ban("package", "x")] } }, PUBLISH, []],
  ["a limited mirror", fromMirror({ privilege: "limited" }), PUBLISH, []],
  ["the ban report", SUITE, { ...PUBLISH, banReport: true }, []],
  ["no sources", { ...SUITE, sources: false }, PUBLISH, []],
  ["an index kind", { ...SUITE, indices: ["packages"] }, PUBLISH, []],
  ["a pool prefix", fromMirror({ pool: "OTHER" }), PUBLISH, []],
  ["no pool prefix", fromMirror({ pool: undefined }), PUBLISH, []],
  ["a mirror's name", fromMirror({ name: parseMirrorName("other") }), PUBLISH, []],
  ["allow-weak", fromMirror({ allowWeak: true }), PUBLISH, []],
  [
    "a component's mapping",
    { ...SUITE, from: SUITE.from.map((one) => ({ ...one, components: new Map([["updates/main", MAIN]]) })) },
    PUBLISH,
    [],
  ],
  ["a level of compression", SUITE, { ...PUBLISH, compress: { gz: 6, xz: 6 } }, []],
  ["a further digest", SUITE, { ...PUBLISH, digests: ["SHA512"] }, []],
  ["by-hash switched off", SUITE, { ...PUBLISH, byHashKeepMs: undefined }, []],
  ["a signing key", SUITE, PUBLISH, [signer]],
] as const satisfies readonly (readonly [string, SuiteSettings, PublishSettings, readonly (typeof signer)[]])[]) {
  test(`configDigest: ${name} changes it`, () => assert.notEqual(configDigest(suite, publish, signers), BASE));
}

for (const [name, suite, publish] of [
  ["another URL of the mirror", fromMirror({ urls: ["http://b.example/debian"] }), PUBLISH],
  ["timeouts and retries", fromMirror({ timeoutMs: 5, retries: 9, pollMs: 7 }), PUBLISH],
  ["max-shrink", { ...SUITE, policy: { ...SUITE.policy, maxShrink: 1 } }, PUBLISH],
  ["what is done about uninstallable packages", { ...SUITE, policy: { ...SUITE.policy, uninstallable: "off" } }, PUBLISH],
  ["how long by-hash stays", SUITE, { ...PUBLISH, byHashKeepMs: 2000 }],
  ["how many generations stay", SUITE, { ...PUBLISH, generations: 3 }],
] as const) {
  test(`configDigest: ${name} does not change it: no byte depends on that`, () => assert.equal(configDigest(suite, publish, []), BASE));
}

test("configDigest: where a rule stands in the file does not change it, its own words do", () => {
  const digest = (place: string, reason: string | undefined) =>
    configDigest({ ...SUITE, policy: { ...SUITE.policy, bans: [ban("package", "x", { place, reason })] } }, PUBLISH, []);
  assert.equal(digest("policy.ban[0]", "a"), digest("policy.ban[7]", "a"));
  assert.notEqual(digest("policy.ban[0]", "a"), digest("policy.ban[0]", "b"));
});

const inputs = (mirrors: readonly MirrorInputs[]) => inputsDigest(BASE, overridesDigest([]), mirrors);
const one = (indices: Readonly<Record<string, string>>): MirrorInputs => ({ mirror: "debian", suite: "bookworm", indices });

test("inputsDigest: the order in which indices are listed does not matter, their digests, mirrors and order of mirrors do", () => {
  const base = inputs([one({ a: "1", b: "2" })]);
  assert.equal(inputs([one({ b: "2", a: "1" })]), base);
  assert.notEqual(inputs([one({ a: "1", b: "3" })]), base);
  assert.notEqual(inputs([one({ a: "1" })]), base);
  assert.notEqual(inputs([{ ...one({ a: "1", b: "2" }), mirror: "other" }]), base);
  const [first, second] = [one({ a: "1" }), { ...one({ a: "2" }), mirror: "other" }];
  assert.notEqual(inputs([first, second]), inputs([second, first]));
});

test("overridesDigest: name, bytes and order of the files count", () => {
  const file = (name: string, text: string) => ({ name, bytes: Buffer.from(text) });
  const base = overridesDigest([file("a", "1"), file("b", "2")]);
  for (const other of [
    [file("a", "1")],
    [file("a", "1"), file("b", "3")],
    [file("c", "1"), file("b", "2")],
    [file("b", "2"), file("a", "1")],
  ]) {
    assert.notEqual(overridesDigest(other), base);
  }
  assert.notEqual(inputsDigest(BASE, base, []), inputsDigest(BASE, overridesDigest([]), []));
});
