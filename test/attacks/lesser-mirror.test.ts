/**
 * A mirror that is trusted to sign, but not for all: it wants more than its own packages. What `privilege: limited` and `watched` make of it, and
 * what no mirror may do.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { assertPublished, assertRefused } from "../support/refused.ts";
import { deb, newWorld, type TestWorld, upstream } from "../support/world.ts";

const base = upstream().deb(deb("sudo")).deb(deb("libc6", "2")).deb(deb("tool"));

const vendorOf = (fields: Readonly<Record<string, string>>) => upstream().deb({ ...deb("own"), ...fields });

async function worldWith(t: Parameters<typeof newWorld>[0], fields: Readonly<Record<string, string>>, privilege: string) {
  const world = await newWorld(t, { base, vendor: vendorOf(fields) }, { mirrors: { vendor: { privilege } } });
  const result = await assertPublished(world);
  const told = (result.report?.suites[0]?.limited ?? []).map(({ mirror, what, stays }) => `${mirror}: ${what}${stays === true ? "!" : ""}`);
  return { world, result, told, stanza: await stanzaOf(world, "own") };
}

const stanzaOf = async (world: TestWorld, name: string): Promise<string> =>
  (await world.index()).split("\n\n").find((text) => text.startsWith(`Package: ${name}\n`)) ?? "";

/** What a limited mirror may not say, and what is left of the stanza's field. */
const CUT: readonly (readonly [id: string, fields: Readonly<Record<string, string>>, told: readonly string[], left: RegExp | undefined])[] =
  [
    ["X03", { Provides: "sudo (= 99)" }, ["Provides: sudo"], undefined],
    ["X03", { Provides: "libc6, own-api" }, ["Provides: libc6"], /^Provides: own-api$/m],
    ["X04", { Essential: "yes" }, ["Essential: yes"], undefined],
    ["X04", { Important: "yes" }, ["Important: yes"], undefined],
    ["X04", { Protected: "yes" }, ["Protected: yes"], undefined],
    ["X04", { Priority: "required" }, ["Priority: required"], /^Priority: optional$/m],
    ["X04", { Priority: "important" }, ["Priority: important"], /^Priority: optional$/m],
    ["X04", { Priority: "standard" }, ["Priority: standard"], /^Priority: optional$/m],
    ["X15", { "Phased-Update-Percentage": "0" }, ["Phased-Update-Percentage: 0"], undefined],
    ["X15", { Task: "standard,\n server" }, ["Task: standard,\\n server"], undefined],
    ["X15", { "Build-Essential": "yes" }, ["Build-Essential: yes"], undefined],
    ["X15", { "Cnf-Extra-Commands": "ls" }, ["Cnf-Extra-Commands: ls"], undefined],
    ["X15", { "Cnf-Visible-Pkgname": "sudo" }, ["Cnf-Visible-Pkgname: sudo"], undefined],
    ["X15", { "Cnf-Priority-Bonus": "999" }, ["Cnf-Priority-Bonus: 999"], undefined],
    ["X15", { "Cnf-Ignore-Commands": "ls" }, ["Cnf-Ignore-Commands: ls"], undefined],
  ];

for (const [id, fields, expected, left] of CUT) {
  const [[field, value] = ["", ""]] = Object.entries(fields);
  test(`${id}: ${field}: ${value.replace("\n", " ")} of a limited mirror is taken out and told`, async (t) => {
    const { result, told, stanza } = await worldWith(t, fields, "limited");
    assert.deepEqual([result.warnings, told], [["MIRROR_LIMITED"], expected.map((what) => `vendor: ${what}`)]);
    if (left === undefined) assert.ok(!stanza.includes(`${field}:`), stanza);
    else assert.match(stanza, left);
  });

  test(`${id}: ${field}: ${value.replace("\n", " ")} of a watched mirror stays, and the report names it`, async (t) => {
    const { result, told, stanza } = await worldWith(t, fields, "watched");
    assert.deepEqual([result.warnings, told], [["MIRROR_PRIVILEGED"], expected.map((what) => `vendor: ${what}!`)]);
    assert.ok(stanza.includes(`${field}: ${value}`), stanza);
    assert.match(result.problems[0]?.message ?? "", /^In suite "merged" 1 package of limited or watched mirrors act/);
  });
}

