import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { parseSha256 } from "../../lib/archive/names.ts";
import { clearsign, detach, newKey } from "../support/keys.ts";
import { ACCEPTED_FORMS, REFUSED_FORMS, REFUSED_SIGNATURES } from "./forms.ts";
import { type Ask, ask, releaseText, SIGNED_AT, writeKeyring } from "./world.ts";

const key = await newKey({ userId: "Archive" });
const other = await newKey({ userId: "Another Archive" });
const keyring = await writeKeyring(key);
const inRelease = (changes: Readonly<Record<string, string | undefined>> = {}) => clearsign(releaseText(changes), [key], SIGNED_AT);
const sound = await inRelease();

for (const [name, change] of [...REFUSED_FORMS, ...REFUSED_SIGNATURES]) {
  test(`verifyRelease refuses ${name}`, async () => assert.equal((await ask(change(sound), keyring)).code, "CLEARSIGN_MALFORMED"));
}

for (const [name, change] of ACCEPTED_FORMS) {
  test(`verifyRelease trusts a sound file, ${name}`, async () => {
    const answer = await ask(change(sound), keyring);
    assert.deepEqual([answer.code, answer.message], ["trusted", ""]);
    assert.equal(answer.release?.sha256, hash("sha256", releaseText()));
  });
}

test("verifyRelease gives who signed, the date and the bytes to verify again", async () => {
  const { release, problems } = await ask(sound, keyring);
  assert.deepEqual(release?.signedBy, [key.fingerprint]);
  assert.deepEqual([release.date, release.validUntil], [new Date("2026-02-10T06:00:00Z"), new Date("2026-02-17T06:00:00Z")]);
  assert.deepEqual(release.files, { form: "InRelease", inRelease: sound });
  assert.deepEqual(problems, []);
});

test("verifyRelease gives InRelease and Release with Release.gpg the same digest", async () => {
  for (const text of [releaseText(), releaseText().replaceAll("\n", "\r\n"), releaseText({ Label: "blank " })]) {
    const files = { form: "Release.gpg", release: Buffer.from(text), signature: await detach(text, [key], SIGNED_AT) } as const;
    const [beside, inside] = [await ask(files, keyring), await ask(await clearsign(text, [key], SIGNED_AT), keyring)];
    assert.equal(beside.code, "trusted", beside.message);
    assert.equal(beside.release?.sha256, inside.release?.sha256);
  }
});

test("verifyRelease refuses a Release whose signature is of other bytes", async () => {
  const release = Buffer.from(releaseText({ Origin: "Evil" }));
  const files = { form: "Release.gpg", release, signature: await detach(releaseText(), [key], SIGNED_AT) } as const;
  assert.equal((await ask(files, keyring)).code, "SIGNATURE_BAD");
});

for (const [name, signature] of [
  ["no signature", Buffer.alloc(0)],
  ["a web page for a signature", Buffer.from("<html></html>")],
  ["text around the signature", Buffer.concat([Buffer.from("hello\n"), await detach(releaseText(), [key], SIGNED_AT)])],
  ["a whole signed message for a signature", sound],
  ["a public key for a signature", Buffer.from(key.publicArmored)],
] as const) {
  test(`verifyRelease refuses Release with ${name}`, async () => {
    const answer = await ask({ form: "Release.gpg", release: Buffer.from(releaseText()), signature }, keyring);
    assert.equal(answer.code, "CLEARSIGN_MALFORMED");
    assert.match(answer.message, /debian\/bookworm/);
  });
}

test("verifyRelease refuses an unsigned Release served as InRelease", async () => {
  assert.equal((await ask(Buffer.from(releaseText()), keyring)).code, "CLEARSIGN_MALFORMED");
});

test("verifyRelease refuses text that was changed after signing", async () => {
  const answer = await ask(Buffer.from(sound.toString().replace("Origin: Example", "Origin: Exampel")), keyring);
  assert.equal(answer.code, "SIGNATURE_BAD");
  assert.match(answer.message, new RegExp(key.fingerprint));
});

test("verifyRelease accepts text that is not UTF-8", async () => {
  const text = Buffer.from(releaseText({ Label: "caf\xe9" }), "latin1");
  assert.equal((await ask(await clearsign(text, [key], SIGNED_AT), keyring)).code, "trusted");
});

