/** Stanzas with nothing but their relations, as another tool's input. */
import { CONFLICT_FIELDS, RELATION_FIELDS, type RelationField, type RelationStanza, relationText } from "./relation-fields.ts";

const FIELDS: readonly RelationField[] = ["package", "version", "architecture", ...RELATION_FIELDS, ...CONFLICT_FIELDS];

/** `Multi-Arch`: dose-debcheck knows fields by their usual case only. */
const titled = (field: string): string => field.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());

/** As in Packages: each with the fields that decide what can be installed, and an empty line behind it. */
export function relationsAsPackages(stanzas: readonly RelationStanza[]): Buffer {
  const parts: string[] = [];
  for (const one of stanzas) {
    for (const field of FIELDS) {
      const value = relationText(one, field);
      if (value !== undefined && value !== "") parts.push(`${titled(field)}: ${value}\n`);
    }
    parts.push("\n");
  }
  return Buffer.from(parts.join(""), "latin1");
}
