import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { RelationReader } from "../../lib/closure/relation-reader.ts";
import type { VersionedNames } from "../../lib/closure/versioned-names.ts";
import { fitsArchitecture, parseGroup, splitGroups } from "../../lib/deb822/relations.ts";
import { p, stanzas } from "./stanzas.ts";

const part = fc.constantFrom("a", "b2", "lib-c+", "a", ":any", ":amd64", " (>= 1)", "(<<2~3 )", " ( = 1:2-3)", " (2)", " (>9)", " [amd64]");
const other = fc.constantFrom(
  " [!amd64]",
  "[i386 arm64]",
  " <!nocheck>",
  " | ",
  "|",
  ", ",
  ",",
  "  ",
  "\n ",
  "(",
  "?",
  " (>= )",
  "_",
  "(=0)",
);
const field = fc.array(fc.oneof({ weight: 3, arbitrary: part }, other), { maxLength: 12 }).map((pieces) => pieces.join("").trim());

/** What a group asks for twice is there once. */
const unique = <T>(all: readonly T[]): readonly T[] => [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];

test("law: what is noted of relations and Provides is what parseGroup reads in them, however they are written", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 4 }), (fields) => {
      const reader = new RelationReader("amd64");
      const all = stanzas(...fields.map(([depends, provides], number) => p(`own${number}`, depends, { provides })));
      for (const one of all) reader.add(one);
      const read = reader.done();
      const told = (names: VersionedNames, number: number) => ({
        name: read.names.textOf(names.nameOf(number)),
        any: names.isAny(number),
        operator: names.operatorOf(number),
        version: names.operatorOf(number) === undefined ? undefined : read.versions.textOf(names.versionOf(number)),
      });
      for (const [stanza, [depends, provides]] of fields.entries()) {
        const wanted = (text: string) => parseGroup(text)?.filter((one) => fitsArchitecture(one, "amd64"));
        const plain = ({ name, qualifier, constraint }: NonNullable<ReturnType<typeof parseGroup>>[number]) => ({
          name,
          any: qualifier === "any",
          operator: constraint?.operator,
          version: constraint?.version,
        });
        const groups = splitGroups(depends).filter((text) => wanted(text)?.length !== 0);
        assert.deepEqual(
          [...read.groupsOf.of(stanza)].map((group) => [...read.alternativesOf.of(group)].map((number) => told(read.alternatives, number))),
          groups.map((text) => unique((wanted(text) ?? []).map(plain))),
        );
        assert.deepEqual(
          [...read.groupsOf.of(stanza)].map((group) => read.textOf(group)),
          groups,
        );
        const offers = splitGroups(provides).flatMap((text) => parseGroup(text)?.slice(0, 1) ?? []);
        assert.deepEqual(
          [...read.providesOf.of(stanza)].map((number) => told(read.provided, number)),
          offers.map((offer) => ({ ...plain(offer), any: false })),
        );
        assert.equal(read.names.textOf(read.nameOf(stanza)), `own${stanza}`);
      }
    }),
    { numRuns: 3000 },
  );
});
