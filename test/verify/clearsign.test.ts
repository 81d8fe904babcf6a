import assert from "node:assert/strict";
import { test } from "node:test";
import { MergeError } from "../../lib/errors.ts";
import { splitClearsigned } from "../../lib/verify/clearsign.ts";
import { clearsign, newKey } from "../support/keys.ts";
import { ACCEPTED_FORMS, REFUSED_FORMS } from "./forms.ts";
import { releaseText } from "./world.ts";

const where = { mirror: "debian", suite: "bookworm", file: "InRelease" };
const key = await newKey();
const sound = await clearsign(releaseText(), [key]);

function codeOf(file: Buffer): string {
  try {
    return splitClearsigned(file, where).text.toString("latin1");
  } catch (error) {
    assert.ok(error instanceof MergeError);
    assert.match(error.message, /InRelease of debian\/bookworm/);
    assert.deepEqual(error.where, where);
    return error.code;
  }
}

for (const [name, change] of REFUSED_FORMS) {
  test(`splitClearsigned refuses ${name}`, () => {
    const file = change(sound);
    assert.notDeepEqual(file, sound);
    assert.equal(codeOf(file), "CLEARSIGN_MALFORMED");
  });
}

for (const [name, change] of ACCEPTED_FORMS) {
  test(`splitClearsigned reads ${name}`, () => assert.equal(codeOf(change(sound)), releaseText()));
}

test("splitClearsigned gives the text with its last line end and the bytes to verify without it", () => {
  const split = splitClearsigned(sound, where);
  assert.deepEqual(split.toVerify, Buffer.from(releaseText().trimEnd()));
  assert.match(split.signature.toString(), /^-----BEGIN PGP SIGNATURE-----\n[^-]*-----END PGP SIGNATURE-----\n$/);
});

test("splitClearsigned keeps bytes that are no UTF-8", async () => {
  const text = Buffer.from("Origin: caf\xe9\nLabel: \xff\xfe\n", "latin1");
  assert.deepEqual(splitClearsigned(await clearsign(text, [key]), where).text, text);
});

test("splitClearsigned removes escapes of lines that start with a dash", async () => {
  const text = "-----BEGIN PGP SIGNATURE-----\n- item\n";
  assert.equal(codeOf(await clearsign(text, [key])), text);
});

for (const [name, page] of [
  ["a login page", "<!DOCTYPE html>\n<html><body>Log in</body></html>\n"],
  ["a page that starts with blanks", "\r\n  <html>"],
] as const) {
  test(`splitClearsigned calls ${name} what it is`, () => {
    assert.throws(() => splitClearsigned(Buffer.from(page), where), /login page or a proxy/);
  });
}

test("splitClearsigned says that an empty file is empty", () => {
  assert.throws(() => splitClearsigned(Buffer.alloc(0), where), /it is empty/);
});
