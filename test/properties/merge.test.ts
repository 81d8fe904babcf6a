/** Laws that hold for every archive, not only for those that somebody thought of. */
import assert from "node:assert/strict";
import { posix } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { parseArchitecture, parseComponentName, parseMirrorName, parseSuitePath } from "../../lib/archive/names.ts";
import { pathFault, prefixed } from "../../lib/archive/paths.ts";
import { compareVersions, isVersion } from "../../lib/archive/version.ts";
import { composeBlocks } from "../../lib/compose/stanzas.ts";
import { editStanza } from "../../lib/deb822/edit.ts";
import { fieldText, scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { NAME, VERSION } from "../../lib/kinds/index-kind.ts";
import { packages } from "../../lib/kinds/packages.ts";
import type { IndexInput } from "../../lib/merge/candidate.ts";
import type { Winner } from "../../lib/settings.ts";
import { mergeIndex } from "../merge/inputs.ts";

const AMD64 = parseArchitecture("amd64");
const MAIN = parseComponentName("main");
const WINNERS: readonly Winner[] = ["priority", "newest", "all"];

interface Deb {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly file: number;
}

const debs = fc.array(
  fc.record<Deb>({
    name: fc.constantFrom("a", "b", "c", "libx++", "d"),
    version: fc.constantFrom("1", "1.0-0", "2~rc1", "2", "1:0", "2+b1"),
    architecture: fc.constantFrom("amd64", "all"),
    file: fc.integer({ min: 0, max: 2 }),
  }),
  { maxLength: 12 },
);

const stanza = ({ name, version, architecture, file }: Deb): string =>
  `Package: ${name}\nVersion: ${version}\nArchitecture: ${architecture}\nFilename: pool/main/${name}_${file}.deb\nSize: 1\nSHA256: ${String(file).repeat(64)}\nX-Odd:  kept\n as it is\n`;

function input(rank: number, content: readonly Deb[], pool?: string): IndexInput {
  const bytes = Buffer.from(content.map((deb) => `${stanza(deb)}\n`).join(""));
  return {
    mirror: parseMirrorName(`m${rank}`),
    suite: parseSuitePath("stable"),
    rank,
    componentOrder: 0,
    component: MAIN,
    pool,
    weakAllowed: false,
    mixed: false,
    limited: false,
    table: scanStanzas(bytes, packages.fields, {}),
  };
}

const merged = (inputs: readonly IndexInput[], winner: Winner): readonly string[] =>
  mergeIndex(packages, AMD64, inputs, winner).kept.map(({ input: from, stanza: position }) =>
    [from.rank, ...[NAME, VERSION, 2, 4].map((field) => fieldText(from.table, position, field))].join(" "),
  );

const text = (inputs: readonly IndexInput[], winner: Winner): string =>
  [
    ...composeBlocks(
      packages,
      mergeIndex(packages, AMD64, inputs, winner).kept,
      () => undefined,
      () => {},
    ),
  ]
    .map(({ bytes }) => bytes.toString())
    .join("");

const inputsOf = (archives: readonly (readonly Deb[])[]): readonly IndexInput[] => archives.map((content, rank) => input(rank, content));

for (const winner of WINNERS) {
  test(`law, winner ${winner}: one archive without rules merges to its own stanzas, each byte of them`, () => {
    fc.assert(
      fc.property(debs, (content) => {
        const one = text([input(0, content)], winner);
        const own = new Set(content.map(stanza));
        const kept = one === "" ? [] : one.slice(0, -1).split("\n\n");
        for (const each of kept) assert.ok(own.has(each.endsWith("\n") ? each : `${each}\n`), each);
        assert.deepEqual(new Set(kept.map((each) => each.split("\n")[0])), new Set(content.map(({ name }) => `Package: ${name}`)));
      }),
    );
  });

  test(`law, winner ${winner}: merging the result again changes nothing`, () => {
    fc.assert(
      fc.property(fc.array(debs, { minLength: 1, maxLength: 3 }), (archives) => {
        const once = text(inputsOf(archives), winner);
        const again = { ...input(0, []), table: scanStanzas(Buffer.from(once), packages.fields, {}) };
        assert.equal(text([again], winner), once);
      }),
    );
  });

  test(`law, winner ${winner}: the order in which inputs arrive decides nothing, their rank does`, () => {
    fc.assert(
      fc.property(fc.array(debs, { minLength: 2, maxLength: 4 }), (archives) => {
        const inputs = inputsOf(archives);
        assert.deepEqual(merged([...inputs].reverse(), winner), merged(inputs, winner));
      }),
    );
  });
}

test("law, winner priority: an archive of the last rank adds names and takes none away", () => {
  fc.assert(
    fc.property(fc.array(debs, { minLength: 1, maxLength: 3 }), debs, (archives, last) => {
      const before = merged(inputsOf(archives), "priority");
      const after = merged([...inputsOf(archives), input(9, last)], "priority");
      assert.deepEqual(
        after.filter((line) => !line.startsWith("9 ")),
        before,
      );
    }),
  );
});

test("law: no two stanzas of a merged index share name, version and architecture", () => {
  fc.assert(
    fc.property(fc.array(debs, { minLength: 1, maxLength: 3 }), fc.constantFrom(...WINNERS), (archives, winner) => {
      const kept = mergeIndex(packages, AMD64, inputsOf(archives), winner).kept;
      const keys = kept.map(({ input: from, stanza: position }) =>
        [NAME, VERSION, 2].map((field) => fieldText(from.table, position, field)),
      );
      for (const [place, [name, version, architecture]] of keys.entries()) {
        const twin = keys
          .slice(place + 1)
          .find((other) => other[0] === name && other[2] === architecture && compareVersions(other[1] ?? "", version ?? "") === 0);
        assert.equal(twin, undefined);
      }
    }),
  );
});

const version = fc
  .tuple(fc.constantFrom("", "0:", "1:"), fc.stringMatching(/^[0-9][0-9a-zA-Z.+~]{0,6}$/), fc.constantFrom("", "-1", "-0", "-1~a", "-1+b1"))
  .map((parts) => parts.join(""))
  .filter(isVersion);

test("law: versions are in one order, whichever way they are asked", () => {
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      assert.equal(compareVersions(a, b), -compareVersions(b, a) || 0);
      assert.equal(compareVersions(a, a), 0);
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0, `${a} <= ${b} <= ${c}`);
    }),
    { numRuns: 2000 },
  );
});