for (const privilege of ["limited", "watched"]) {
  for (const field of ["Conflicts", "Breaks", "Replaces"]) {
    test(`X05: ${field} of a ${privilege} mirror against another's package is told, and stays`, async (t) => {
      const { result, told, stanza } = await worldWith(t, { [field]: "sudo (<< 99), own-old" }, privilege);
      assert.deepEqual([result.warnings, told], [["MIRROR_PRIVILEGED"], [`vendor: ${field}: sudo!`]]);
      assert.match(stanza, new RegExp(`^${field}: sudo \\(<< 99\\), own-old$`, "m"));
    });
  }
}

test("X05: Multi-Arch: foreign of a limited mirror stays: its packages stand for nobody else's", async (t) => {
  const { result, stanza } = await worldWith(t, { "Multi-Arch": "foreign" }, "limited");
  assert.deepEqual(result.warnings, []);
  assert.match(stanza, /^Multi-Arch: foreign$/m);
});

test("X05 X15: config decides: an override rule takes a relation or a field of one mirror out", async (t) => {
  const rule = "- match: { package: '*', mirror: vendor }\n  remove: [Phased-Update-Percentage]\n  drop-relations: { Conflicts: [sudo] }\n";
  const vendor = vendorOf({ Conflicts: "sudo, own-old", "Phased-Update-Percentage": "0" });
  const world = await newWorld(
    t,
    { base: base.deb({ ...deb("phased"), "Phased-Update-Percentage": "10" }), vendor },
    { overrides: { "a.yaml": rule } },
  );
  await assertPublished(world);
  assert.match(await stanzaOf(world, "own"), /^Conflicts: own-old$/m);
  assert.doesNotMatch(await stanzaOf(world, "own"), /^Phased/m);
  assert.match(await stanzaOf(world, "phased"), /^Phased-Update-Percentage: 10$/m);
});

test("X03 X04: what a full mirror says of its own packages is nobody's business", async (t) => {
  const world = await newWorld(
    t,
    {
      base: base.deb({ ...deb("init"), Essential: "yes", Priority: "required", Provides: "own" }),
      vendor: vendorOf({ Conflicts: "absent" }),
    },
    { mirrors: { vendor: { privilege: "watched" } } },
  );
  const { warnings } = await assertPublished(world);
  assert.deepEqual(warnings, []);
});

test("X04: explain names what a watched mirror's package says beyond itself", async (t) => {
  const { world } = await worldWith(t, { Essential: "yes" }, "watched");
  const { stdout } = await world.cli(["explain", "own"]);
  assert.match(stdout, /^ {2}privilege: Essential: yes stays$/m);
});

for (const [name, owner] of [
  ["Sudo", "base"],
  ["SUDO", "base"],
] as const) {
  test(`X06: ${name}, which dpkg takes for sudo, is left out where ${owner} has sudo`, async (t) => {
    const world = await newWorld(t, { base, vendor: upstream().deb(deb(name, "99")).deb(deb("own")) });
    const { warnings, problems } = await assertPublished(world);
    assert.deepEqual(warnings, ["STANZA_REFUSED"]);
    assert.match(problems[0]?.message ?? "", new RegExp(`"${name}" in main Packages for amd64 of vendor/stable .* for "sudo"`));
    assert.deepEqual(await world.packages(), ["libc6 2", "own 1.0", "sudo 1.0", "tool 1.0"]);
  });
}

