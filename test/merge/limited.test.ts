import assert from "node:assert/strict";
import { test } from "node:test";
import { SOURCE } from "../../lib/archive/names.ts";
import { editStanza } from "../../lib/deb822/edit.ts";
import { packages } from "../../lib/kinds/packages.ts";
import { sources } from "../../lib/kinds/sources.ts";
import type { IndexInput } from "../../lib/merge/candidate.ts";
import { contestRules, NO_FINDINGS } from "../../lib/merge/contest-rules.ts";
import { gather } from "../../lib/merge/gather.ts";
import { limitMirrors } from "../../lib/merge/limit-mirrors.ts";
import { decideIndex } from "../../lib/merge/merge-index.ts";
import { AMD64, ban, deb, input, mergeIndex, type PolicyChanges, pin, policyOf, source, told } from "./inputs.ts";

const vendor = (...stanzas: readonly Buffer[]): IndexInput => input("vendor", 0, stanzas, { limited: true });
const full = input("full", 1, [deb("libc6", "2"), deb("nginx", "1"), deb("mta", "1", { Provides: "mail-transport-agent" })]);
const kept = (inputs: readonly IndexInput[], policy: PolicyChanges = {}) => told(mergeIndex(packages, AMD64, inputs, policy).kept);

test("limited: a mirror of the first rank may add names", () => {
  assert.ok(kept([vendor(deb("own", "1")), full]).includes("own 1 amd64 vendor"));
});

for (const winner of ["priority", "newest", "all"] as const) {
  test(`limited, winner ${winner}: a name that a full mirror has is not taken over, whatever its version`, () => {
    assert.deepEqual(
      kept([vendor(deb("nginx", "9")), full], winner).filter((one) => one.startsWith("nginx")),
      ["nginx 1 amd64 full"],
    );
  });
}

test("limited: a pin to the mirror gives it the name all the same", () => {
  assert.ok(kept([vendor(deb("nginx", "9")), full], { pins: [pin("package", "nginx", "vendor")] }).includes("nginx 9 amd64 vendor"));
});

test("limited: a pin by source gives it no name of a full mirror, because the mirror writes its Source itself", () => {
  const lying = vendor(deb("libc6", "9", { Source: "vendor-suite" }), deb("own", "1", { Source: "vendor-suite" }));
  const names = kept([lying, full], { pins: [pin("source", "vendor-suite", "vendor")] });
  assert.ok(names.includes("libc6 2 amd64 full") && names.includes("own 1 amd64 vendor"));
  const bad = vendor(deb("libc6", "9", { Source: "vendor-suite", Filename: "../x" }));
  assert.ok(kept([bad, full], { pins: [pin("source", "vendor-suite", "vendor")] }).includes("libc6 2 amd64 full"));
});

test("limited: a pin by source gives it that source", () => {
  const inputs = [
    input("vendor", 0, [source("nginx", "9")], { kind: sources, limited: true }),
    input("full", 1, [source("nginx", "1")], { kind: sources }),
  ];
  assert.deepEqual(told(mergeIndex(sources, SOURCE, inputs, { pins: [pin("source", "nginx", "vendor")] }).kept), ["nginx 9 any vendor"]);
});

test("limited: where the full mirror's stanza is banned, the name may be added", () => {
  const rule = ban("package", "nginx", { mirror: { mirror: full.mirror, suite: undefined } });
  assert.ok(kept([vendor(deb("nginx", "9")), full], { bans: [rule] }).includes("nginx 9 amd64 vendor"));
});

test("limited: a full mirror's stanza that may not be used still owns its name", () => {
  const bad = input("full", 1, [deb("nginx", "1", { Filename: "../x" })]);
  assert.deepEqual(kept([vendor(deb("nginx", "9")), bad]), []);
});

test("limited: names are compared as dpkg folds them", () => {
  assert.ok(!kept([vendor(deb("LIBC6", "99")), full]).some((one) => one.startsWith("LIBC6")));
  assert.doesNotMatch(limited(deb("own", "1", { Provides: "LibC6" })).text, /^Provides/m);
});

