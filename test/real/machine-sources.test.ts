/**
 * This machine's own apt sources, merged for real: real mirrors, real keys, a real nginx with the config that aptmerge prints, a real apt that
 * knows nothing but the merged tree.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { type IsolatedApt, isolatedApt } from "../support/apt.ts";
import { fieldOf } from "../support/debian-cut.ts";
import { needs, without } from "../support/needs.ts";
import { freePort, startNginx } from "../support/nginx.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { snapshot } from "../support/tree-snapshot.ts";
import { aptmerge } from "./aptmerge.ts";
import { changedConfig, copyMachine } from "./machine-copy.ts";

/** A second merge that finds nothing new asks each mirror once; measured at half a second. */
const MAX_UNCHANGED_MS = 5000;
const MAX_DOWNLOAD_BYTES = 60_000;

test("this machine's apt sources become one signed suite per release, and apt sees no difference", async (t) => {
  if (!needs(t, "apt-get", "apt-cache", "apt-config", "dpkg", "nginx", "xz")) return;
  const machine = await copyMachine(await temporaryFolder());
  if (typeof machine === "string") {
    without(t, machine);
    return;
  }
  const work = join(await temporaryFolder(), "W");
  const [config, output] = [join(work, "aptmerge.yaml"), join(work, "output")];
  const cli = (...args: readonly string[]) => aptmerge(["--config", config, ...args], machine.env);
  const configure = async (change: Parameters<typeof changedConfig>[1]): Promise<readonly string[]> => {
    const { text, unchecked } = changedConfig(await readFile(config, "utf8"), change);
    await writeFile(config, text);
    return unchecked;
  };
  let suites: readonly string[] = [];

  await t.test("init --from-apt writes a config for them", async (t) => {
    const made = await aptmerge(["init", "--from-apt", work], machine.env);
    assert.equal(made.rc, 0, made.stderr);
    const [, listed = ""] = /, \d+ merged suites?: (.*)$/m.exec(made.stdout) ?? [];
    suites = Array.from(listed.matchAll(/(\S+) \([^)]*\)/g), ([, suite = ""]) => suite);
    assert.ok(suites.length > 0, made.stdout);
    const frozen = machine.expired.map(({ baseUri }) => baseUri);
    // Lighter compression than the default: the test is about the merge.
    for (const name of await configure({ frozen, compress: { gz: 1, xz: 0 } })) {
      t.diagnostic(`mirror "${name}" serves an expired Release: check-valid-until is set to false for this test`);
    }
    const checked = await cli("check");
    assert.equal(checked.rc, 0, checked.stderr);
  });

  await t.test("merge publishes them", async () => {
    const merged = await cli("merge");
    assert.equal(merged.rc, 0, merged.stderr);
    for (const suite of suites) assert.ok(merged.stdout.includes(`Suite ${suite}: published\n`), merged.stdout.slice(0, 2000));
  });

  await t.test("a second merge says unchanged, at once, and moves no byte", async () => {
    const before = await snapshot(output, true);
    const started = performance.now();
    const again = await cli("merge");
    const ms = performance.now() - started;
    assert.equal(again.rc, 0, again.stderr);
    for (const suite of suites) assert.ok(again.stdout.includes(`Suite ${suite}: unchanged\n`), again.stdout);
    assert.ok(ms < MAX_UNCHANGED_MS, `it took ${Math.round(ms)} ms`);
    assert.deepEqual(await snapshot(output, true), before);
  });

  await t.test("verify proves the tree", async () => {
    const verified = await cli("verify");
    assert.equal(verified.rc, 0, verified.stderr);
    assert.match(verified.stdout, /^The tree is sound$/m);
  });

  const port = await freePort();
  const printed = await cli("webserver", "nginx", "--listen", `127.0.0.1:${port}`);
  assert.equal(printed.rc, 0, printed.stderr);
  const nginx = await startNginx(t, printed.stdout, { port });
  if (nginx === undefined) return;
  const apt = await isolatedApt(await temporaryFolder(), { architectures: [machine.architecture] });

  await t.test("apt, given only the merged tree, updates without a word of complaint", async () => {
    const keyring = await apt.keyFile("merged.asc", await readFile(join(output, "key.asc")));
    const lines = suites.flatMap((suite) => ["deb", "deb-src"].map((type) => `${type} [signed-by=${keyring}] ${nginx.url} ${suite} main`));
    await apt.sources(...lines);
    const update = await apt.update();
    assert.deepEqual([update.rc, update.complaints], [0, []], update.output);
  });

  await t.test("apt's candidates of all packages are those of the unmerged sources", async () => {
    // Sources have no candidates. An expired Release is the mirror's affair.
    await machine.apt.configure('Acquire::IndexTargets::deb-src::Sources::DefaultEnabled "false"; Acquire::Check-Valid-Until "false";\n');
    const update = await machine.apt.update();
    assert.equal(update.rc, 0, update.output);
    const [unmerged, merged] = [await machine.apt.candidates(), await apt.candidates()];
    assert.ok(unmerged.size > 1000, `only ${unmerged.size} packages are known`);
    const names = [...new Set([...unmerged.keys(), ...merged.keys()])];
    const different = names.filter((name) => unmerged.get(name) !== merged.get(name));
    const told = different.slice(0, 20).map((name) => `${name}: unmerged ${unmerged.get(name)}, merged ${merged.get(name)}`);
    assert.equal(different.length, 0, `${different.length} of ${names.length} differ\n${told.join("\n")}`);
  });

  await t.test("apt downloads packages of every mirror, and a source, through nginx's redirects", async (t) => {
    const index = `dists/${suites[0]}/main/binary-${machine.architecture}/Packages.gz`;
    const packages = gunzipSync(await readFile(join(output, index)));
    const chosen = choose(packages.toString("latin1").split("\n\n"));
    for (const stanza of chosen) await download(t, apt, stanza);
    const source = await apt.downloadSource(fieldOf(chosen[0] ?? "", "Package") ?? "");
    assert.deepEqual([source.rc, source.complaints], [0, []], source.output);
    assert.ok([...source.files.keys()].some((name) => name.endsWith(".dsc")) && source.files.size >= 2, source.output);
    const redirected = (await nginx.accessLog()).filter((line) => /"GET \/pool\/[^/]+\/\S+ HTTP\/1\.1" 302 /.test(line));
    assert.equal(redirected.length, chosen.length + source.files.size, redirected.join("\n"));
  });

  await t.test("a suite taken out of the config: diff lists what would go, merge takes it away", async () => {
    const members = (await readFile(config, "utf8")).matchAll(/^ +- ([^\s/]+\/\S+)$/gm);
    const from = Array.from(members, ([, member = ""]) => member);
    // The smallest of them will do.
    const extra = from.find((member) => member.endsWith("-updates")) ?? from[0] ?? "";
    await configure({ suites: { extra: { from: [extra], components: ["main"], architectures: [machine.architecture] } } });
    const both = await cli("merge");
    assert.equal(both.rc, 0, both.stderr);
    assert.match(both.stdout, /^Suite extra: published$/m);
    for (const suite of suites) assert.ok(both.stdout.includes(`Suite ${suite}: unchanged\n`), both.stdout);

    await configure({ suites: { extra: null } });
    const before = await snapshot(output, true);
    const diff = await cli("diff");
    const coded = await cli("diff", "--exit-code", "--format", "json");
    assert.deepEqual([diff.rc, coded.rc], [0, 1], diff.stderr);
    assert.match(diff.stdout, /^Suite extra: would be removed, the config no longer names it$/m);
    assert.match(diff.stdout, new RegExp(`^ {2}main/binary-${machine.architecture}/Packages: 0 stanzas, [1-9][0-9]* removed$`, "m"));
    const report = JSON.parse(coded.stdout) as { outcome: string; suites: { name: string; changes: { kind: string; reason: string }[] }[] };
    const gone = report.suites.find(({ name }) => name === "extra")?.changes ?? [];
    assert.equal(report.outcome, "would-publish");
    assert.ok(gone.length > 0 && gone.every(({ kind }) => kind === "removed"), "every package of the suite is listed as removed");
    assert.deepEqual(await snapshot(output, true), before, "diff moved something in the published tree");

    const merged = await cli("merge");
    assert.equal(merged.rc, 0, merged.stderr);
    assert.deepEqual(
      Object.keys(await snapshot(join(output, "dists"))).filter((path) => path.startsWith("extra")),
      [],
    );
    assert.deepEqual([(await cli("diff", "--exit-code")).rc, (await cli("verify")).rc], [0, 0]);
  });
});

