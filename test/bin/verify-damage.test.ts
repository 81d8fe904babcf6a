/** `verify` finds every way in which a published tree may be unsound, also when it was signed again by the right key. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmod, cp, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { verifyCommand } from "../../bin/commands/verify.ts";
import { CODES, MergeError, type Problem } from "../../lib/errors.ts";
import { fakeCli } from "../config-from-apt/fake-cli.ts";
import { clearsign, detach, newKey } from "../support/keys.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { deb, newWorld, RECENTLY, upstream } from "../support/world.ts";

const NO_DIGEST = "0".repeat(64);
const NO_SUITE = {
  ...{ inputs: NO_DIGEST, config: NO_DIGEST, overrides: NO_DIGEST, release: NO_DIGEST },
  ...{ date: "2026-01-01T00:00:00Z", aliases: [], mirrors: [], indices: [] },
};

const KEY = await newKey({ userId: "Merged Archive" });
const STRANGER = await newKey({ userId: "Merged Archive" });
const SUITE = "dists/merged";
const INDEX = "main/binary-amd64/Packages";

const archive = upstream()
  .debs([deb("alpha"), deb("beta"), deb("gamma")])
  .deb({ ...deb("alone"), Source: "nowhere" })
  .source({ Package: "alpha", Version: "1.0" })
  .source({ Package: "beta", Version: "1.0" })
  .source({ Package: "gamma", Version: "1.0" })
  .at(RECENTLY);

/** An OUTPUT to be damaged, links and all. */
class Tree {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  at = (path: string): string => join(this.root, path);
  read = (path: string): Promise<string> => readFile(this.at(path), "utf8");
  write = (path: string, bytes: string | Buffer): Promise<void> => writeFile(this.at(path), bytes);

