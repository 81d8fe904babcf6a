/** Fields that a winning stanza lacks, taken over from those that lost to it. */
import { type FieldEdit, fieldValue } from "../deb822/edit.ts";

/**
 * Each field with all lines and bytes that it has in the first loser that has it, for the fields that the winner lacks.
 *
 * @param winner whole lines of one stanza
 * @param losers the same, the best one first
 */
export function inherited(winner: Buffer, losers: readonly Buffer[], fields: readonly string[]): readonly FieldEdit[] {
  if (losers.length === 0) return [];
  const own = winner.toString("latin1");
  const lacking = fields.filter((field) => fieldValue(own, field) === undefined);
  if (lacking.length === 0) return [];
  const texts = losers.map((loser) => loser.toString("latin1"));
  return lacking.flatMap((field): readonly FieldEdit[] => {
    for (const text of texts) {
      const value = fieldValue(text, field);
      if (value !== undefined) return [{ field, missing: Buffer.from(value.endsWith("\n") ? value : `${value}\n`, "latin1") }];
    }
    return [];
  });
}