/** First hello, or what is small; then of each mirror the smallest package whose path has a + or ~ that a server may want escaped. */
function choose(stanzas: readonly string[]): readonly string[] {
  const size = (stanza: string) => Number(fieldOf(stanza, "Size"));
  const small = stanzas.filter((stanza) => size(stanza) < MAX_DOWNLOAD_BYTES).sort((left, right) => size(left) - size(right));
  const chosen = [small.find((stanza) => fieldOf(stanza, "Package") === "hello") ?? small[0] ?? ""];
  const pools = new Map<string, string>();
  for (const stanza of small) {
    const [, pool = "", path = ""] = /^pool\/([^/]+)\/(.*)$/.exec(fieldOf(stanza, "Filename") ?? "") ?? [];
    if (/[+~]/.test(path) && !pools.has(pool)) pools.set(pool, stanza);
  }
  return [...chosen, ...pools.values()];
}

/** apt checks size and digests itself; that the bytes are those of the merged stanza is checked once more. */
async function download(t: TestContext, apt: IsolatedApt, stanza: string): Promise<void> {
  const [name, version, sha256] = ["Package", "Version", "SHA256"].map((field) => fieldOf(stanza, field) ?? "");
  const { rc, complaints, files, output } = await apt.download(`${name}=${version}`);
  assert.deepEqual([rc, complaints], [0, []], output);
  const digests = Array.from(files.values(), (bytes) => createHash("sha256").update(bytes).digest("hex"));
  assert.deepEqual(digests, [sha256], output);
  t.diagnostic(`downloaded ${name} ${version} from ${fieldOf(stanza, "Filename")}`);
}
