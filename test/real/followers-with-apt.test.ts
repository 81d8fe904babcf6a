/**
 * A real release with its backports on top, as clients see it: long descriptions and owners of files of a thousand random packages are those of the
 * mirror that won each, through real apt and apt-file.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { isolatedApt } from "../support/apt.ts";
import { run, runWell } from "../support/child.ts";
import { fieldOf } from "../support/debian-cut.ts";
import { machineSources, reachable } from "../support/machine-sources.ts";
import { needs, without } from "../support/needs.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { aptmerge } from "./aptmerge.ts";

const SAMPLE = 1000;
const FETCH_LIMIT_MS = 120_000;
const COMMAND_LIMIT_MS = 240_000;

/** As a mirror wrote it: name and digest to long text. */
type Descriptions = ReadonlyMap<string, string>;

interface Upstream {
  readonly suite: string;
  /** Stanza by name, and the text of all. */
  readonly packages: ReadonlyMap<string, string>;
  readonly descriptions: Descriptions;
  /** Paths of Contents files on disk, compressed. */
  readonly contents: readonly string[];
}

/** The same sample whenever the archive is the same, spread over all names. */
function sampleOf(names: readonly string[], count: number): readonly string[] {
  const digest = (name: string): number =>
    Array.from(name).reduce((hash, char) => Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0, 0x811c9dc5);
  return [...names].sort((left, right) => digest(left) - digest(right) || (left < right ? -1 : 1)).slice(0, count);
}

const descriptionsOf = (text: string): Descriptions =>
  new Map(
    text.split("\n\n").flatMap((stanza) => {
      const [name, md5] = [fieldOf(stanza, "Package"), fieldOf(stanza, "Description-md5")];
      const at = stanza.indexOf("\nDescription-en: ");
      return name === undefined || md5 === undefined || at < 0
        ? []
        : [[`${name} ${md5}`, stanza.slice(at + "\nDescription-en: ".length).trimEnd()] as const];
    }),
  );

