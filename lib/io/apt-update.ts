/** Lets the real apt judge a tree: `apt-get update` in a root of its own that is thrown away. */
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ALL } from "../archive/names.ts";
import { words } from "../archive/release.ts";
import { MergeError } from "../errors.ts";
import type { AptClient, AptOrder, AptOutcome } from "../ports.ts";
import { findProgram, runChild } from "./child.ts";

const FOLDERS = [
  "state/lists/partial",
  "cache/archives/partial",
  "log",
  "etc/apt.conf.d",
  "etc/preferences.d",
  "etc/sources.list.d",
  "etc/trusted.gpg.d",
];

/** What apt fetches, and what programs beside it have it fetch, where a Release lists it. The machine's own targets may bear any name. */
const TARGETS = [
  ["deb::Packages", "$(COMPONENT)/binary-$(ARCHITECTURE)/Packages", "Packages"],
  ["deb::Translations", "$(COMPONENT)/i18n/Translation-$(LANGUAGE)", "$(LANGUAGE)"],
  ["deb-src::Sources", "$(COMPONENT)/source/Sources", "Sources"],
  ["deb::Contents", "$(COMPONENT)/Contents-$(ARCHITECTURE)", "Contents"],
  ["deb::Components", "$(COMPONENT)/dep11/Components-$(NATIVE_ARCHITECTURE).yml", "Components"],
  ["deb::icons-48", "$(COMPONENT)/dep11/icons-48x48.tar", "icons-48x48"],
  ["deb::icons-64", "$(COMPONENT)/dep11/icons-64x64.tar", "icons-64x64"],
  ["deb::icons-128", "$(COMPONENT)/dep11/icons-128x128.tar", "icons-128x128"],
  ["deb::Commands", "$(COMPONENT)/cnf/Commands-$(NATIVE_ARCHITECTURE)", "Commands"],
] as const;
/** Without these a suite is none. */
const NEEDED: readonly string[] = ["deb::Packages", "deb-src::Sources"];

/** A tree of a whole release takes it some minutes on a slow disk. */
const LIMIT_MS = 900_000;

const aptProgram = (): string | undefined => findProgram("apt-get");

/** @throws MergeError APT_MISSING */
export function needApt(): void {
  if (aptProgram() !== undefined) return;
  throw new MergeError("APT_MISSING", 'Cannot ask apt: there is no program "apt-get" in PATH, it must be installed');
}

/** @throws MergeError TREE_UNSOUND with apt's own words when it warns or fails; APT_MISSING */
export async function updateWithApt(order: AptOrder): Promise<void> {
  needApt();
  const outcome = await aptClient.update(order);
  if (outcome.kind !== "refused") return;
  const { tree, suite } = order;
  throw new MergeError("TREE_UNSOUND", `Cannot vouch for suite "${suite}" of ${tree}: apt-get update says: ${outcome.words}`, { suite });
}

export const aptClient: AptClient = { update };

async function update({ tree, keyring, suite, release }: AptOrder): Promise<AptOutcome> {
  const program = aptProgram();
  if (program === undefined) return { kind: "missing" };
  const root = await mkdtemp(join(tmpdir(), "aptmerge-apt-"));
  try {
    for (const folder of FOLDERS) await mkdir(join(root, folder), { recursive: true });
    await writeFile(join(root, "status"), "");
    const architectures = words(release, "Architectures").filter((one) => one !== ALL);
    const languages = [...release.entries.keys()].flatMap((path) => /\/i18n\/Translation-([^./]+)$/.exec(path)?.[1] ?? []);
    const [first = "amd64"] = architectures;
    const settings = {
      "Dir::State": join(root, "state"),
      "Dir::State::status": join(root, "status"),
      "Dir::Cache": join(root, "cache"),
      "Dir::Etc": join(root, "etc"),
      "Dir::Log": join(root, "log"),
      "APT::Architecture": first,
      "APT::Sandbox::User": "root",
      "Debug::NoLocking": "1",
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} "${value}";`);
    lines.push(`APT::Architectures { ${architectures.map((one) => `"${one}";`).join(" ")} };`);
    lines.push(`Acquire::Languages { ${[...new Set(languages), "none"].map((one) => `"${one}";`).join(" ")} };`);
    lines.push("#clear Acquire::IndexTargets;");
    for (const [name, key, short] of TARGETS) {
      const words = `ShortDescription "${short}"; Description "$(RELEASE)/$(COMPONENT) ${short}";`;
      lines.push(`Acquire::IndexTargets::${name} { MetaKey "${key}"; ${words} Optional "${NEEDED.includes(name) ? 0 : 1}"; };`);
    }
    const config = join(root, "apt.conf");
    await writeFile(config, `${lines.join("\n")}\n`);
    const components = words(release, "Components").join(" ");
    const hasSources = [...release.entries.keys()].some((path) => path.endsWith("/source/Sources"));
    const types = hasSources ? ["deb", "deb-src"] : ["deb"];
    // By names of ours: a blank or a comma in a path would be read as the end of it.
    await symlink(tree, join(root, "tree"));
    if (keyring !== undefined) await copyFile(keyring, join(root, "key.asc"));
    const trust = keyring === undefined ? "trusted=yes" : `signed-by=${join(root, "key.asc")}`;
    const sources = types.map((type) => `${type} [${trust}] file:${join(root, "tree")} ${suite} ${components}\n`);
    await writeFile(join(root, "etc/sources.list"), sources.join(""));

    const output: Buffer[] = [];
    const end = await runChild({
      program,
      args: ["-q", "update"],
      // Read before anything else, so that Dir::Etc keeps out the machine's own settings: they may switch checks off.
      env: { APT_CONFIG: config },
      output: (chunk) => output.push(chunk) > 0,
      limitMs: LIMIT_MS,
    });
    const text = Buffer.concat(output).toString("utf8");
    const errors = end.kind === "exited" ? end.stderr : "it did not run to its end";
    const complaints = `${text}\n${errors}`.split("\n").filter((line) => /^(W|E|Err)[: ]/.test(line));
    if (end.kind === "exited" && end.status === 0 && complaints.length === 0) return { kind: "accepted" };
    return { kind: "refused", words: complaints.length > 0 ? complaints.join(" · ") : errors };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
