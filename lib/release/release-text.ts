/**
 * Writes Release files. Their fields come from the config and from what was written, never from an upstream Release.
 *
 * @see CONTRACT section 5; deb wiki DebianRepository/Format
 */
import { formatReleaseDate } from "../archive/dates.ts";
import type { DigestName } from "../archive/digests.ts";
import type { Architecture, ComponentName, SuiteName } from "../archive/names.ts";
import type { ListedFile } from "./listed-file.ts";

export interface ReleaseFacts {
  readonly suite: SuiteName;
  /** Fields of the config, in its order. */
  readonly fields: ReadonlyMap<string, string>;
  readonly date: Date;
  readonly validUntil: Date | undefined;
  readonly architectures: readonly Architecture[];
  readonly components: readonly ComponentName[];
  readonly byHash: boolean;
  readonly digests: readonly DigestName[];
  readonly files: readonly ListedFile[];
}

/** Fields that stand before Date, in the order that archives are used to. */
const FIRST = ["Origin", "Label", "Suite", "Version", "Codename"];

/** Order of the digest sections: weak ones first, as archives write them. */
const SECTIONS: readonly DigestName[] = ["MD5Sum", "SHA256", "SHA512"];

export function releaseText(facts: ReleaseFacts): Buffer {
  const fields = withNames(facts.fields, facts.suite);
  const lines = [...FIRST.flatMap((name) => line(fields, name)), `Date: ${formatReleaseDate(facts.date)}`];
  if (facts.validUntil !== undefined) lines.push(`Valid-Until: ${formatReleaseDate(facts.validUntil)}`);
  if (facts.byHash) lines.push("Acquire-By-Hash: yes");
  lines.push("No-Support-for-Architecture-all: Packages");
  lines.push(`Architectures: ${facts.architectures.join(" ")}`, `Components: ${facts.components.join(" ")}`);
  for (const [name, value] of fields) if (!FIRST.includes(name)) lines.push(`${name}: ${value}`);

  const files = [...facts.files].sort((left, right) => (left.path < right.path ? -1 : 1));
  const width = Math.max(0, ...files.map((file) => String(file.bytes).length));
  for (const section of SECTIONS) {
    if (section !== "SHA256" && !facts.digests.includes(section)) continue;
    lines.push(`${section}:`);
    for (const file of files) lines.push(` ${file.digests[section]} ${String(file.bytes).padStart(width)} ${file.path}`);
  }
  return Buffer.from(`${lines.join("\n")}\n`, "utf8");
}

/** The text of a Release of ours under another Date: all else stays as it was published. */
export function redatedText(text: Buffer, date: Date, validUntil: Date | undefined): Buffer {
  const until = validUntil === undefined ? [] : [`Valid-Until: ${formatReleaseDate(validUntil)}`];
  const lines = text.toString("utf8").split("\n");
  const redated = lines.flatMap((line) =>
    line.startsWith("Date:") ? [`Date: ${formatReleaseDate(date)}`, ...until] : line.startsWith("Valid-Until:") ? [] : [line],
  );
  return Buffer.from(redated.join("\n"), "utf8");
}

/** The small Release beside an index, which old tools and archive browsers read. */
export function indexReleaseText(facts: ReleaseFacts, component: ComponentName, architecture: Architecture): Buffer {
  const fields = withNames(facts.fields, facts.suite);
  const lines = [`Archive: ${fields.get("Suite") ?? facts.suite}`, ...["Origin", "Label", "Version"].flatMap((name) => line(fields, name))];
  if (facts.byHash) lines.push("Acquire-By-Hash: yes");
  lines.push(`Component: ${component}`, `Architecture: ${architecture}`);
  return Buffer.from(`${lines.join("\n")}\n`, "utf8");
}

/** apt wants Suite or Codename to be the name that clients ask for. */
function withNames(fields: ReadonlyMap<string, string>, suite: SuiteName): ReadonlyMap<string, string> {
  return fields.has("Codename") ? fields : new Map([...fields, ["Codename", suite]]);
}

function line(fields: ReadonlyMap<string, string>, name: string): readonly string[] {
  const value = fields.get(name);
  return value === undefined ? [] : [`${name}: ${value}`];
}