test("a release with its backports: descriptions and owners of files are those of the winners", async (t) => {
  if (!needs(t, "apt-get", "apt-cache", "apt-file", "dpkg", "xz", "awk", "zcat")) return;
  const architecture = (await runWell("dpkg", ["--print-architecture"])).toString("utf8").trim();
  const base = (await machineSources()).find(
    (source) => source.component === "main" && source.suite === source.codename && source.keyrings.length > 0,
  );
  if (base === undefined) return void without(t, "this machine's apt has no release of an archive");
  const backports = { ...base, suite: `${base.suite}-backports` };
  if (!(await reachable(base)) || !(await reachable(backports))) return void without(t, `${base.suite} or its backports cannot be reached`);

  const folder = await temporaryFolder();
  const fetchTo = async (suite: string, path: string): Promise<string | undefined> => {
    const answer = await fetch(`${base.baseUri}/dists/${suite}/main/${path}`, { signal: AbortSignal.timeout(FETCH_LIMIT_MS) });
    if (!answer.ok) return undefined;
    const file = join(folder, `${suite}-${path.replaceAll("/", "_")}`);
    await writeFile(file, Buffer.from(await answer.arrayBuffer()));
    return file;
  };
  const textOf = async (suite: string, path: string): Promise<string> => {
    const file = await fetchTo(suite, `${path}.xz`);
    return file === undefined ? "" : (await runWell("xz", ["-dc", file], { timeoutMs: COMMAND_LIMIT_MS })).toString("latin1");
  };
  const upstreamOf = async (suite: string): Promise<Upstream> => {
    const packages = new Map<string, string>();
    for (const stanza of (await textOf(suite, `binary-${architecture}/Packages`)).split("\n\n")) {
      const name = fieldOf(stanza, "Package");
      if (name !== undefined) packages.set(name, stanza);
    }
    const contents = await Promise.all([architecture, "all"].map((name) => fetchTo(suite, `Contents-${name}.gz`)));
    return {
      suite,
      packages,
      descriptions: descriptionsOf(await textOf(suite, "i18n/Translation-en")),
      contents: contents.filter((file) => file !== undefined),
    };
  };
  const upstreams = [await upstreamOf(backports.suite), await upstreamOf(base.suite)];

  const config = join(folder, "aptmerge.yaml");
  const from = upstreams.map(({ suite }) => `debian/${suite}`);
  await writeFile(
    config,
    JSON.stringify({
      state: "state",
      output: "output",
      sign: [{ key: "signing-key.asc" }],
      mirrors: { debian: { url: base.baseUri, "signed-by": base.keyrings, pool: "DEBIAN", "check-valid-until": false } },
      suites: { merged: { from, components: ["main"], architectures: [architecture], indices: ["packages", "translation", "contents"] } },
      publish: { compress: { gz: 1 } },
    }),
  );
  const made = await aptmerge(["init", join(folder, "key")]);
  assert.equal(made.rc, 0, made.stderr);
  await writeFile(join(folder, "signing-key.asc"), await readFile(join(folder, "key/signing-key.asc")), { mode: 0o600 });
  const merged = await aptmerge(["--config", config, "merge"]);
  assert.equal(merged.rc, 0, merged.stderr);
  t.diagnostic(
    merged.stdout
      .split("\n")
      .filter((line) => /Translation|Contents/.test(line))
      .join(" · "),
  );

  const apt = await isolatedApt(await temporaryFolder(), { architectures: [architecture] });
  const keyring = await apt.keyFile("merged.asc", await readFile(join(folder, "output/key.asc")));
  await apt.configure(`#clear Acquire::Languages;
Acquire::Languages { "en"; };
Acquire::IndexTargets::deb::Contents-deb {
  MetaKey "$(COMPONENT)/Contents-$(ARCHITECTURE)"; ShortDescription "Contents-$(ARCHITECTURE)"; Description "$(RELEASE)/$(COMPONENT) Contents (deb)";
  flatMetaKey "Contents-$(ARCHITECTURE)"; KeepCompressed "true"; KeepCompressedAs "gz";
};\n`);
  await apt.sources(`deb [signed-by=${keyring}] file:${join(folder, "output")} merged main`);
  const update = await apt.update();
  assert.deepEqual([update.rc, update.complaints], [0, []], update.output);

  const winnerOf = (name: string): Upstream => upstreams.find(({ packages }) => packages.has(name)) ?? assert.fail(name);
  const all = [...new Set(upstreams.flatMap(({ packages }) => [...packages.keys()]))];
  // Names in both are the interesting ones: all are taken as far as they go to half of the sample.
  const [first, second] = upstreams;
  const contested = sampleOf(
    [...(first?.packages.keys() ?? [])].filter((name) => second?.packages.has(name)),
    SAMPLE / 2,
  );
  const sample = [...new Set([...contested, ...sampleOf(all, SAMPLE)])].slice(0, SAMPLE);
  assert.equal(sample.length, SAMPLE);

  await t.test("apt shows the long description of every winner that has one", async (t) => {
    const env = { APT_CONFIG: join(apt.root, "apt.conf"), HOME: apt.root, LC_ALL: "C.UTF-8" };
    const shown = await run("apt-cache", ["show", "--no-all-versions", ...sample], { env, timeoutMs: COMMAND_LIMIT_MS });
    assert.equal(shown.rc, 0, shown.stderr.toString());
    const texts = new Map<string, string>();
    for (const stanza of shown.stdout.toString("utf8").split("\n\n")) {
      const at = /\nDescription-en: /.exec(stanza)?.index;
      const [name, md5] = [fieldOf(stanza, "Package"), fieldOf(stanza, "Description-md5")];
      if (at === undefined || name === undefined || md5 === undefined) continue;
      texts.set(
        `${name} ${md5}`,
        stanza
          .slice(at + "\nDescription-en: ".length)
          .replace(/\n[A-Z][A-Za-z0-9-]*:[\s\S]*$/, "")
          .trimEnd(),
      );
    }
    let described = 0;
    for (const name of sample) {
      const key = `${name} ${fieldOf(winnerOf(name).packages.get(name) ?? "", "Description-md5")}`;
      const expected = upstreams.map(({ descriptions }) => descriptions.get(key)).find((text) => text !== undefined);
      if (expected === undefined) continue;
      described++;
      assert.equal(texts.get(key), Buffer.from(expected, "latin1").toString("utf8"), key);
    }
    t.diagnostic(`${described} of ${SAMPLE} have a long description`);
    assert.ok(described > SAMPLE * 0.95, `only ${described} have one upstream`);
  });

  await t.test("apt-file lists the files of every winner, and none of a package that lost", async (t) => {
    const names = join(folder, "names");
    await writeFile(names, `${sample.join("\n")}\n`);
    const expected = new Set<string>();
    for (const { suite, contents } of upstreams) {
      const own = sample.filter((name) => winnerOf(name).suite === suite);
      const wanted = join(folder, `names-${suite}`);
      await writeFile(wanted, `${own.join("\n")}\n`);
      const program = `FNR == NR { want[$0] = 1; next }
{ list = $NF; path = $0; sub(/[ \\t]+[^ \\t]+$/, "", path); n = split(list, items, ",");
  for (i = 1; i <= n; i++) { name = items[i]; sub(/^.*\\//, "", name); if (name in want) print name ": /" path } }`;
      const script = `zcat ${contents.join(" ")} | LC_ALL=C awk '${program.replaceAll("'", "'\\''")}' ${wanted} -`;
      const { rc, stdout, stderr } = await run("sh", ["-c", script], { timeoutMs: COMMAND_LIMIT_MS });
      assert.equal(rc, 0, stderr.toString());
      for (const line of stdout.toString("latin1").split("\n")) if (line !== "") expected.add(line);
    }
    const env = { APT_CONFIG: join(apt.root, "apt.conf"), HOME: apt.root };
    const listed = await run("apt-file", ["-F", "-f", "list", names], { env, timeoutMs: COMMAND_LIMIT_MS });
    assert.equal(listed.rc, 0, listed.stderr.toString());
    // Where a line has a package that was asked for, apt-file also names others whose names begin or end like it.
    const asked = new Set(sample);
    const lines = listed.stdout.toString("latin1").split("\n");
    const found = new Set(lines.filter((line) => asked.has(line.slice(0, line.indexOf(":")))));
    t.diagnostic(`${found.size} files of ${SAMPLE} packages`);
    const lost = [...expected].filter((line) => !found.has(line));
    const foreign = [...found].filter((line) => !expected.has(line));
    assert.deepEqual([lost.slice(0, 10), lost.length, foreign.slice(0, 10), foreign.length], [[], 0, [], 0]);
    assert.ok(found.size > SAMPLE);
  });
});
