/** Laws of policy, for every archive and every set of rules. */
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { parseMirrorName, parseSuiteName } from "../../lib/archive/names.ts";
import { RELATION_FIELDS } from "../../lib/closure/relation-fields.ts";
import { fieldText, scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { packages } from "../../lib/kinds/packages.ts";
import type { IndexInput } from "../../lib/merge/candidate.ts";
import { NO_FINDINGS } from "../../lib/merge/contest-rules.ts";
import { overrideSet } from "../../lib/override/override-set.ts";
import { decideTarget, loadTarget } from "../../lib/pipeline/decide-target.ts";
import type { BanRule, PinRule, Policy, SuiteSettings } from "../../lib/settings.ts";
import { AMD64, ban, input, pin, policyOf } from "../merge/inputs.ts";

interface Deb {
  readonly name: string;
  readonly version: string;
  readonly depends: readonly string[];
  readonly provides: string;
}

const NAMES = ["a", "b", "c", "liba", "libb", "x"];
const name = fc.constantFrom(...NAMES);
const debs = fc.array(
  fc.record<Deb>({
    name,
    version: fc.constantFrom("1", "2", "2~rc1", "3"),
    depends: fc.array(
      fc.array(name, { minLength: 1, maxLength: 2 }).map((all) => all.join(" | ")),
      { maxLength: 2 },
    ),
    provides: fc.constantFrom("", "x", "v"),
  }),
  { maxLength: 8 },
);
const archives = fc.array(debs, { minLength: 1, maxLength: 3 });
const pattern = fc.oneof(name, fc.constantFrom("lib*", "*b", "?"));
const bans = fc.array(
  fc.record({ by: fc.constantFrom("package", "source"), pattern }).map((rule) => ban(rule.by, rule.pattern)),
  { maxLength: 3 },
);
const pins = fc.array(
  fc
    .record({ by: fc.constantFrom("package", "source"), pattern, mirror: fc.constantFrom("m0", "m1", "m2") })
    .map((rule) => pin(rule.by, rule.pattern, rule.mirror)),
  { maxLength: 3 },
);
const winner = fc.constantFrom("priority", "newest", "all");

function archive(content: readonly Deb[], rank: number): IndexInput {
  const text = content.map(
    ({ name: own, version, depends, provides }) =>
      `Package: ${own}\nVersion: ${version}\nArchitecture: amd64\nFilename: pool/${own}.deb\nSize: 1\nSHA256: ${"0".repeat(64)}\n${depends.length === 0 ? "" : `Depends: ${depends.join(", ")}\n`}${provides === "" ? "" : `Provides: ${provides}\n`}`,
  );
  const table = scanStanzas(Buffer.from(text.join("\n")), [...packages.fields, ...RELATION_FIELDS], {});
  return { ...input("none", rank, []), mirror: parseMirrorName(`m${rank}`), table };
}

/** `name version mirror` of all that is published. */
function merged(contents: readonly (readonly Deb[])[], policy: Partial<Policy>): readonly string[] {
  const suite = { name: parseSuiteName("s"), policy: policyOf(policy) } as SuiteSettings;
  const target = { kind: packages, architecture: AMD64 };
  const inputs = contents.map(archive);
  const decided = decideTarget(target, loadTarget(target, inputs, suite, NO_FINDINGS), suite, overrideSet(suite.name, [], []));
  return decided.kept.map(
    (one) => `${fieldText(one.input.table, one.stanza, 0)} ${fieldText(one.input.table, one.stanza, 1)} ${one.input.mirror}`,
  );
}

test("law: a mirror of the last rank takes nothing away, whatever is pinned to others and banned", () => {
  const keeping = bans.map((all): readonly BanRule[] => all.map((rule) => ({ ...rule, dependents: "keep" })));
  const others = pins.map((all): readonly PinRule[] => all.filter(({ mirror }) => mirror.mirror !== "m3"));
  fc.assert(
    fc.property(archives, debs, keeping, others, (contents, last, rules, pinned) => {
      const full = [...contents, ...Array.from({ length: 3 - contents.length }, () => [])];
      const before = merged(full, { bans: rules, pins: pinned });
      const after = new Set(merged([...full, last], { bans: rules, pins: pinned }));
      for (const line of before) assert.ok(after.has(line), line);
    }),
  );
});

test("law: banning twice is banning once", () => {
  fc.assert(
    fc.property(archives, bans, winner, (contents, rules, rule) => {
      assert.deepEqual(merged(contents, { winner: rule, bans: [...rules, ...rules] }), merged(contents, { winner: rule, bans: rules }));
    }),
  );
});

test("law: the order of bans does not matter", () => {
  const shuffled = bans.chain((rules) => fc.tuple(fc.constant(rules), fc.shuffledSubarray(rules, { minLength: rules.length })));
  fc.assert(
    fc.property(archives, shuffled, winner, (contents, [rules, other], rule) => {
      assert.deepEqual(merged(contents, { winner: rule, bans: other }), merged(contents, { winner: rule, bans: rules }));
    }),
  );
});

test("law: the order of pins that say the same does not matter", () => {
  fc.assert(
    fc.property(archives, pins, fc.nat(2), winner, (contents, rules, place, rule) => {
      const again = rules[place];
      const twice = again === undefined ? rules : [...rules, again];
      assert.deepEqual(merged(contents, { winner: rule, pins: twice }), merged(contents, { winner: rule, pins: rules }));
    }),
  );
});

test("law: no stanza that fits a ban is published, in any mirror", () => {
  fc.assert(
    fc.property(archives, pattern, pins, winner, (contents, banned, pinned, rule) => {
      const kept = merged(contents, { winner: rule, bans: [ban("package", banned)], pins: pinned });
      const expression = new RegExp(`^${banned.replaceAll("*", ".*").replaceAll("?", ".")}$`);
      for (const line of kept) assert.doesNotMatch(line.split(" ")[0] ?? "", expression);
    }),
  );
});

test("law: one mirror without rules is merged to itself, one stanza for each name and version", () => {
  fc.assert(
    fc.property(debs, winner, (content, rule) => {
      assert.deepEqual(
        new Set(merged([content], { winner: rule })),
        new Set(content.map(({ name: own, version }) => `${own} ${version} m0`)),
      );
    }),
  );
});
