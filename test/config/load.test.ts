/** What a sound config becomes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { loadSettings } from "../../config/load.ts";
import { MergeError } from "../../lib/errors.ts";
import { folderFor, load, SOUND, withLines } from "./config-file.ts";

/** What a policy has that says nothing of these. */
const REST = { pins: [], bans: [], uninstallable: "hold", debcheck: false };

test("the shortest config gets every default", async (t) => {
  const { settings, messages, folder } = await load(t, withLines({}));
  assert.deepEqual(messages, []);
  const debian = {
    name: "debian",
    urls: ["http://c.example/debian"],
    keyring: { files: [join(folder, "debian.gpg")], pins: [] },
    pool: undefined,
    checkValidUntil: true,
    maxAgeMs: undefined,
    allowWeak: false,
    onFailure: "hold",
    pollMs: 0,
    timeoutMs: 30_000,
    retries: 3,
    maxIndexBytes: 4 * 1024 ** 3,
    maxStanzas: 500_000,
    privilege: "full",
  };
  assert.deepEqual(settings, {
    state: join(folder, "state"),
    output: join(folder, "tree"),
    overrides: undefined,
    sign: [],
    mirrors: new Map([["debian", debian]]),
    suites: [
      {
        name: "daedalus",
        aliases: [],
        from: [{ mirror: debian, suite: "bookworm", rank: 0, components: new Map([["main", "main"]]), codename: undefined }],
        components: ["main"],
        architectures: ["amd64"],
        sources: false,
        languages: ["en"],
        indices: ["packages", "sources", "udeb", "translation", "contents", "dep11", "cnf"],
        essential: ["packages", "sources"],
        release: new Map(),
        validForMs: undefined,
        policy: { winner: "priority", sources: "keep", pins: [], bans: [], maxShrink: 0.2, uninstallable: "hold", debcheck: false },
      },
    ],
    publish: {
      compress: { gz: 9, xz: 6 },
      digests: [],
      byHashKeepMs: 3 * 86_400_000,
      generations: 10,
      banReport: false,
      pdiffStates: 56,
      checkWithApt: false,
      settleEveryMs: 3 * 86_400_000,
    },
  });
});

test("every key of a mirror arrives", async (t) => {
  const fingerprint = "0123456789abcdef0123456789ABCDEF01234567";
  const { settings, messages, folder } = await load(
    t,
    withLines({
      4: [
        "  debian:",
        "    url: [http://c.example/debian/, 'https://u:p@d.example:8443/', file:///srv/a%20b/, /srv/c d, ../e]",
        `    signed-by: { keyring: [a.gpg, /b.asc], fingerprints: [${fingerprint}, '${fingerprint}!'] }`,
        "    pool: DEBIAN",
        "    check-valid-until: false",
        "    max-age: 400d",
        "    allow-weak: true",
        "    on-failure: skip",
        "    poll: never",
        "    timeout: 250ms",
        "    retries: 0",
        "    max-index-size: 512M",
        "    max-stanzas: 20000",
        "    privilege: limited",
      ].join("\n"),
    }),
  );
  assert.deepEqual(
    messages.map((message) => message.replace(/^\S+: /, "")),
    ['Suite "daedalus" takes from limited mirrors alone: there is no full mirror whose names they could not take over'],
  );
  assert.deepEqual(settings?.suites[0]?.from[0]?.mirror, {
    name: "debian",
    urls: [
      "http://c.example/debian",
      "https://u:p@d.example:8443",
      "file:///srv/a%20b",
      "file:///srv/c%20d",
      `file://${join(folder, "../e")}`,
    ],
    keyring: {
      files: [join(folder, "a.gpg"), "/b.asc"],
      pins: [
        { fingerprint: fingerprint.toUpperCase(), exact: false },
        { fingerprint: fingerprint.toUpperCase(), exact: true },
      ],
    },
    pool: "DEBIAN",
    checkValidUntil: false,
    maxAgeMs: 400 * 86_400_000,
    allowWeak: true,
    onFailure: "skip",
    pollMs: Number.POSITIVE_INFINITY,
    timeoutMs: 250,
    retries: 0,
    maxIndexBytes: 512 * 1024 ** 2,
    maxStanzas: 20_000,
    privilege: "limited",
  });
});

