/** A machine's apt configuration in a throw-away folder. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { listName } from "../../config/from-apt/lists-folder.ts";

export interface MachineRoot {
  readonly root: string;
  /** For apt-config and for a run. */
  readonly env: Readonly<Record<string, string>>;
  write(path: string, content: string): Promise<void>;
  /** Puts a Release where apt would have put it after fetching it. */
  fetched(uri: string, suite: string, fields: string): Promise<void>;
}

/** @param files path below etc to content; `ETC/` in it becomes the absolute path of etc */
export async function machineRoot(t: TestContext, files: Readonly<Record<string, string>>, conf = ""): Promise<MachineRoot> {
  const root = await mkdtemp(join(tmpdir(), "from-apt-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  const write = async (path: string, content: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  await write(
    "apt.conf",
    `Dir "${root}"; Dir::Etc "${root}/etc"; Dir::Etc::parts "${root}/none"; Dir::Etc::main "none"; Dir::State "${root}/state"; ` +
      `APT::Architecture "amd64"; APT::Architectures { "amd64"; };\n${conf}`,
  );
  await write("etc/trusted.gpg.d/archive.asc", "stands for a keyring");
  for (const [path, content] of Object.entries(files)) await write(join("etc", path), content.replaceAll("ETC/", `${root}/etc/`));
  return {
    root,
    env: { PATH: process.env.PATH ?? "", APT_CONFIG: join(root, "apt.conf") },
    write,
    fetched: (uri, suite, fields) =>
      write(
        join("state/lists", listName(uri, suite, "InRelease")),
        `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${fields}\nDate: Wed, 18 Nov 2026 22:17:41 UTC\nSHA256:\n ${"0".repeat(64)} 0 main/binary-amd64/Packages\n-----BEGIN PGP SIGNATURE-----\n\nxxxx\n-----END PGP SIGNATURE-----\n`,
      ),
  };
}

const release = (origin: string, suite: string, codename: string, more = ""): string =>
  `Origin: ${origin}\nLabel: ${origin}\nSuite: ${suite}\nCodename: ${codename}${more === "" ? "" : `\n${more}`}`;

/** A Debian-like machine: three suites of the release, backports, and what apt fetched of them. */
export async function debianLike(t: TestContext, more: Readonly<Record<string, string>> = {}): Promise<MachineRoot> {
  const machine = await machineRoot(t, {
    "keyrings/debian.asc": "stands for a keyring",
    "sources.list.d/debian.sources": `Types: deb deb-src
URIs: http://a.example/debian
Suites: bookworm bookworm-updates bookworm-backports
Components: main contrib
Signed-By: ETC/keyrings/debian.asc

Types: deb
URIs: http://a.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: ETC/keyrings/debian.asc
`,
    ...more,
  });
  const [debian, security] = ["http://a.example/debian", "http://a.example/debian-security"];
  await machine.fetched(
    debian,
    "bookworm",
    release("Debian", "oldstable", "bookworm", `Version: 12.15\nDescription: Debian 12.15 "it" \${HOME}`),
  );
  await machine.fetched(debian, "bookworm-updates", release("Debian", "oldstable-updates", "bookworm-updates"));
  await machine.fetched(
    debian,
    "bookworm-backports",
    release("Debian Backports", "oldstable-backports", "bookworm-backports", "NotAutomatic: yes\nButAutomaticUpgrades: yes"),
  );
  await machine.fetched(security, "bookworm-security", release("Debian", "oldstable-security", "bookworm-security"));
  return machine;
}
