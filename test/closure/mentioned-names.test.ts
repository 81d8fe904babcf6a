import assert from "node:assert/strict";
import { test } from "node:test";
import { hashesIn, hashesOf, MentionedNames, namesIn } from "../../lib/closure/mentioned-names.ts";
import { numbers } from "../support/numbers.ts";
import { p, stanzas } from "./stanzas.ts";

const ODD = ["0ad", "a+b", "c.d-e", "libstdc++6", "x", "lib:odd", "g(1)"];

test("placesIn: no stanza that has or names one of the names is passed over, and of the others few are not", () => {
  const number = numbers(3);
  const name = (): string => (number(9) === 0 ? (ODD[number(ODD.length)] ?? "") : `n${number(3000)}`);
  const relation = (): string =>
    Array.from({ length: number(6) }, () => `${name()}${["", " (>= 1)", ":any", " | other", "[i386]", " <!nocheck>"][number(6)]}`).join(
      [", ", ",", " ,\n "][number(3)],
    );
  const all = stanzas(...Array.from({ length: 3000 }, () => p(name(), relation(), { provides: relation() })));
  const [names, needs] = [hashesOf(all), hashesIn(all, ["pre-depends", "depends"])];
  let [hits, passed] = [0, 0];
  for (let round = 0; round < 40; round++) {
    const wanted = Array.from({ length: 1 + number(20) }, name);
    const looked = new MentionedNames(wanted);
    const [byName, byNeed] = [new Set(looked.placesIn(names)), new Set(looked.placesIn(needs))];
    for (const [place, one] of all.entries()) {
      assert.ok(!looked.has(one) || (byName.has(place) && looked.mayBeNameOf(place, names)), `the name of ${place}`);
      const isNeeded = namesIn(one, ["depends"]).some((need) => wanted.includes(need));
      assert.equal(looked.areIn(one, ["depends"]), isNeeded);
      assert.ok(!isNeeded || byNeed.has(place), `the needs of ${place}`);
      if (isNeeded) hits++;
      else if (byNeed.has(place)) passed++;
    }
  }
  assert.ok(hits > 1000 && passed < hits / 10, `${hits} and ${passed}`);
});

test("placesIn: no names are in nothing", () => {
  assert.deepEqual(new MentionedNames(["a"]).placesIn(hashesOf([])), []);
  assert.deepEqual(new MentionedNames([]).placesIn(hashesOf(stanzas(p("a")))), []);
});
