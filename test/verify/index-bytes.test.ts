import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { type IndexPath, parseIndexPath } from "../../lib/archive/names.ts";
import type { TrustedRelease } from "../../lib/archive/trusted.ts";
import { MergeError } from "../../lib/errors.ts";
import { type IndexBytes, verifyIndex } from "../../lib/verify/index-bytes.ts";
import { clearsign, newKey } from "../support/keys.ts";
import { ask, releaseText, SIGNED_AT, writeKeyring } from "./world.ts";

const key = await newKey();
const keyring = await writeKeyring(key);

function path(text: string): IndexPath {
  const parsed = parseIndexPath(text);
  assert.ok(parsed);
  return parsed;
}

const PLAIN = path("main/binary-amd64/Packages");
const GZ = path("main/binary-amd64/Packages.gz");
const plain = Buffer.from("Package: hello\n");
const gz = gzipSync(plain);
const line = (bytes: Buffer, name: string, algorithm = "sha256") => `\n ${hash(algorithm, bytes)} ${bytes.length} ${name}`;
const flipped = Buffer.from(plain);
flipped[0] = 0x51;

/** Trusted for real: signed, and verified with weak digests allowed. */
async function trusted(sections: Readonly<Record<string, string>>): Promise<TrustedRelease> {
  const text = releaseText({ SHA256: undefined, ...sections });
  const { release, message } = await ask(await clearsign(text, [key], SIGNED_AT), keyring, { mirror: { allowWeak: true } });
  assert.ok(release, message);
  return release;
}

const both = await trusted({ SHA256: line(plain, PLAIN) + line(gz, GZ) });
const onlyGz = await trusted({ SHA256: line(gz, GZ) });
const onlyPlain = await trusted({ SHA256: line(plain, PLAIN) });
const disagreeing = await trusted({ SHA256: line(flipped, PLAIN) + line(gz, GZ) });
const weakSha1 = await trusted({ SHA1: line(plain, PLAIN, "sha1") + line(gz, GZ, "sha1") });
const weakMd5 = await trusted({ MD5Sum: line(plain, PLAIN, "md5") + line(gz, GZ, "md5") });
const mixed = await trusted({ SHA256: line(gz, GZ), MD5Sum: line(flipped, PLAIN, "md5") });
const weakHere = await trusted({ SHA256: line(plain, "main/other"), SHA1: line(plain, PLAIN, "sha1") });

const whole: IndexBytes = { path: PLAIN, plain, compressed: { path: GZ, bytes: gz } };
const noGz: IndexBytes = { path: PLAIN, plain, compressed: undefined };
const cases: readonly (readonly [name: string, index: IndexBytes, release: TrustedRelease, allowWeak: boolean, code: string])[] = [
  ["both forms, both listed", whole, both, false, "trusted"],
  ["the plain form, both listed", noGz, both, false, "trusted"],
  ["both forms, only the compressed one listed", whole, onlyGz, false, "trusted"],
  ["the plain form, only the compressed one listed", noGz, onlyGz, false, "INDEX_ABSENT"],
  ["both forms, only the plain one listed", whole, onlyPlain, false, "trusted"],
  ["a compressed form with one bit wrong", { ...whole, compressed: { path: GZ, bytes: gzipSync(flipped) } }, both, false, "INDEX_MISMATCH"],
  ["a compressed form cut off", { ...whole, compressed: { path: GZ, bytes: gz.subarray(0, -1) } }, both, false, "INDEX_MISMATCH"],
  ["an empty compressed form", { ...whole, compressed: { path: GZ, bytes: Buffer.alloc(0) } }, both, false, "INDEX_MISMATCH"],
  ["a plain form with one bit wrong", { ...whole, plain: flipped }, both, false, "INDEX_MISMATCH"],
  ["forms that disagree, both as listed", whole, disagreeing, false, "INDEX_MISMATCH"],
  ["SHA1 alone", whole, weakSha1, false, "RELEASE_WEAK"],
  ["SHA1 alone where weak is allowed", whole, weakSha1, true, "trusted"],
  ["MD5 alone where weak is allowed", whole, weakMd5, true, "trusted"],
  ["a plain form that does not match its SHA1", { ...noGz, plain: flipped }, weakSha1, true, "INDEX_MISMATCH"],
  ["a plain form that does not match its MD5", { ...noGz, plain: flipped }, weakMd5, true, "INDEX_MISMATCH"],
  ["one file with SHA1 alone in a Release that has SHA256", noGz, weakHere, false, "RELEASE_WEAK"],
  ["a weak plain entry beside a strong compressed one", whole, mixed, false, "trusted"],
  ["a weak plain entry that disagrees, where weak is allowed", whole, mixed, true, "INDEX_MISMATCH"],
  ["an index that is not listed", { ...noGz, path: path("main/binary-i386/Packages") }, both, false, "INDEX_ABSENT"],
];
for (const [name, index, release, allowWeak, code] of cases) {
  test(`verifyIndex answers ${code} to ${name}`, () => {
    try {
      const answer = verifyIndex(index, release, allowWeak);
      assert.equal("trusted", code);
      assert.deepEqual([answer.path, answer.sha256, answer.bytes], [PLAIN, hash("sha256", plain), plain]);
    } catch (error) {
      if (!(error instanceof MergeError)) throw error;
      assert.equal(error.code, code);
      assert.match(error.message, /debian\/bookworm/);
      assert.equal(error.where.mirror, "debian");
    }
  });
}

test("verifyIndex says what was expected and what came", () => {
  assert.throws(
    () => verifyIndex({ ...noGz, plain: flipped }, both, false),
    (error: Error) => {
      return error.message.includes(hash("sha256", plain)) && error.message.includes(hash("sha256", flipped));
    },
  );
  assert.throws(() => verifyIndex({ ...noGz, plain: gz }, both, false), new RegExp(`${gz.length} bytes.*${plain.length} bytes`));
});
