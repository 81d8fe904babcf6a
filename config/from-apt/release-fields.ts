/** The Release fields that a merged suite takes over, so that apt pins and rules for unattended upgrades go on working. */
import { isFlat } from "../../lib/archive/names.ts";
import { type Problem, problem } from "../../lib/errors.ts";
import type { PlannedSuite } from "./suites.ts";

/** The rest is aptmerge's to write, or would lead clients back to the upstream archive (Signed-By, Snapshots, Changelogs). */
const TAKEN = ["Origin", "Label", "Suite", "Version", "Codename", "Description", "NotAutomatic", "ButAutomaticUpgrades"];
const MAX_VALUE_CHARACTERS = 500;

interface PlannedFields {
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly problems: readonly Problem[];
}

export function planFields(suite: PlannedSuite): PlannedFields {
  const { base, name } = suite;
  const from = base.fields;
  if (from === undefined) {
    const because = base.fault ?? "apt has not fetched it";
    const message = `Cannot take over the Release fields of "${base.mirror.name}/${base.suite}": ${because}, its Release must be readable now`;
    const where = { mirror: base.mirror.name, suite: name };
    return { fields: [["Codename", name]], problems: [problem("warning", "RELEASE_FIELDS_UNKNOWN", message, where)] };
  }
  const fields = TAKEN.flatMap((field): [string, string][] => {
    const value = oneLine(from.get(field.toLowerCase()) ?? "");
    return value === "" ? [] : [[field, value]];
  });
  // apt warns of a suite that calls itself neither by Suite nor by Codename what the client asked for.
  const fits = fields.some(([field, value]) => (field === "Suite" || field === "Codename") && value === name);
  if (fits) return { fields, problems: [] };
  return { fields: [...fields.filter(([field]) => field !== "Codename"), ["Codename", name]], problems: [] };
}

/** What the suite of a member calls itself when that is not the name it is asked for by; apt warns of it and goes on. */
export function otherCodename(member: PlannedSuite["base"]): string | undefined {
  if (isFlat(member.suite) || member.fields === undefined) return undefined;
  const [codename, suite] = [member.fields.get("codename"), member.fields.get("suite")];
  return codename === member.suite || suite === member.suite ? undefined : codename || suite || undefined;
}

const oneLine = (value: string): string =>
  value
    .replace(/[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")
    .trim()
    .slice(0, MAX_VALUE_CHARACTERS);
