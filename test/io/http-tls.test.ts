/** Mirrors over https, with certificates made for the test. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { CALM } from "../support/attack.ts";
import { downloading, textOf } from "../support/downloading.ts";
import { redirect } from "../support/fault-answers.ts";
import { serve, serveRaw } from "../support/fault-server.ts";
import { needs } from "../support/needs.ts";
import { assertPublished, assertRefused, errorOf } from "../support/refused.ts";
import { newWorld } from "../support/world.ts";

const TREE = new Map([["file", Buffer.from("over TLS")]]);

function certificate(t: TestContext, address: string): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "aptmerge-tls-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=aptmerge test", "-addext", `subjectAltName=IP:${address}`, "-days", "2"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync("openssl", ["req", "-x509", ...curve, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
}

function trust(t: TestContext, cert: string): void {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, cert]);
  t.after(() => setDefaultCACertificates(before));
}

test("a file comes over https", async (t) => {
  if (!needs(t, "openssl")) return;
  const tls = certificate(t, "127.0.0.1");
  trust(t, tls.cert);
  await using mirror = await serve(TREE, [], { tls });
  assert.equal(textOf(await downloading(t).get(mirror.url, { timeoutMs: 5000 })), "over TLS");
});

test("http may lead to https", async (t) => {
  if (!needs(t, "openssl")) return;
  const tls = certificate(t, "127.0.0.1");
  trust(t, tls.cert);
  await using secure = await serve(TREE, [], { tls });
  await using plain = await serve(new Map(), [[/file/, redirect(`${secure.url}/file`)]]);
  assert.equal(textOf(await downloading(t).get(plain.url, { timeoutMs: 5000 })), "over TLS");
});

test("T13: https may not lead to http", async (t) => {
  if (!needs(t, "openssl")) return;
  const tls = certificate(t, "127.0.0.1");
  trust(t, tls.cert);
  await using plain = await serve(TREE);
  await using secure = await serve(new Map(), [[/file/, redirect(`${plain.url}/file`)]], { tls });
  const error = await downloading(t).problem(secure.url, { timeoutMs: 5000 });
  assert.equal(error.code, "REDIRECT_REFUSED");
  assert.match(error.message, /https must stay https/);
  assert.equal(plain.requests.length, 0);
});

test("T13: a merge from an https mirror that leads to http ends in 4, and the tree stays", async (t) => {
  if (!needs(t, "openssl")) return;
  const tls = certificate(t, "127.0.0.1");
  trust(t, tls.cert);
  const world = await newWorld(t, { base: CALM });
  const plain = world.mirror("base");
  await using secure = await serve(plain.tree, [], { tls });
  await world.configure({ mirrors: { base: { url: secure.url, timeout: "10s" } } });
  await assertPublished(world);
  secure.rules = [[/./, redirect(`${plain.url}/dists/stable/InRelease`)]];
  assert.match(errorOf(await assertRefused(world, "REDIRECT_REFUSED", 4)).line, /of base\/stable: .*https must stay https/);
  assert.equal(plain.requests.length, 0);
});

for (const [name, address, trusted, message] of [
  ["that nobody vouches for", "127.0.0.1", false, /DEPTH_ZERO_SELF_SIGNED_CERT/],
  ["of another host", "127.0.0.2", true, /ERR_TLS_CERT_ALTNAME_INVALID/],
] as const) {
  test(`a certificate ${name} ends the download without a retry`, async (t) => {
    if (!needs(t, "openssl")) return;
    const tls = certificate(t, address);
    if (trusted) trust(t, tls.cert);
    await using mirror = await serve(TREE, [], { tls });
    const error = await downloading(t).problem(mirror.url, { timeoutMs: 5000 });
    assert.equal(error.code, "MIRROR_UNREACHABLE");
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /tried/);
    assert.equal(mirror.requests.length, 0);
  });
}

test("a server that speaks no TLS, and one that never ends its handshake", { timeout: 10_000 }, async (t) => {
  await using plain = await serve(TREE);
  const { problem } = downloading(t);
  const error = await problem(plain.url.replace("http:", "https:"), { timeoutMs: 5000 });
  assert.equal(error.code, "MIRROR_UNREACHABLE");
  assert.match(error.message, /TLS failed \(ERR_SSL_/);
  await using silent = await serveRaw(() => undefined);
  assert.match((await problem(silent.url.replace("http:", "https:"))).message, /no answer came \(tried 2 times\)/);
});