test("limited: its own refused stanza does not block a full mirror's name", () => {
  assert.ok(kept([vendor(deb("nginx", "9", { Filename: "../x" })), full]).includes("nginx 1 amd64 full"));
});

test("limited: sources of names that a full mirror has are left out", () => {
  const inputs = [
    input("vendor", 0, [source("nginx", "9"), source("own", "1")], { kind: sources, limited: true }),
    input("full", 1, [source("nginx", "1")], { kind: sources }),
  ];
  assert.deepEqual(told(mergeIndex(sources, SOURCE, inputs, {}).kept), ["nginx 1 any full", "own 1 any vendor"]);
});

/** What is left of a vendor's stanza, and what was said about it. */
function limited(stanza: Buffer, beside = full): { text: string; what: readonly string[] } {
  const inputs = [vendor(stanza), beside];
  const rules = contestRules(packages, AMD64, policyOf({}), NO_FINDINGS);
  const gathered = gather(packages, AMD64, inputs, rules);
  const result = limitMirrors(packages, decideIndex(gathered, rules).kept, gathered.owned);
  const own = result.kept.find((one) => one.input.limited);
  assert.ok(own);
  return { text: editStanza(stanza, own.edits ?? []).toString(), what: result.limited.flatMap(({ what }) => what) };
}

for (const [field, value] of [
  ["Essential", "yes"],
  ["Protected", "yes"],
  ["Important", "yes"],
  ["essential", "YES"],
] as const) {
  test(`limited: ${field}: ${value} is taken out`, () => {
    const { text, what } = limited(deb("own", "1", { [field]: value }));
    assert.doesNotMatch(text, new RegExp(`^${field}:`, "im"));
    assert.equal(what.length, 1);
  });
}

test("limited: Essential: no says nothing and stays", () => {
  const { text, what } = limited(deb("own", "1", { Essential: "no" }));
  assert.deepEqual([/^Essential: no$/m.test(text), what], [true, []]);
});

test("limited: Priority: required becomes optional", () => {
  const { text, what } = limited(deb("own", "1", { Priority: "required" }));
  assert.match(text, /^Priority: optional$/m);
  assert.deepEqual(what, ["Priority: required"]);
});

test("limited: Provides of a full mirror's names are taken out, others stay as they are written", () => {
  const { text, what } = limited(deb("own", "1", { Provides: "libc6 (= 9), own-api,\n mail-transport-agent, nginx" }));
  assert.match(text, /^Provides: own-api,\n mail-transport-agent$/m);
  assert.deepEqual(what, ["Provides: libc6", "Provides: nginx"]);
});

for (const unreadable of ["libc6 (= 99!)", "own-api, libc6 (== 9)", "libc6 (= 9_9)"]) {
  test(`limited: a Provides that cannot be read goes whole: ${unreadable}`, () => {
    const { text, what } = limited(deb("own", "1", { Provides: unreadable }));
    assert.doesNotMatch(text, /^Provides/m);
    assert.deepEqual(what, [`Provides: ${unreadable}, which cannot be read`]);
  });
}

test("limited: a name that full mirrors have in another architecture is theirs here too", () => {
  const findings = { ...NO_FINDINGS, owned: new Map([["deb" as const, new Map([["linux-image", full.mirror]])]]) };
  const inputs = [vendor(deb("linux-image", "99", { Architecture: "all" }), deb("own", "1")), full];
  assert.ok(!told(mergeIndex(packages, AMD64, inputs, {}, undefined, findings).kept).some((one) => one.startsWith("linux-image")));
});

test("limited: a Provides of nothing else goes", () => {
  assert.doesNotMatch(limited(deb("own", "1", { Provides: "libc6" })).text, /^Provides/m);
});

test("limited: stanzas of full mirrors keep all they say", () => {
  const inputs = [input("full", 0, [deb("x", "1", { Essential: "yes", Priority: "required" })]), vendor(deb("own", "1"))];
  const rules = contestRules(packages, AMD64, policyOf({}), NO_FINDINGS);
  const gathered = gather(packages, AMD64, inputs, rules);
  assert.deepEqual(limitMirrors(packages, decideIndex(gathered, rules).kept, gathered.owned).limited, []);
});