/** What the Release says and what comes of it; every one of them is signed well. */
const floor = (date: string, text = releaseText()) => {
  const sha256 = parseSha256(hash("sha256", text));
  assert.ok(sha256);
  return { date: new Date(date), sha256 };
};
const WEAK = { SHA256: undefined, SHA1: `\n ${"a".repeat(40)} 10 main/binary-amd64/Packages` };
const CASES: readonly (readonly [name: string, changes: Readonly<Record<string, string | undefined>>, options: Ask, code: string])[] = [
  ["a Release before the floor", {}, { floor: floor("2026-02-10T06:00:01Z") }, "RELEASE_ROLLBACK"],
  ["a Release before the floor, accepted this once", {}, { floor: floor("2026-02-10T06:00:01Z"), acceptOlder: true }, "trusted"],
  ["the floor itself", {}, { floor: floor("2026-02-10T06:00:00Z") }, "trusted"],
  ["a Release after the floor", {}, { floor: floor("2026-02-10T05:59:59Z", "other") }, "trusted"],
  ["other text at the floor's date", {}, { floor: floor("2026-02-10T06:00:00Z", "other") }, "RELEASE_EQUIVOCAL"],
  [
    "other text at the floor's date, accepted this once",
    {},
    { floor: floor("2026-02-10T06:00:00Z", "other"), acceptOlder: true },
    "trusted",
  ],
  ["a Date more than 10 minutes ahead", { Date: "Tue, 10 Feb 2026 12:10:01 UTC" }, {}, "RELEASE_FROM_FUTURE"],
  ["a Date ten minutes ahead", { Date: "Tue, 10 Feb 2026 12:10:00 UTC" }, {}, "trusted"],
  ["no Date", { Date: undefined }, {}, "RELEASE_UNDATED"],
  ["a Date that is none", { Date: "yesterday" }, {}, "RELEASE_UNDATED"],
  ["a Date of another zone", { Date: "Tue, 10 Feb 2026 06:00:00 +0200" }, {}, "RELEASE_UNDATED"],
  ["a Valid-Until that is past", { "Valid-Until": "Tue, 10 Feb 2026 11:59:59 UTC" }, {}, "RELEASE_EXPIRED"],
  ["a Valid-Until of this second", { "Valid-Until": "Tue, 10 Feb 2026 12:00:00 UTC" }, {}, "trusted"],
  ["no Valid-Until", { "Valid-Until": undefined }, {}, "trusted"],
  ["a Valid-Until without its day of the week, which apt refuses", { "Valid-Until": "17 Feb 2026 06:00:00 UTC" }, {}, "RELEASE_MALFORMED"],
  ["a Date without its day of the week, which apt passes over", { Date: "10 Feb 2026 06:00:00 UTC" }, {}, "trusted"],
  ["a Valid-Until that is none", { "Valid-Until": "for ever" }, {}, "RELEASE_MALFORMED"],
  [
    "a Valid-Until that is past, of a frozen archive",
    { "Valid-Until": "Mon, 09 Feb 2026 12:00:00 UTC" },
    { mirror: { checkValidUntil: false } },
    "trusted",
  ],
  ["another suite of the archive", { Suite: "testing", Codename: "trixie" }, {}, "RELEASE_WRONG_SUITE"],
  ["another codename, the right Suite", { Suite: "experimental", Codename: "rc-buggy" }, { suite: "experimental" }, "trusted"],
  ["another codename, as the config says", { Suite: undefined, Codename: "trixie" }, { codename: "trixie" }, "trusted"],
  ["another codename, in the other case", { Suite: undefined, Codename: "Bookworm" }, {}, "RELEASE_WRONG_SUITE"],
  ["the codename of a suite with a slash", { Suite: "oldstable", Codename: "buster" }, { suite: "buster/updates" }, "trusted"],
  ["the part behind the slash as codename", { Suite: "updates", Codename: undefined }, { suite: "buster/updates" }, "RELEASE_WRONG_SUITE"],
  ["Archive for Suite", { Suite: undefined, Codename: undefined, Archive: "bookworm" }, {}, "trusted"],
  ["another Archive", { Suite: undefined, Codename: undefined, Archive: "sid" }, {}, "RELEASE_WRONG_SUITE"],
  ["neither Suite nor Codename", { Suite: undefined, Codename: undefined }, {}, "trusted"],
  ["a flat archive, whatever its Suite", { Suite: "x", Codename: "y" }, { suite: "./" }, "trusted"],
  ["SHA1 alone", WEAK, {}, "RELEASE_WEAK"],
  ["SHA1 alone where weak is allowed", WEAK, { mirror: { allowWeak: true } }, "trusted"],
  ["no digests", { SHA256: undefined }, { mirror: { allowWeak: true } }, "RELEASE_WEAK"],
  ["a second stanza inside the signed text", { SHA256: `\n ${"a".repeat(64)} 1 x\n\nOrigin: Evil` }, {}, "RELEASE_MALFORMED"],
];
for (const [name, changes, options, code] of CASES) {
  test(`verifyRelease answers ${code} to ${name}`, async () => {
    const answer = await ask(await inRelease(changes), keyring, options);
    assert.equal(answer.code, code, answer.message);
    if (code !== "trusted") assert.match(answer.message, /debian\/\S+/);
  });
}

test("verifyRelease says that an ignored Valid-Until is ignored, also one that cannot be read", async () => {
  for (const text of ["Mon, 09 Feb 2026 12:00:00 UTC", "for ever"]) {
    const { problems } = await ask(await inRelease({ "Valid-Until": text }), keyring, { mirror: { checkValidUntil: false } });
    assert.deepEqual(
      problems.map((each) => [each.code, each.severity]),
      [["VALID_UNTIL_IGNORED", "warning"]],
    );
  }
});

test("verifyRelease looks at the signature before anything that the text says", async () => {
  const file = await clearsign(releaseText({ Date: undefined, Codename: "sid", Suite: "sid" }), [other], SIGNED_AT);
  assert.equal((await ask(file, keyring)).code, "SIGNATURE_UNTRUSTED");
});