test("X06: a stanza that may not be used keeps its name from one with capitals too", async (t) => {
  const world = await newWorld(t, {
    base: upstream()
      .deb({ ...deb("sudo"), Filename: "../x" })
      .deb(deb("tool")),
    vendor: upstream().deb(deb("Sudo", "99")),
  });
  await assertPublished(world);
  assert.deepEqual(await world.packages(), ["tool 1.0"]);
});

test("X06: of two spellings with capitals the first mirror's stays", async (t) => {
  const world = await newWorld(t, { base: upstream().deb(deb("Tool")), vendor: upstream().deb(deb("TOOL", "9")) });
  await assertPublished(world);
  assert.deepEqual(await world.packages(), ["Tool 1.0"]);
});

test("X07: a binary that says it is built from another's source brings that source in beside it, never as the winner", async (t) => {
  const world = await newWorld(
    t,
    {
      base: upstream().deb(deb("sudo")).source({ Package: "sudo", Version: "1.0" }),
      vendor: upstream()
        .deb({ ...deb("own", "99"), Source: "sudo" })
        .source({ Package: "sudo", Version: "99" }),
    },
    { suites: { merged: { architectures: ["amd64", "source"] } } },
  );
  await assertPublished(world);
  assert.deepEqual(await world.packages("merged", "main/source"), ["sudo 1.0", "sudo 99"]);
  const [winner = "", beside = ""] = (await world.index("merged", "main/source")).split("\n\n");
  assert.doesNotMatch(winner, /^Extra-Source-Only/m);
  assert.match(beside, /^Extra-Source-Only: yes$/m);
});

for (const path of ["@evil.example/x.deb", ":80@evil.example/x.deb", ".evil.example/x.deb"]) {
  test(`X10: Filename ${path} leads nowhere but below the mirror`, async (t) => {
    const plan = upstream().deb({ ...deb("own"), Filename: path });
    for (const [pool, wanted] of [
      ["VENDOR", `pool/VENDOR/_/${path}`],
      [undefined, path],
    ] as const) {
      const mirrors = pool === undefined ? { url: "set below" } : { pool };
      const world = await newWorld(t, { vendor: plan }, pool === undefined ? {} : { mirrors: { vendor: mirrors } });
      if (pool === undefined) {
        const { url } = world.mirror("vendor");
        const mirror = { url, "signed-by": "keyrings/vendor.asc", timeout: "2s", retries: 0 };
        await world.configure({ config: { mirrors: { vendor: mirror } } });
      }
      await assertPublished(world);
      const filename = /^Filename: (.*)$/m.exec(await world.index())?.[1] ?? "";
      assert.equal(filename, wanted);
      // As clients join them: the base of an archive ends in a slash.
      const url = new URL(`http://archive.example/base/${filename}`);
      assert.deepEqual([url.host, url.username, url.pathname.startsWith("/base/")], ["archive.example", "", true]);
    }
  });
}

test("X11: of two packages under one Filename with other files the first stays, and no other mirror takes the name of the second", async (t) => {
  const path = "pool/main/s/shared.deb";
  const vendor = upstream()
    .deb({ ...deb("aaa"), Filename: "./pool/main/a/aaa.deb" })
    .deb({ ...deb("second"), Filename: path, content: "one" })
    .deb({ ...deb("first"), Filename: `./${path}`, content: "two" });
  const lower = upstream().deb(deb("first", "99"));
  const world = await newWorld(t, { vendor, lower });
  const { warnings, problems } = await assertPublished(world);
  assert.deepEqual(warnings, ["STANZA_REFUSED"]);
  assert.match(problems[0]?.message ?? "", /"first" .* vendor\/stable .*: its Filename is that of "second", whose file is another/);
  assert.deepEqual(await world.packages(), ["aaa 1.0", "second 1.0"]);
});

