import assert from "node:assert/strict";
import { test } from "node:test";
import { problem } from "../../lib/errors.ts";
import { formatText } from "../../lib/report/text.ts";
import { FINDINGS } from "./made-up.ts";
import { change, DRY, report, suite } from "./reports.ts";

test("formatText: a published suite, whole", () => {
  const one = suite({
    mirrors: [
      {
        name: "devuan",
        suite: "daedalus",
        state: "changed",
        date: "2026-11-20T00:00:00Z",
        signedBy: ["A"],
        files: 2,
        bytes: 1_234_567,
        via: ["full"],
      },
      {
        name: "debian",
        suite: "bookworm",
        state: "unchanged",
        date: "2026-11-19T00:00:00Z",
        signedBy: ["B"],
        files: 0,
        bytes: 0,
        via: ["not-modified"],
      },
    ],
    indices: [
      { path: "main/binary-amd64/Packages", stanzas: 63_000, added: 1, removed: 0, changed: 2, bytes: 48_000_000, rebuilt: true },
      { path: "main/source/Sources", stanzas: 30_000, added: 0, removed: 0, changed: 0, bytes: 1, rebuilt: false },
    ],
    changes: [
      change("added", "fresh"),
      change("upgraded", "libx1", { source: "x", reason: '"a" changed it' }),
      change("upgraded", "x-bin", { source: "x", reason: '"a" changed it' }),
      change("upgraded", "x-bin", { source: "x", architecture: "arm64", reason: '"a" changed it' }),
    ],
    shadowed: 123,
    overridden: 12,
  });
  assert.equal(
    formatText(report([one])),
    `Suite daedalus: published
  from devuan/daedalus: changed, dated 2026-11-20T00:00:00Z, 2 files fetched (1.2 MB)
  from debian/bookworm: unchanged, dated 2026-11-19T00:00:00Z
  main/binary-amd64/Packages: 63000 stanzas, 1 added, 2 changed
  main/source/Sources: 30000 stanzas
  123 stanzas lost to another mirror, 12 changed by overrides
  upgraded: 3
    x: libx1 1 -> 2 (a: "a" changed it) [main: amd64]
    x: x-bin 1 -> 2 (a: "a" changed it) [main: amd64 arm64]
  added: 1
    fresh 2 (a) [main: amd64]

Published generation 42.
`,
  );
});

