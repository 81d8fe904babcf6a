/** From the text of a config to settings and to everything that is to be said about it, in one pass. */
import { buildSettings } from "./build.ts";
import { checkFolders, type Say } from "./check-folders.ts";
import { checkMirrors, doubtLimits, listOf } from "./check-mirrors.ts";
import { checkNames } from "./check-names.ts";
import { checkPolicies } from "./check-policy.ts";
import { checkSuites } from "./check-suites.ts";
import type { Disk } from "./disk.ts";
import { type ConfigDocument, type Finding, readDocument } from "./document.ts";
import type { Environment } from "./environment.ts";
import { findingsOf, refusal } from "./findings.ts";
import { pathText } from "./quoting.ts";
import { type Config, ConfigSchema } from "./schema.ts";
import { type Draft, salvage } from "./schema-walk.ts";
import { doubtfulFolder } from "./urls.ts";

/** What is known beside the text. */
interface Surroundings extends Disk {
  /** Absolute; where relative paths start. */
  readonly folder: string;
  readonly defaultOverrides: string | undefined;
}

interface ReadSettings {
  /** Undefined when there is an error among the findings. */
  readonly settings: ReturnType<typeof buildSettings> | undefined;
  /** In the order of the file. */
  readonly findings: readonly Finding[];
}

export async function readSettings(source: string, file: string, env: Environment, disk: Surroundings): Promise<ReadSettings> {
  const { document, findings: early } = readDocument(source, file, env);
  if (document === undefined) return { settings: undefined, findings: inOrder(early) };
  const parsed = ConfigSchema.safeParse(document.value);
  const issues = parsed.success ? [] : parsed.error.issues.flatMap((issue) => findingsOf(ConfigSchema, issue, document));
  const draft = parsed.success ? parsed.data : salvage(ConfigSchema, document.value);
  const checked = draft === undefined ? [] : await check(draft, document, disk);
  // A value that could not be filled in is told once, not again as a wrong value.
  const told = new Set(early.map((finding) => finding.spot.offset));
  const findings = inOrder([...early, ...[...issues, ...checked].filter((finding) => !told.has(finding.spot.offset))]);
  const sound = parsed.success && !findings.some((finding) => finding.severity === "error");
  return { settings: sound ? buildSettings(parsed.data, { ...disk, keys: document.keys }) : undefined, findings };
}

/** One value can fail several checks in the same words: once is enough. */
function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const once = new Map(findings.map((finding) => [`${finding.spot.offset} ${finding.message}`, finding]));
  return [...once.values()].sort((left, right) => left.spot.offset - right.spot.offset);
}

async function check(draft: Draft<Config>, document: ConfigDocument, disk: Surroundings): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const refuse: Say = (path, message, part) => void findings.push(refusal(document, path, message, part));
  const doubt: Say = (path, message) =>
    void findings.push({ severity: "warning", code: "CONFIG_DOUBTFUL", spot: document.spot(path), message });
  const inFile = <Part>(key: string, parts: Readonly<Record<string, Part | undefined>> | undefined): ReadonlyMap<string, Part> =>
    new Map(document.keys([key]).flatMap((name) => (parts?.[name] === undefined ? [] : [[name, parts[name]]])));
  const mirrors = inFile("mirrors", draft.mirrors);
  const suites = inFile("suites", draft.suites);
  checkFolders(draft, disk, refuse);
  checkMirrors(mirrors, disk.folder, refuse, doubt);
  doubtLimits(suites, mirrors, doubt);
  checkSuites(suites, document.keys(["mirrors"]), refuse);
  checkNames(suites, refuse);
  checkPolicies(draft.policy, suites, document.keys(["mirrors"]), refuse, doubt);
  for (const [name, mirror] of mirrors) {
    for (const url of listOf(mirror.url)) {
      const folder = doubtfulFolder(url, disk.folder);
      if (folder === undefined || (await disk.isFolder(folder))) continue;
      const path = ["mirrors", name, "url"];
      doubt(path, `${pathText(path)} is read as the folder "${folder}", which is not there: a host is written http://${url}`);
    }
  }
  return findings;
}