test("law: every path that is not refused stays below the pool of its mirror", () => {
  const piece = fc.constantFrom(
    "pool/",
    "../",
    "./",
    "/",
    "..",
    "%2e%2e",
    "%2E.",
    "%2f",
    "a",
    "@evil",
    ":80@",
    "http:",
    "//",
    "\\",
    "?",
    "#",
    "%",
    "~",
    "+",
    ".evil",
    "\n",
    "\u2028",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const path = pieces.join("");
      if (pathFault(path) !== undefined) return;
      const url = new URL(prefixed(path, "M"), "http://host.example/merged/");
      assert.equal(url.host, "host.example");
      // A web server decodes before it looks: the decoded path must stay there too.
      const decoded = posix.normalize(url.pathname.replace(/%2e/gi, ".").replace(/%2f/gi, "/"));
      assert.ok(`${decoded}/`.startsWith("/merged/pool/M/"), `${path} -> ${url}`);
    }),
    { numRuns: 5000 },
  );
});

test("law: editing twice is editing once, and what is not named keeps its bytes", () => {
  const edits = fc.array(fc.record({ field: fc.constantFrom("Section", "X-New", "x-odd"), value: fc.stringMatching(/^[a-z]{1,5}$/) }), {
    maxLength: 3,
  });
  fc.assert(
    fc.property(edits, (changes) => {
      const before = Buffer.from(stanza({ name: "a", version: "1", architecture: "all", file: 1 }));
      const once = editStanza(before, changes);
      assert.deepEqual(editStanza(once, changes), once);
      const named = new Set(changes.map(({ field }) => field.toLowerCase()));
      for (const line of before
        .toString()
        .split("\n")
        .filter((each) => /^[A-Z]/.test(each))) {
        if (!named.has(line.split(":")[0]?.toLowerCase() ?? "")) assert.ok(once.includes(`${line}\n`), line);
      }
    }),
  );
});

test("law: the stanzas of a table cover every byte that is not blank", () => {
  const line = fc.constantFrom("Package: a", "Version: 1", "Field:", " continued", "\tby tab", "", " ", "\t \t");
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.boolean(), (lines, ended) => {
      const bytes = Buffer.from(lines.join("\n") + (ended ? "\n" : ""));
      let table: ReturnType<typeof scanStanzas>;
      try {
        table = scanStanzas(bytes, ["package"], {});
      } catch {
        return; // a continuation that continues nothing
      }
      const rest = Buffer.from(bytes);
      for (let position = 0; position < table.count; position++) rest.fill(0x20, table.starts[position], table.ends[position]);
      assert.equal(rest.toString().trim(), "");
    }),
    { numRuns: 2000 },
  );
});
