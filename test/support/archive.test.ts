import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type IsolatedApt, isolatedApt } from "./apt.ts";
import { type Archive, archive, joinTrees, tamper } from "./archive.ts";
import { serve } from "./fault-server.ts";
import { gpgv } from "./gpgv.ts";
import { newKey, type TestKey } from "./keys.ts";
import { needs } from "./needs.ts";

const key = await newKey();

/** Two components, two architectures, every kind of stanza. */
const sample = archive({ suite: "stable", architectures: ["amd64", "arm64"], components: ["main", "contrib"], origin: "Sample", key })
  .deb({ Package: "hello", Version: "1:2.0-1", Architecture: "amd64", Depends: "common" })
  .deb({ Package: "hello", Version: "1:1.0-1", Architecture: "arm64" })
  .deb({ Package: "common", Version: "3", Architecture: "all", Source: "hello (1:2.0-1)" })
  .deb({ Package: "libg++-dev", Version: "4.0+b1", Architecture: "amd64", component: "contrib" })
  .udeb({ Package: "hello-udeb", Version: "1:2.0-1", Architecture: "amd64", Source: "hello" })
  .source({ Package: "hello", Version: "1:2.0-1", Binary: "hello, common, hello-udeb" });

async function aptOn(t: TestContext, tree: Map<string, Buffer>, line: (keyring: string, url: string) => string, signer: TestKey = key) {
  const root = await mkdtemp(join(tmpdir(), "archive-test-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  // apt asks for "/./Release" of a flat archive: servers take the dot away.
  const server = await serve(tree, [[/\/\.\//, ({ request, serveFile }) => serveFile(tree.get(request.file.replace("./", "")))]]);
  t.after(() => server.close());
  const apt = await isolatedApt(root);
  await apt.sources(line(await apt.keyFile("test.asc", signer.publicArmored), server.url));
  return { apt, server };
}

const both = (suite: string) => (keyring: string, url: string) =>
  `deb [signed-by=${keyring}] ${url} ${suite}\ndeb-src [signed-by=${keyring}] ${url} ${suite}`;

async function assertHello(apt: IsolatedApt): Promise<void> {
  const update = await apt.update();
  assert.deepEqual([update.rc, update.complaints], [0, []], update.output);
  assert.equal((await apt.candidates()).get("hello"), "1:2.0-1");
}

const FORMS: readonly (readonly [name: string, made: Archive, suite: string])[] = [
  ["all folded in, xz", sample, "stable main contrib"],
  ["all in an index of its own, gz", sample.splitAll().compressions(["gz"]), "stable main contrib"],
  [
    "all as dak has it, every compression, by-hash",
    sample.splitAll({ noSupport: true }).compressions(["xz", "gz", "bz2", "plain"]).byHash(),
    "stable main contrib",
  ],
  ["weak digests beside SHA256", sample.digests(["MD5Sum", "SHA256", "SHA512"]), "stable main contrib"],
];
for (const [name, made, suite] of FORMS) {
  test(`apt reads a built archive without complaint: ${name}`, async (t) => {
    if (!needs(t, "apt-get", "xz", "bzip2")) return;
    const { apt } = await aptOn(t, await made.build(), both(suite));
    await assertHello(apt);
    assert.deepEqual([...(await apt.candidates())].sort(), [
      ["common", "3"],
      ["hello", "1:2.0-1"],
      ["libg++-dev", "4.0+b1"],
    ]);
  });
}

test("apt downloads binaries and sources of a built archive", async (t) => {
  if (!needs(t, "apt-get", "xz")) return;
  const { apt, server } = await aptOn(t, await sample.byHash().build(), both("stable main contrib"));
  await assertHello(apt);
  assert.ok(server.requests.some(({ path }) => path.includes("/by-hash/SHA256/")));
  const binary = await apt.download("hello");
  assert.deepEqual(
    [binary.rc, [...binary.files].map(([name, bytes]) => [name, String(bytes)])],
    [0, [["hello_1%3a2.0-1_amd64.deb", "deb of hello 1:2.0-1 amd64\n"]]],
  );
  assert.deepEqual(await apt.downloadUris("common"), [`${server.url}/pool/main/h/hello/common_3_all.deb`]);
  const source = await apt.downloadSource("hello");
  assert.deepEqual([source.rc, [...source.files.keys()].sort()], [0, ["hello_2.0-1.dsc", "hello_2.0-1.tar.gz"]], source.output);
  assert.deepEqual((await apt.sourceUris("hello")).length, 2);
  assert.deepEqual((await apt.policy("hello", "libg++-dev")).get("hello"), {
    candidate: "1:2.0-1",
    versions: [{ version: "1:2.0-1", from: [`${server.url} stable/main amd64 Packages`] }],
  });
  assert.ok((await apt.listFiles()).some((name) => name.endsWith("_dists_stable_InRelease")));
});

for (const folder of ["", "deep/flat"]) {
  test(`apt reads a flat archive in "${folder}"`, async (t) => {
    if (!needs(t, "apt-get", "xz")) return;
    const flat = archive({ suite: "./", key })
      .flat(folder)
      .deb({ Package: "hello", Version: "1:2.0-1", Architecture: "amd64" })
      .source({ Package: "hello", Version: "1:2.0-1" });
    const { apt } = await aptOn(t, await flat.build(), both(folder === "" ? "./" : `${folder}/`));
    await assertHello(apt);
    assert.deepEqual([...(await apt.download("hello")).files.keys()], ["hello_1%3a2.0-1_amd64.deb"]);
    assert.equal((await apt.downloadSource("hello")).files.size, 2);
  });
}

test("apt complains of what was tampered with, and of another key", async (t) => {
  if (!needs(t, "apt-get", "xz")) return;
  const hostile = sample.tamper("dists/stable/main/binary-amd64/Packages.xz", (bytes) => Buffer.concat([bytes, bytes]));
  const changed = await aptOn(t, await hostile.build(), both("stable main"));
  assert.notDeepEqual((await changed.apt.update()).complaints, []);
  const foreign = await aptOn(t, await sample.build(), both("stable main"), await newKey());
  assert.match((await foreign.apt.update()).complaints.join("\n"), /NO_PUBKEY|not signed/);
});

test("gpgv accepts what an archive signed and nothing else", async (t) => {
  if (!needs(t, "gpgv", "xz")) return;
  const tree = await sample.build();
  const at = (name: string) => tree.get(`dists/stable/${name}`) ?? Buffer.alloc(0);
  const clear = await gpgv(key.publicArmored, at("InRelease"));
  assert.deepEqual([clear.good, String(clear.text)], [[key.fingerprint], String(at("Release"))]);
  assert.deepEqual((await gpgv(key.publicArmored, at("Release"), at("Release.gpg"))).good, [key.fingerprint]);
  assert.deepEqual((await gpgv(key.publicArmored, Buffer.from(`${at("Release")}X`), at("Release.gpg"))).good, []);
  assert.deepEqual((await gpgv((await newKey()).publicArmored, at("InRelease"))).good, []);
});

test("an archive is not changed by what is made from it, and the same one gives the same bytes", async () => {
  const before = await sample.build();
  await sample.deb({ Package: "late", Version: "1", Architecture: "amd64" }).at("2026-10-02").fields({ Label: undefined }).build();
  assert.deepEqual(await sample.build(), before);
});

test("a stanza written by hand keeps its bytes", async () => {
  const raw = Buffer.from("package: odd\nVersion:1\nArchitecture: s390x\nX-Bytes: \xff\n", "latin1");
  const tree = await archive({ suite: "s" }).deb(raw, { architecture: "amd64" }).compressions(["plain"]).build();
  assert.deepEqual(tree.get("dists/s/main/binary-amd64/Packages"), raw);
  assert.deepEqual([...tree.keys()].sort(), ["dists/s/Release", "dists/s/main/binary-amd64/Packages"]);
});

test("trees that disagree are not joined, and a file that is not there is not changed", async () => {
  const one = new Map([["pool/x", Buffer.from("1")]]);
  assert.deepEqual(joinTrees(one, one), one);
  assert.throws(() => joinTrees(one, new Map([["pool/x", Buffer.from("2")]])), /pool\/x/);
  assert.throws(() => tamper(one, "pool/y", () => undefined), /pool\/y/);
});