test("from takes suites with slashes, flat archives and maps, in the order of the file", async (t) => {
  const { settings, messages } = await load(
    t,
    withLines({
      7: [
        "    from:",
        "      - debian/buster/updates",
        "      - debian/./",
        "      - { mirror: debian, suite: stable/, component: extra, codename: vendor }",
        "      - { mirror: debian, suite: pg, components: { main: main, '17': extra, '9': main } }",
        "      - { mirror: debian, suite: short, components: [extra] }",
        "      - debian/whole",
      ].join("\n"),
      8: "    components: [main, extra]",
    }),
  );
  assert.deepEqual(messages, []);
  const entries = settings?.suites[0]?.from.map((entry) => [entry.rank, entry.suite, [...entry.components], entry.codename]);
  assert.deepEqual(entries, [
    [
      0,
      "buster/updates",
      [
        ["main", "main"],
        ["extra", "extra"],
      ],
      undefined,
    ],
    [1, "./", [["", "main"]], undefined],
    [2, "stable/", [["", "extra"]], "vendor"],
    [
      3,
      "pg",
      [
        ["main", "main"],
        ["17", "extra"],
        ["9", "main"],
      ],
      undefined,
    ],
    [4, "short", [["extra", "extra"]], undefined],
    [
      5,
      "whole",
      [
        ["main", "main"],
        ["extra", "extra"],
      ],
      undefined,
    ],
  ]);
});

test("every key of a suite arrives, and its policy covers the shared one", async (t) => {
  const { settings, messages } = await load(
    t,
    withLines({
      9: "    architectures: [amd64, source, arm64]",
      10: [
        '    aliases: [stable, "5.0"]',
        "    languages: []",
        "    indices: [udeb, packages]",
        '    release: { Suite: stable, Version: "5.0", Description: Größe  5 }',
        "    valid-for: 7d",
        "    policy: { winner: newest }",
        "  '2': { from: [debian/x], components: [main], architectures: [amd64], essential: [udeb] }",
        "policy: { winner: all, sources: off, max-shrink: 2.5%, pin: [], ban: [] }",
      ].join("\n"),
    }),
  );
  assert.deepEqual(messages, []);
  const [first, second] = settings?.suites ?? [];
  assert.deepEqual([first?.name, second?.name], ["daedalus", "2"]);
  assert.deepEqual(first?.aliases, ["stable", "5.0"]);
  assert.deepEqual([first?.architectures, first?.sources], [["amd64", "arm64"], true]);
  assert.deepEqual([first?.indices, first?.essential, second?.essential], [["udeb", "packages"], ["packages"], ["udeb"]]);
  assert.deepEqual(
    first?.release,
    new Map([
      ["Suite", "stable"],
      ["Version", "5.0"],
      ["Description", "Größe  5"],
    ]),
  );
  assert.equal(first?.validForMs, 7 * 86_400_000);
  assert.deepEqual(first?.policy, { ...REST, winner: "newest", sources: "off", maxShrink: 0.025 });
  assert.deepEqual(second?.policy, { ...REST, winner: "all", sources: "off", maxShrink: 0.025 });
});