test("formatText: what changes for clients comes first, downgrades before all", () => {
  const kinds = ["removed", "added", "edited", "moved", "rebuilt", "upgraded", "downgraded"] as const;
  const text = formatText(report([suite({ changes: kinds.map((kind) => change(kind, kind)) })]));
  const headings = text.match(/^ {2}(\w+)(?= ?[:(])/gm)?.map((heading) => heading.trim());
  assert.deepEqual(headings, ["downgraded", "upgraded", "rebuilt", "moved", "edited", "added", "removed"]);
});

test("formatText: findings tell versions, mirrors, chains, relations, rules and reasons", () => {
  const lines = formatText(report([suite(FINDINGS)]))
    .split("\n")
    .slice(1, -3);
  assert.deepEqual(lines, [
    "  uninstallable (!): cannot be installed, other than before: 1",
    "    calibre 1.2-3 (debian: calibre <- python3-pyqt6: Depends: libqt6core6 (>= 6.4) | libqt6core6t64) [amd64]",
    "  banned: taken out by a ban, or with what it bans: 5",
    "    gnome-shell 1.2-3 (debian: gnome-shell <- gnome-session-bin <- gdm3 <- libpam-systemd <- systemd-sysv: Depends: gnome-session-bin (>= 43); ban of package systemd-sysv; another init system) [amd64]",
    "    libpam-systemd 1.2-3 (debian: libpam-systemd <- systemd-sysv: Depends: systemd-sysv; ban of package systemd-sysv; another init system) [amd64]",
    "    snapd 1.2-3 (debian: ban of source snapd*) [source]",
    "    systemd-sysv 1.2-3 (debian: ban of package systemd-sysv; another init system) [amd64 arm64]",
    "  needs banned: stays, and needs or wants it: 1",
    "    hello-snap 1.2-3 (debian: hello-snap <- snapd: Recommends: snapd; ban of source snapd*) [amd64]",
    "  behind: another mirror has a higher version: 1",
    "    elogind 246.10-1+devuan1 < 252.9-1 (devuan < debian: its mirror comes first in the suite) [amd64]",
    "  limited: refused to a limited mirror, or told of it: 1",
    "    vendor-libc 1.2-3 (vendor: Provides: libc6) [amd64]",
    "  built using: sources that the suite does not have: 1",
    "    busybox-static (Static-Built-Using: glibc (= 2.36-9)) [amd64]",
    "  orphaned: the suite does not have its source: 1",
    "    orphan: liborphan1 (built from orphan 0.9-1)",
  ]);
});

test("formatText: another mirror and another component show", () => {
  const moved = change("moved", "x", {
    from: { version: "2", mirror: "a", component: "contrib" },
    to: { version: "2", mirror: "b" },
    reason: "from component contrib",
  });
  assert.match(
    formatText(report([suite({ changes: [moved] })])),
    /^ {4}x 2 \(a -> b: from component contrib\) \[contrib -> main: amd64\]$/m,
  );
});

test("formatText: long lists are cut with the number that is missing; all shows all", () => {
  const changes = Array.from({ length: 45 }, (_, i) => change("added", `p${String(i).padStart(2, "0")}`));
  const cut = formatText(report([suite({ changes })]));
  assert.match(cut, /^ {2}added: 45$/m);
  assert.match(cut, /p39 .*\n {4}… and 5 lines more \(--format json has all\)\n/);
  assert.doesNotMatch(cut, /p40/);
  assert.match(formatText(report([suite({ changes })]), { all: true }), /p44/);
});

test("formatText: many packages of one source share a line", () => {
  const changes = Array.from({ length: 9 }, (_, i) => change("upgraded", `p${i}`, { source: "src" }));
  assert.match(formatText(report([suite({ changes })])), /^ {4}src: p0 p1 p2 p3 p4 and 4 more 1 -> 2 \(a\) \[main: amd64\]$/m);
  assert.match(formatText(report([suite({ changes })]), { all: true }), /^ {4}src: p0 p1 p2 p3 p4 p5 p6 p7 p8 1 -> 2/m);
});

for (const outcome of ["unchanged", "failed", "held"] as const) {
  test(`formatText: a suite that is ${outcome} tells its mirrors and no indices`, () => {
    const mirrors = [{ name: "m", suite: "s", state: "failed", signedBy: [], files: 0, bytes: 0, via: [] }] as const;
    assert.match(formatText(report([suite({ outcome, mirrors })])), new RegExp(`^Suite daedalus: ${outcome}\n {2}from m/s: failed\n\n`));
  });
}

test("formatText: a suite that is held tells what it would have changed", () => {
  const mirrors = [{ name: "m", suite: "s", state: "changed", signedBy: [], files: 0, bytes: 0, via: [] }] as const;
  const text = formatText(report([suite({ outcome: "held", mirrors, changes: [change("removed", "x")] })], { outcome: "failed" }));
  assert.match(text, /^Suite daedalus: held\n {2}from m\/s: changed\n {2}would be removed \(!\): 1\n {4}x 1 /m);
});

test("formatText: uncut it tells problems with hints, signers, sizes and the run; cut it says where problems were told", () => {
  const mirrors = [
    { name: "m", suite: "s", state: "new", validUntil: "2027-01-01T00:00:00Z", signedBy: ["A", "B"], files: 1, bytes: 9, via: ["full"] },
  ] as const;
  const indices = [{ path: "main/source/Sources", stanzas: 3, added: 0, removed: 0, changed: 0, bytes: 1000, rebuilt: false }];
  const problems = [
    problem("warning", "MIRROR_CACHED", "It fails", { mirror: "m", suite: "s" }),
    problem("error", "RELEASE_EXPIRED", "It is old"),
  ];
  const one = report([suite({ mirrors, indices })], { problems });
  assert.equal(
    formatText(one, { all: true }),
    `Suite daedalus: published
  from m/s: new, 1 file fetched (9 B)
    valid until 2027-01-01T00:00:00Z, signed by A, B
  main/source/Sources: 3 stanzas, 1.0 kB, taken over
  0 stanzas lost to another mirror, 0 changed by overrides

Problems: 1 error, 1 warning
  error RELEASE_EXPIRED: It is old
    hint: Use a mirror that is up to date; check-valid-until: false only for archives that are known to be frozen
  warning MIRROR_CACHED (mirror m, suite s): It fails
    hint: on-failure: cached merges the last verified state while a mirror fails

Run run of aptmerge 0.1.0, 2026-11-21T03:00:00Z to 2026-11-21T03:00:04Z, exit status 0
Milliseconds: fetch 1, verify 2, merge 3, compose 4, publish 5
Published generation 42.
`,
  );
  assert.match(formatText(one), /\nPublished generation 42\.\nProblems, told on stderr: 1 error, 1 warning\.\n$/);
});

for (const [name, fields, last] of [
  ["published", { outcome: "published" }, "Published generation 42."],
  ["in part", { outcome: "partial" }, "Published generation 42 in part: some suites keep their last state."],
  ["in part, in a dry run", { outcome: "partial", run: DRY }, "Would publish in part: some suites would keep their last state."],
  ["unchanged", { outcome: "unchanged" }, "Nothing changed: generation 42 stays."],
  ["a dry run", { outcome: "would-publish", run: DRY }, "Would publish a new generation (dry run: nothing was written)."],
  ["failed", { outcome: "failed" }, "Failed: generation 42 stays as it was."],
] as const) {
  test(`formatText: the last line of a run: ${name}`, () => assert.equal(formatText(report([], fields)), `${last}\n`));
}

test("formatText: a failed first run says that nothing is published", () => {
  const { generation, ...first } = report([], { outcome: "failed" });
  assert.equal(generation, 42);
  assert.equal(formatText(first), "Failed: nothing is published.\n");
});

test("formatText: a dry run speaks of what would be", () => {
  const text = formatText(report([suite({ outcome: "would-publish", changes: [change("added", "x")] })], { run: DRY }));
  assert.match(text, /^ {2}would be added: 1$/m);
});

test("formatText: control characters of upstream names and versions are escaped", () => {
  const evil = "x\u001b[2J\u0007\u009b\u202e\u2028\n";
  const text = formatText(report([suite({ changes: [change("added", evil, { to: { version: evil, mirror: "a" } })] })]));
  assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/);
  assert.equal(text.split("x\\u001b[2J\\u0007\\u009b\\u202e\\u2028\\u000a").length, 3);
});
