/** Notes what is published of each package, for the files that follow it. */
import type { ComponentName } from "../archive/names.ts";
import { isSection } from "../archive/override-fields.ts";
import { descriptionDigest, fieldValue } from "../deb822/edit.ts";
import { fieldText, type StanzaTable } from "../deb822/stanza-table.ts";
import type { WinnerFacts } from "../kinds/winners.ts";
import type { Kept } from "../merge/candidate.ts";
import { DESCRIPTION_FIELDS, type Target } from "./suite-targets.ts";

/** @returns to be told of each stanza that is published; `edited` are its bytes when the policy or an override changed it */
export function noteWinners(
  winners: WinnerFacts[],
  { kind: { type }, architecture }: Target,
  component: ComponentName,
): (one: Kept, name: string, edited: Buffer | undefined) => void {
  const places = new Map<StanzaTable, number>();
  const digestIn = (table: StanzaTable, stanza: number): string | undefined => {
    const at = places.get(table) ?? table.fields.indexOf(DESCRIPTION_FIELDS[0]);
    places.set(table, at);
    if (at < 0) return undefined;
    const given = fieldText(table, stanza, at);
    if (given !== undefined) return given.toLowerCase();
    // As apt does where a mirror gives the whole text and no digest.
    const text = fieldText(table, stanza, at + 1);
    return text === undefined ? undefined : descriptionDigest(text);
  };
  return ({ input, stanza }, name, edited) => {
    const facts = { type, architecture, component, name, rank: input.rank };
    if (edited === undefined) {
      winners.push({ ...facts, descriptionMd5: type === "deb" ? digestIn(input.table, stanza) : undefined });
      return;
    }
    const now = edited.toString("latin1");
    const section = fieldValue(now, "Section")?.trim();
    const before = input.table.bytes.toString("latin1", input.table.starts[stanza], input.table.ends[stanza]);
    const md5 = fieldValue(now, "Description-md5")?.trim().toLowerCase();
    const text = fieldValue(now, "Description");
    winners.push({
      ...facts,
      // One that was inherited may be any text of a mirror.
      section: section === fieldValue(before, "Section")?.trim() || !isSection(section ?? "") ? undefined : section,
      descriptionMd5: type !== "deb" ? undefined : (md5 ?? (text === undefined ? undefined : descriptionDigest(text))),
    });
  };
}