test("X11 X12: the same path in two mirrors leads to two files, each below its mirror's prefix", async (t) => {
  const path = "pool/main/s/shared.deb";
  const world = await newWorld(t, {
    base: upstream().deb({ ...deb("one"), Filename: path, content: "one" }),
    vendor: upstream().deb({ ...deb("two"), Filename: path, content: "two" }),
  });
  const { warnings } = await assertPublished(world);
  assert.deepEqual(warnings, []);
  assert.deepEqual((await world.index()).match(/^Filename: .*$/gm), [
    "Filename: pool/BASE/main/s/shared.deb",
    "Filename: pool/VENDOR/main/s/shared.deb",
  ]);
  // The redirect goes by the table of prefixes: none of them says a mirror's host.
  const { stdout } = await world.cli(["webserver", "nginx"]);
  for (const name of ["base", "vendor"]) {
    assert.ok(stdout.includes(`${world.mirror(name).url}/`), stdout);
  }
  assert.doesNotMatch(stdout, /\$(?:arg_|http_|host\b)/);
});

test("X12: without prefixes, the same path with other bytes is the first mirror's, and the other package goes", async (t) => {
  const path = "pool/main/s/shared.deb";
  const world = await newWorld(t, {
    base: upstream().deb({ ...deb("zzz"), Filename: path, content: "one" }),
    vendor: upstream()
      .deb({ ...deb("aaa"), Filename: path, content: "two" })
      .deb(deb("own")),
  });
  const bare = (name: string) => ({ url: world.mirror(name).url, "signed-by": `keyrings/${name}.asc`, timeout: "2s", retries: 0 });
  await world.configure({ config: { mirrors: { base: bare("base"), vendor: bare("vendor") } } });
  const { warnings } = await assertPublished(world);
  assert.ok(warnings.includes("STANZA_REFUSED"), warnings.join(" "));
  assert.deepEqual(await world.packages(), ["own 1.0", "zzz 1.0"]);
});

test("X13: a rule that gives a package to a mirror which the config lacks ends in 3, at its place, and nothing is fetched", async (t) => {
  const world = await newWorld(t, { base }, { config: { policy: { pin: [{ package: "sudo", mirror: "vendor" }] } } });
  const { status, stderr } = await world.cli(["merge"]);
  assert.equal(status, 3);
  assert.match(stderr, /aptmerge\.yaml:\d+:\d+: .*policy\.pin\[0\]\.mirror.*"vendor"/);
  assert.deepEqual([world.mirror("base").requests.length, await world.tree()], [0, {}]);
});

// CONTRACT: a rule that matches nothing is a warning. What a mirror lacks is known when it was fetched, not when the config is read.
test("X13: a rule that gives a package to a mirror which lacks it gives it to nobody else, and is told", async (t) => {
  const world = await newWorld(t, { base, vendor: vendorOf({}) }, { config: { policy: { pin: [{ package: "sudo", mirror: "vendor" }] } } });
  const { warnings, problems } = await assertPublished(world);
  assert.deepEqual(warnings, ["RULE_UNUSED"]);
  assert.match(problems[0]?.message ?? "", /policy\.pin\[0\].*"package sudo of vendor"/);
  assert.ok((await world.packages()).includes("sudo 1.0"));
});

test("X14: a mirror that crowds an index with packages is stopped by max-stanzas, which the message names", async (t) => {
  const world = await newWorld(t, { base, vendor: vendorOf({}) }, { mirrors: { vendor: { "max-stanzas": 50 } } });
  await assertPublished(world);
  const crowd = Array.from({ length: 51 }, (_, number) => deb(`tiny${number}`));
  await world.publish("vendor", upstream().debs(crowd).at("2026-10-01T12:00:00Z"));
  const { problems } = await assertRefused(world, "INDEX_TOO_LARGE", 6);
  assert.match(problems[0]?.message ?? "", /vendor\/stable main\/binary-amd64\/Packages: it has more than 50 stanzas, max-stanzas is 50$/);
  assert.match(problems[0]?.hint ?? "", /keeps its last state/);
  await world.publish("vendor", upstream().debs(crowd.slice(0, 50)).at("2026-10-01T13:00:00Z"));
  await assertPublished(world);
});