test("every key of publish and sign arrives", async (t) => {
  const fingerprint = "0123456789ABCDEF0123456789ABCDEF01234567";
  const { settings, messages, folder } = await load(
    t,
    withLines({
      10: "publish: { compress: { xz: 0 }, digests: [SHA512, MD5Sum], by-hash: false, generations: 2, pdiffs: false, ban-report: true, settle-every: 2h }",
      11: `sign: [{ key: a.asc, passphrase: b }, { gpg: ${fingerprint}, homedir: gnupg }, { gpg: ${fingerprint.replace("0", "1")} }]`,
      12: "overrides: own",
    }),
  );
  assert.deepEqual(messages, []);
  assert.deepEqual(settings?.publish, {
    compress: { gz: undefined, xz: 0 },
    digests: ["SHA512", "MD5Sum"],
    byHashKeepMs: undefined,
    generations: 2,
    banReport: true,
    pdiffStates: 0,
    checkWithApt: false,
    settleEveryMs: 7_200_000,
  });
  assert.deepEqual(settings?.sign, [
    { kind: "file", path: join(folder, "a.asc"), passphrase: "b" },
    { kind: "gpg", fingerprint, homedir: join(folder, "gnupg") },
    { kind: "gpg", fingerprint: fingerprint.replace("0", "1"), homedir: undefined },
  ]);
  assert.equal(settings?.overrides, join(folder, "own"));
});

test("the folder indices beside the config holds the overrides when it is there", async (t) => {
  const folder = await folderFor(t);
  await mkdir(join(folder, "indices"));
  const { settings } = await load(t, withLines({}), {}, folder);
  assert.equal(settings?.overrides, join(folder, "indices"));
});

test("the published overrides are not taken for the ones to read", async (t) => {
  const folder = await folderFor(t);
  await mkdir(join(folder, "indices"));
  const { messages } = await load(t, withLines({ 1: "state: /var/lib/x", 2: "output: ." }), {}, folder);
  assert.equal(messages.length, 1);
  assert.match(messages[0] ?? "", /^aptmerge\.yaml:2:9: Cannot use output: .*, name another folder with overrides$/);
});

for (const [name, changes, expected] of [
  [
    "two mirrors with one URL",
    {
      4: "  debian: { url: [http://a.example, 'http://u:p@c.example/debian'], signed-by: a }\n  two: { url: 'http://u:p@c.example/debian/', signed-by: b }",
    },
    'aptmerge.yaml:5:15: Mirror "two" has the URL "http://u:***@c.example/debian" of mirror "debian": one mirror can serve several suites',
  ],
  [
    "a host without http://",
    { 4: "  debian: { url: c.example/debian, signed-by: a }" },
    'aptmerge.yaml:4:18: mirrors.debian.url is read as the folder "c.example/debian", which is not there: a host is written http://c.example/debian',
  ],
] as const) {
  test(`a config gets a warning: ${name}`, async (t) => {
    const { settings, warnings, messages } = await load(t, withLines(changes));
    assert.deepEqual(messages, [expected]);
    assert.deepEqual([warnings[0]?.severity, warnings[0]?.code, settings === undefined], ["warning", "CONFIG_DOUBTFUL", false]);
  });
}

test("a config that cannot be read is missing", async (t) => {
  const folder = await folderFor(t);
  for (const [path, because] of [
    [join(folder, "none.yaml"), "ENOENT: no such file or directory"],
    [folder, "EISDIR: illegal operation on a directory"],
  ] as const) {
    await assert.rejects(loadSettings(path, {}), (error) => {
      assert.ok(error instanceof MergeError);
      assert.deepEqual([error.code, error.message], ["CONFIG_MISSING", `Cannot read config "${path}": ${because}`]);
      return true;
    });
  }
});

test("line ends of other systems change nothing", async (t) => {
  const { settings, messages } = await load(t, `${SOUND.join("\r\n")}\r\n`);
  assert.deepEqual([messages, settings?.suites[0]?.components], [[], ["main"]]);
});

test("loading the loader loads neither YAML nor schema library", () => {
  const seen = new Set<string>();
  const outside = new Set<string>();
  const follow = (file: URL): void => {
    if (seen.has(file.href)) return;
    seen.add(file.href);
    for (const [, name] of readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type\b)[^;]*? from "([^"]+)";$/gm)) {
      if (name?.startsWith(".")) follow(new URL(name, file));
      else if (name !== undefined && !name.startsWith("node:")) outside.add(name);
    }
  };
  follow(new URL("../../config/load.ts", import.meta.url));
  assert.deepEqual([...outside], []);
  assert.ok(seen.size > 1);
});
