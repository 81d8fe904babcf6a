/** Suites and aliases share one folder: a table of what may stand beside what. */
import assert from "node:assert/strict";
import test from "node:test";
import { load, withLines } from "./config-file.ts";

/** Suite to aliases; each suite has the components main and updates. */
const suites = (written: Readonly<Record<string, readonly string[]>>): string =>
  withLines({
    5: Object.entries(written)
      .map(([name, aliases]) => {
        const from = "from: [debian/x], components: [main, updates], architectures: [amd64]";
        return `  ${name}: { ${from}, aliases: [${aliases.join(", ")}] }`;
      })
      .reduce((text, line) => `${text}\n${line}`, "suites:"),
    6: "",
    7: "",
    8: "",
    9: "",
  });

for (const [name, written, expected] of [
  ["suites with names of their own", { a: ["stable"], b: ["testing"] }, undefined],
  ["a suite in the folder of another", { a: [], "a/security": [] }, undefined],
  ["a suite in a folder that is none", { "a/security": ["s/security"] }, undefined],
  ["names that only begin alike", { stable: [], b: ["stable-old"] }, undefined],
  ["an alias that is a suite", { a: ["b"], b: [] }, 'suites.a.aliases[0]: "b" is the name of a suite, it must be a name of its own'],
  ["an alias that is its own suite", { a: ["a"] }, 'suites.a.aliases[0]: "a" is the name of a suite, it must be a name of its own'],
  ["an alias of two suites", { a: ["s"], b: ["s"] }, 'suites.b.aliases[0]: "s" is an alias of suite "a", it must be a name of its own'],
  ["an alias given twice", { a: ["s", "s"] }, 'suites.a.aliases[1]: it is "s", it must be listed only once'],
  [
    "a suite below an alias",
    { a: ["s"], "s/updates": [] },
    'suites.s/updates: "s/updates" lies below "s", which is an alias of suite "a" and so a symlink, it must lie elsewhere',
  ],
  [
    "an alias below an alias",
    { a: ["s"], b: ["s/b"] },
    'suites.b.aliases[0]: "s/b" lies below "s", which is an alias of suite "a" and so a symlink, it must lie elsewhere',
  ],
  [
    "an alias in the folder of a suite",
    { a: [], b: ["a/b"] },
    'suites.b.aliases[0]: "a/b" is an alias in the folder of suite "a", it must lie outside of every suite',
  ],
  [
    "a suite where a component of another is",
    { a: [], "a/updates": [] },
    'suites.a/updates: suite "a" has "updates" in its folder already, it must lie elsewhere',
  ],
  [
    "a suite where the Release of another is",
    { a: [], "a/Release/x": [] },
    'suites.a/Release/x: suite "a" has "Release" in its folder already, it must lie elsewhere',
  ],
  [
    "a suite that verify would take for files by their digests",
    { "by-hash": [] },
    'suites.by-hash: "by-hash" is what folders of files by their digests are called, it must be another name',
  ],
  [
    "an alias of that name, further below",
    { a: ["b/by-hash/c"] },
    'suites.a.aliases[0]: "by-hash" is what folders of files by their digests are called, it must be another name',
  ],
] as const satisfies readonly (readonly [string, Record<string, readonly string[]>, string | undefined])[]) {
  test(`${name}: ${expected === undefined ? "accepted" : "refused"}`, async (t) => {
    const { messages } = await load(t, suites(written));
    assert.deepEqual(
      messages.map((message) => message.replace(/^aptmerge\.yaml:\d+:\d+: Cannot use /, "")),
      expected === undefined ? [] : [expected],
    );
  });
}
