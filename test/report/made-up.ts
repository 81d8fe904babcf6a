/** A report of two suites with something of everything in it, and as many changes as are asked for. The same each time. */
import { problem } from "../../lib/errors.ts";
import type { Change, MirrorReport, NamedStanza, Report, SuiteReport } from "../../lib/report/report.ts";
import { report, suite } from "./reports.ts";

const KINDS = ["upgraded", "upgraded", "upgraded", "added", "added", "rebuilt", "moved", "edited", "downgraded", "removed"] as const;
const MIRRORS = ["devuan", "security", "debian"] as const;
const WORDS = ["lib", "python3-", "golang-", "ruby-", "node-", "r-cran-", "fonts-", "gnome-", "kde-", "x"] as const;
const STEMS = [
  "alpha",
  "bravo",
  "charlie",
  "delta",
  "echo",
  "foxtrot",
  "golf",
  "hotel",
  "india",
  "juliett",
  "kilo",
  "lima",
  "mike",
] as const;

const at = <T>(list: readonly [T, ...T[]], position: number): T => list[position % list.length] ?? list[0];

/** Every source is another one, and each fourth has three binaries that share a row. */
export function manyChanges(count: number): readonly Change[] {
  const changes: Change[] = [];
  for (let number = 0; changes.length < count; number++) {
    const kind = at(KINDS, number);
    const source = `${at(WORDS, number * 7)}${at(STEMS, number)}${number}`;
    const [from, to] = [at(MIRRORS, number * 3), at(MIRRORS, number * (number % 5))];
    const old = { version: `${number % 9}.${number % 31}.${number % 7}-${1 + (number % 4)}`, mirror: from };
    const higher = { version: `${(number % 9) + 1}.${number % 12}+ds1-${1 + (number % 3)}~deb12u${number % 3}`, mirror: to };
    const versions =
      kind === "downgraded" ? { from: higher, to: old } : { from: old, to: kind === "upgraded" ? higher : { ...old, mirror: to } };
    const names = number % 4 === 0 ? [source, `${source}-common`, `${source}-doc`] : [source];
    for (const name of names) {
      changes.push({
        kind,
        package: name,
        source,
        component: at(["main", "main", "main", "contrib", "non-free-firmware"], number),
        architecture: at(["amd64", "arm64", "source"], number % 4 === 0 ? 0 : number),
        type: number % 4 !== 0 && number % 3 === 2 ? "source" : "deb",
        ...(kind === "added" ? {} : { from: versions.from }),
        ...(kind === "removed" ? {} : { to: versions.to }),
        reason:
          kind === "removed"
            ? "no mirror has it any longer"
            : kind === "edited"
              ? "fields differ"
              : to === from
                ? `"${to}" changed it`
                : `"${to}" wins over "${from}"`,
      });
    }
  }
  return changes.slice(0, count);
}

const stanza = (name: string, fields: Partial<NamedStanza> = {}): NamedStanza => ({
  package: name,
  type: "deb",
  architecture: "amd64",
  version: "1.2-3",
  mirror: "debian",
  ...fields,
});

const ban = { rule: "package systemd-sysv", reason: "another init system" };
const DBUS = { rule: "source snapd*", chain: ["snapd"] };

/** At least one finding of every sort, two architectures of some. */
export const FINDINGS = {
  banned: [
    { ...stanza("systemd-sysv"), ...ban, chain: ["systemd-sysv"] },
    { ...stanza("systemd-sysv", { architecture: "arm64" }), ...ban, chain: ["systemd-sysv"] },
    { ...stanza("libpam-systemd"), ...ban, chain: ["libpam-systemd", "systemd-sysv"], relation: "Depends: systemd-sysv" },
    {
      ...stanza("gnome-shell"),
      ...ban,
      chain: ["gnome-shell", "gnome-session-bin", "gdm3", "libpam-systemd", "systemd-sysv"],
      relation: "Depends: gnome-session-bin (>= 43)",
    },
    { ...stanza("snapd", { type: "source", architecture: "source" }), ...DBUS },
  ],
  needsBanned: [{ ...stanza("hello-snap"), rule: "source snapd*", chain: ["hello-snap", "snapd"], relation: "Recommends: snapd" }],
  behind: [
    {
      ...stanza("elogind", { mirror: "devuan", version: "246.10-1+devuan1" }),
      newer: { version: "252.9-1", mirror: "debian" },
      because: "its mirror comes first in the suite",
    },
  ],
  limited: [{ ...stanza("vendor-libc", { mirror: "vendor" }), what: "Provides: libc6" }],
  uninstallable: [
    { ...stanza("calibre"), chain: ["calibre", "python3-pyqt6"], relation: "Depends: libqt6core6 (>= 6.4) | libqt6core6t64" },
  ],
  builtUsing: [{ package: "busybox-static", architecture: "amd64", field: "Static-Built-Using", source: "glibc", version: "2.36-9" }],
  orphans: [{ package: "liborphan1", source: "orphan", version: "0.9-1" }],
} as const satisfies Partial<SuiteReport>;

const mirror = (name: string, of: string, state: MirrorReport["state"], files: number): MirrorReport => ({
  name,
  suite: of,
  state,
  date: "2026-11-20T18:04:07Z",
  ...(name === "security" ? { validUntil: "2026-11-27T18:04:07Z" } : {}),
  signedBy: [`${name.length}`.repeat(40)],
  files,
  bytes: files * 1_234_567,
  via: files === 0 ? ["not-modified"] : ["full"],
});

export function madeUpReport(changes: number): Report {
  const daedalus = suite({
    mirrors: [
      mirror("devuan", "daedalus", "changed", 3),
      mirror("security", "bookworm-security", "unchanged", 0),
      mirror("debian", "bookworm", "changed", 6),
    ],
    indices: [
      { path: "main/binary-amd64/Packages", stanzas: 63_120, added: 812, removed: 31, changed: 4_077, bytes: 48_310_222, rebuilt: true },
      { path: "main/binary-arm64/Packages", stanzas: 62_240, added: 790, removed: 33, changed: 3_911, bytes: 47_110_754, rebuilt: true },
      { path: "main/source/Sources", stanzas: 34_411, added: 0, removed: 0, changed: 0, bytes: 61_054_113, rebuilt: false },
    ],
    changes: manyChanges(changes),
    shadowed: 4_211,
    overridden: 57,
    ...FINDINGS,
  });
  const backports = suite({
    name: "daedalus-backports",
    outcome: "held",
    mirrors: [{ name: "debian", suite: "bookworm-backports", state: "failed", signedBy: [], files: 0, bytes: 0, via: [] }],
  });
  const problems = [
    problem(
      "error",
      "RELEASE_EXPIRED",
      "Cannot accept Release of debian/bookworm-backports: its Valid-Until is 2026-11-19T00:00:00Z, now is 2026-11-21T03:00:00Z, it must be later",
      { mirror: "debian", suite: "bookworm-backports" },
    ),
    problem(
      "info",
      "MIRROR_CACHED",
      'In suite "daedalus" 1 package win their names although another mirror has a higher version: elogind',
      {
        suite: "daedalus",
      },
    ),
  ];
  return report([daedalus, backports], { outcome: "partial", exitCode: 5, problems });
}