  /** A new Release, signed as a sound one is, and inputs.json beside it. */
  async signAgain(release: string, key = KEY): Promise<void> {
    await this.write(`${SUITE}/Release`, release);
    await this.write(`${SUITE}/InRelease`, await clearsign(release, [key]));
    await this.write(`${SUITE}/Release.gpg`, await detach(release, [key]));
    const inputs = (await this.read("current/inputs.json")).replace(/("release": ")[0-9a-f]{64}/, `$1${sha256(Buffer.from(release))}`);
    await this.write("current/inputs.json", inputs);
  }

  /** Another index under everything that names it: Release, by-hash, inputs.json. */
  async reindex(change: (text: string) => string): Promise<void> {
    const before = gunzipSync(await readFile(this.at(`${SUITE}/${INDEX}.gz`)));
    const plain = Buffer.from(change(before.toString("latin1")), "latin1");
    assert.ok(!plain.equals(before), "the change changes nothing");
    const file = gzipSync(plain);
    await rm(this.at(`${SUITE}/${INDEX}.gz`));
    await this.write(`${SUITE}/${INDEX}.gz`, file);
    await this.write(`${SUITE}/main/binary-amd64/by-hash/SHA256/${sha256(file)}`, file);
    const stanzas = plain.toString("latin1").match(/^Package: /gm)?.length ?? 0;
    const inputs = JSON.parse(await this.read("current/inputs.json"));
    for (const index of inputs.suites.merged.indices)
      if (index.path === INDEX) Object.assign(index, { stanzas, bytes: plain.length, sha256: sha256(plain) });
    await this.write("current/inputs.json", JSON.stringify(inputs, null, 2));
    const line = (bytes: Buffer, path: string) => ` ${sha256(bytes)} ${bytes.length} ${path}`;
    const release = (await this.read(`${SUITE}/Release`))
      .replace(new RegExp(`^ .* ${INDEX}$`, "m"), line(plain, INDEX))
      .replace(new RegExp(`^ .* ${INDEX}.gz$`, "m"), line(file, `${INDEX}.gz`));
    await this.signAgain(release);
  }

  async releaseField(name: string, value: string): Promise<void> {
    const release = await this.read(`${SUITE}/Release`);
    assert.match(release, new RegExp(`^${name}: `, "m"));
    await this.signAgain(release.replace(new RegExp(`^${name}: .*$`, "m"), `${name}: ${value}`));
  }

  async inputs(change: (text: string) => string): Promise<void> {
    const before = await this.read("current/inputs.json");
    const after = change(before);
    assert.notEqual(after, before);
    await this.write("current/inputs.json", after);
  }
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const stanza = (text: string, name: string): string => new RegExp(`^Package: ${name}\\n(?:.+\\n)+\\n`, "m").exec(text)?.[0] ?? "";

async function publish(t: TestContext): Promise<string> {
  const suites = { merged: { architectures: ["amd64", "source"], "valid-for": "7d", aliases: ["stable"] } };
  const world = await newWorld(t, { base: archive }, { suites });
  await writeFile(world.signingKey, KEY.secretArmored);
  const { status, stderr } = await world.cli(["merge"]);
  assert.equal(status, 0, stderr);
  return world.output;
}

/** Published once, by the first test that wants it. */
let output: Promise<string> | undefined;

async function copyOf(t: TestContext): Promise<Tree> {
  output ??= publish(t);
  const root = join(await temporaryFolder(), "tree");
  await cp(await output, root, { recursive: true, verbatimSymlinks: true });
  return new Tree(root);
}

test("verify: the tree that is damaged here is sound before", async (t) => {
  const { done, told } = verify(await copyOf(t));
  await done;
  assert.deepEqual(
    told.map(({ severity, code }) => `${severity} ${code}`),
    ["warning BINARY_WITHOUT_SOURCE"],
  );
  assert.match(told[0]?.message ?? "", /alone \(source nowhere 1\.0\)/);
});

const DAY_MS = 86_400_000;
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toUTCString().replace("GMT", "UTC");

const DAMAGES: readonly (readonly [what: string, damage: (tree: Tree) => Promise<unknown>, code: string, words: RegExp])[] = [
  [
    "an index whose by-hash file is missing",
    async (tree) => {
      const digest = sha256(await readFile(tree.at(`${SUITE}/${INDEX}.gz`)));
      await rm(tree.at(`${SUITE}/main/binary-amd64/by-hash/SHA256/${digest}`));
    },
    "TREE_UNSOUND",
    /by-hash\/SHA256\/[0-9a-f]{64}: it is not there/,
  ],
  [
    "a by-hash file with other bytes",
    async (tree) => {
      const path = tree.at(`${SUITE}/main/binary-amd64/by-hash/SHA256/${sha256(await readFile(tree.at(`${SUITE}/${INDEX}.gz`)))}`);
      await rm(path);
      await writeFile(path, "other");
    },
    "TREE_UNSOUND",
    /by-hash\/SHA256\/[0-9a-f]{64}: it holds other bytes/,
  ],
  [
    "an index of other bytes and the same size",
    async (tree) => {
      const bytes = await readFile(tree.at(`${SUITE}/${INDEX}.gz`));
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      await tree.write(`${SUITE}/${INDEX}.gz`, bytes);
    },
    "TREE_UNSOUND",
    /Packages\.gz: its SHA256 is/,
  ],
  [
    "a signature by another key",
    async (tree) => tree.signAgain(await tree.read(`${SUITE}/Release`), STRANGER),
    "SIGNATURE_UNTRUSTED",
    /InRelease/,
  ],
  [
    "a bad signature in InRelease",
    async (tree) => {
      const release = await tree.read(`${SUITE}/Release`);
      const other = (await clearsign(`${release}X: y\n`, [KEY])).toString("latin1").split("-----BEGIN PGP SIGNATURE-----")[1];
      const text = (await tree.read(`${SUITE}/InRelease`)).split("-----BEGIN PGP SIGNATURE-----")[0];
      await tree.write(`${SUITE}/InRelease`, `${text}-----BEGIN PGP SIGNATURE-----${other}`);
    },
    "SIGNATURE_BAD",
    /InRelease/,
  ],
  ["no Release.gpg", (tree) => rm(tree.at(`${SUITE}/Release.gpg`)), "TREE_UNSOUND", /Release\.gpg: it is not there/],
  [
    "a Release.gpg that signs nothing",
    (tree) => tree.write(`${SUITE}/Release.gpg`, "no signature\n"),
    "CLEARSIGN_MALFORMED|SIGNATURE_UNTRUSTED",
    /Release\.gpg/,
  ],
  [
    "U12: a Release.gpg that signs another Release than InRelease",
    async (tree) =>
      tree.write(`${SUITE}/Release.gpg`, await detach((await tree.read(`${SUITE}/Release`)).replace("Date:", "Date: "), [KEY])),
    "SIGNATURE_BAD",
    /Release\.gpg/,
  ],
  [
    "U12: an InRelease with another text than Release, both signed",
    async (tree) =>
      tree.write(`${SUITE}/InRelease`, await clearsign((await tree.read(`${SUITE}/Release`)).replace("Codename", "X-Codename"), [KEY])),
    "TREE_UNSOUND",
    /InRelease: its text is not that of Release/,
  ],
  [
    "a stanza without Filename",
    (tree) => tree.reindex((text) => text.replace(/^Filename: .*\n/m, "")),
    "TREE_UNSOUND",
    /it has no Filename field/,
  ],
  [
    "two stanzas of one name, version and architecture",
    (tree) =>
      tree.reindex((text) =>
        text.replace(stanza(text, "beta"), (own) => own + own.replace(/^Filename: .*$/m, "Filename: pool/BASE/other.deb")),
      ),
    "TREE_UNSOUND",
    /"beta" 1\.0 amd64 in .*: it is there twice/,
  ],
  [
    "an index that is not sorted",
    (tree) => tree.reindex((text) => text.replace(stanza(text, "alpha"), "") + stanza(text, "alpha")),
    "TREE_UNSOUND",
    /"alpha" .*stanzas must be sorted/,
  ],
  [
    "an absolute Filename",
    (tree) => tree.reindex((text) => text.replace(/^Filename: /m, "Filename: /")),
    "TREE_UNSOUND",
    /its Filename is "\//,
  ],
  [
    "a Filename that leads up",
    (tree) => tree.reindex((text) => text.replace(/^Filename: pool/m, "Filename: pool/../../x")),
    "TREE_UNSOUND",
    /its Filename is "pool\/\.\./,
  ],
  [
    "a Filename that is a URL",
    (tree) => tree.reindex((text) => text.replace(/^Filename: /m, "Filename: http://evil.example/")),
    "TREE_UNSOUND",
    /Filename/,
  ],
  [
    "U11: an index of mode 0600",
    (tree) => chmod(tree.at(`${SUITE}/${INDEX}.gz`), 0o600),
    "TREE_UNSOUND",
    /Packages\.gz: it is of mode 0600/,
  ],
  ["U11: a key that user _apt may not read", (tree) => chmod(tree.at("key.asc"), 0o640), "TREE_UNSOUND", /key\.asc: it is of mode 0640/],
  ["U11: a folder of mode 0700", (tree) => chmod(tree.at(`${SUITE}/main`), 0o700), "TREE_UNSOUND", /main: it is of mode 0700/],
  [
    "U11: a file that everyone may write",
    (tree) => chmod(tree.at(`${SUITE}/Release`), 0o666),
    "TREE_UNSOUND",
    /Release: it is of mode 0666/,
  ],
  [
    "a link dists that leads past current",
    async (tree) => {
      await rm(tree.at("dists"));
      await symlink(".generations/000001/dists", tree.at("dists"));
    },
    "TREE_UNSOUND",
    /dists: it is a link to "\.generations\/000001\/dists", it must be a link to "current\/dists"/,
  ],
  [
    "a folder where dists must be a link",
    async (tree) => {
      await rm(tree.at("dists"));
      await cp(tree.at("current/dists"), tree.at("dists"), { recursive: true });
    },
    "TREE_UNSOUND",
    /dists: it is a folder/,
  ],
  [
    "no current",
    (tree) => rename(tree.at("current"), tree.at("currently")),
    "TREE_UNSOUND",
    /there is no folder dists|current: it is absent/,
  ],
  ["a Date in the future", (tree) => tree.releaseField("Date", inDays(1)), "RELEASE_FROM_FUTURE", /its Date is/],
  [
    "a Date that clients do not allow yet",
    (tree) => tree.releaseField("Date", new Date(Date.now() + 240_000).toUTCString().replace("GMT", "UTC")),
    "RELEASE_FROM_FUTURE",
    /apt allows 10 seconds/,
  ],
  ["a Valid-Until that has passed", (tree) => tree.releaseField("Valid-Until", inDays(-1)), "RELEASE_EXPIRED", /it was valid until/],
  ["no inputs.json", (tree) => rm(tree.at("current/inputs.json")), "TREE_UNSOUND|TRUST_DAMAGED", /inputs\.json/],
  [
    "an inputs.json of another Release",
    (tree) => tree.inputs((text) => text.replace(/("release": ")[0-9a-f]{8}/, "$100000000")),
    "TREE_UNSOUND",
    /inputs\.json: it says that Release of "merged"/,
  ],
  [
    "an inputs.json of another Date",
    (tree) => tree.inputs((text) => text.replace(/("release": .*\n)/, "$1").replace(/("date": ")\d{4}/, "$12001")),
    "TREE_UNSOUND",
    /it says that Date of "merged"/,
  ],
  [
    "an inputs.json of another generation",
    (tree) => tree.inputs((text) => text.replace('"generation": 1', '"generation": 7')),
    "TREE_UNSOUND",
    /it is of generation 7, current names 1/,
  ],
  [
    "an inputs.json that counts other stanzas",
    (tree) => tree.inputs((text) => text.replace('"stanzas": 4', '"stanzas": 5')),
    "TREE_UNSOUND",
    /has 5 stanzas, there are 4/,
  ],
  [
    "an inputs.json with another index digest",
    (tree) => tree.inputs((text) => text.replace(/("stanzas": 4,\s+"bytes": \d+,\s+"sha256": ")[0-9a-f]{8}/, "$100000000")),
    "TREE_UNSOUND",
    /Release lists other ones/,
  ],
  [
    "an inputs.json with a further suite",
    (tree) => tree.inputs((text) => text.replace('"merged": {', `"gone": ${JSON.stringify(NO_SUITE)}, "merged": {`)),
    "TREE_UNSOUND",
    /it has the suite "gone"/,
  ],
  [
    "a suite that inputs.json does not know",
    (tree) => cp(tree.at(SUITE), tree.at("dists/other"), { recursive: true }),
    "TREE_UNSOUND",
    /it lacks the suite "other"/,
  ],
  ["an alias that is gone", (tree) => rm(tree.at("dists/stable")), "TREE_UNSOUND", /dists\/stable: it is not there/],
  [
    "an alias that leads elsewhere",
    async (tree) => {
      await rm(tree.at("dists/stable"));
      await symlink("../dists", tree.at("dists/stable"));
    },
    "TREE_UNSOUND",
    /dists\/stable: it leads to "\.\.\/dists", it is an alias of "merged" and must lead to "merged"/,
  ],
  [
    "an alias that is a copy",
    async (tree) => {
      await rm(tree.at("dists/stable"));
      await cp(tree.at("dists/merged"), tree.at("dists/stable"), { recursive: true });
    },
    "TREE_UNSOUND",
    /dists\/stable: it is a folder, it is an alias of "merged" and must be a link/,
  ],
];

for (const [what, damage, code, words] of DAMAGES) {
  const id = /^U\d\d: /.exec(what)?.[0] ?? "";
  test(`${id}verify finds ${what.slice(id.length)}`, async (t) => {
    const tree = await copyOf(t);
    await damage(tree);
    await assert.rejects(verify(tree).done, (error: unknown) => {
      assert.ok(error instanceof MergeError, String(error));
      assert.match(error.code, new RegExp(`^(?:${code})$`), error.message);
      assert.equal(CODES[error.code].exit, 5);
      assert.match(error.message, words);
      return true;
    });
  });
}

test("U05: verify tells of what a dead run left, which harms no client", async (t) => {
  const tree = await copyOf(t);
  await mkdir(tree.at(".generations/.new-000002/dists"), { recursive: true });
  await mkdir(tree.at(".generations/000002"));
  const { done, told } = verify(tree);
  await done;
  assert.deepEqual(
    told.map(({ code }) => code),
    ["TREE_LEFTOVERS", "BINARY_WITHOUT_SOURCE"],
  );
  assert.match(told[0]?.message ?? "", /: \.new-000002, 000002$/);
});

function verify({ root }: Tree): { readonly done: Promise<unknown>; readonly told: readonly Problem[] } {
  const { cli, told } = fakeCli("/");
  return { done: verifyCommand({ ...cli, now: new Date() }).parseAsync([root], { from: "user" }), told };
}
