/**
 * THREATS table 0.1 from outside: InRelease files that careless readers, and gpgv, take for signed in full. The unsigned text of each would
 * lead to an index that the mirror really has, so that whoever reads it publishes "evil".
 */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { assertFails, CALM, LATER } from "../support/attack.ts";
import { clearsign } from "../support/keys.ts";
import { deb, FOREIGN_KEY, upstream } from "../support/world.ts";

const IN_RELEASE = "dists/stable/InRelease";
const BEGIN = "-----BEGIN PGP SIGNATURE-----";
const END = "-----END PGP SIGNATURE-----";

const evil = upstream().deb(deb("evil", "6.6")).at("2026-10-01T13:00:00Z").byHash();
const evilTree = await evil.build();
const EVIL = evilTree.get("dists/stable/Release")?.toString() ?? "";
const evilSigned = (await clearsign(EVIL, [FOREIGN_KEY], new Date("2026-10-01T13:00:00Z"))).toString();

/** What each makes of a sound file. */
const FORMS: readonly (readonly [name: string, change: (file: string) => string, found: RegExp])[] = [
  ["S01: an unsigned stanza before the message", (file) => `${EVIL}\n${file}`, /its first line is not/],
  ["S02: an unsigned stanza before the message, without a blank line", (file) => EVIL + file, /its first line is not/],
  ["S03: an unsigned stanza after the message", (file) => `${file}\n${EVIL}`, /stands after the signature and is not signed/],
  ["S04: a second clear-signed message, of somebody else, after the message", (file) => file + evilSigned, /dash|after the signature/],
  [
    "S05: a signature whose empty line is made of blanks, and text after it (CVE-2013-1051)",
    (file) => `${file.replace(`${BEGIN}\n\n`, `${BEGIN}\n  \n`)}${EVIL}`,
    /stands after the signature and is not signed/,
  ],
  [
    "S06: an indented end of the signature, and text after it",
    (file) => `${file.replace(END, ` ${END}`)}${EVIL}`,
    /not closed|after the signature|dash/,
  ],
  ["S07: a signature that is never closed", (file) => file.replace(`${END}\n`, EVIL), /its signature is not closed/],
  [
    "S07: a line over gpg's limit, to which a stanza is joined by a carriage return",
    (file) => file.replace("Origin: Test\n", `Origin: Test${" ".repeat(20_100)}\r${EVIL.replaceAll("\n", "\r")}\n`),
    /has [0-9]+ bytes, at most 16384 are read/,
  ],
  [
    "S07: a stanza joined by a carriage return to a line of the usual length",
    (file) => file.replace("Origin: Test\n", `Origin: Test\r${EVIL.split("\n")[1]}\n`),
    /a carriage return that ends no line/,
  ],
];

for (const [name, change, found] of FORMS) {
  test(`${name} is refused, and nothing of the unsigned text comes out`, async (t) => {
    let archive = LATER.tamper(IN_RELEASE, (bytes) => change(bytes.toString("latin1")));
    // What the unsigned text lists is there: under its digest, so that it stands beside the sound files.
    for (const [path, bytes] of evilTree)
      if (/by-hash/.test(path)) archive = archive.file(path.slice("dists/stable/".length), bytes, { listed: false });
    const world = await assertFails(t, { code: "CLEARSIGN_MALFORMED", exit: 5, archive, says: [/InRelease/, found] });
    assert.ok(!world.mirror("base").requests.some(({ path }) => /by-hash/.test(path)));
    for (const path of await readdir(world.output, { recursive: true })) {
      const bytes = await readFile(join(world.output, path)).catch(() => Buffer.of());
      const text = path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
      assert.ok(!/evil/i.test(text.toString("latin1")), path);
    }
  });
}

test("S01 S02 S03: the same file without its unsigned text is merged", async (t) => {
  // The forms above fail for what was done to them, and for nothing else.
  const world = await assertFails(t, {
    code: "CLEARSIGN_MALFORMED",
    exit: 5,
    archive: CALM.tamper(IN_RELEASE, (bytes) => `\n${bytes}`),
    says: [/its first line is not/],
  });
  assert.deepEqual(await world.packages(), ["hello 2.0"]);
});
