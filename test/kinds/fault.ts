/** Why a kind refuses a stanza. */
import assert from "node:assert/strict";
import { scanStanzas } from "../../lib/deb822/stanza-table.ts";
import type { IndexKind } from "../../lib/kinds/index-kind.ts";

/** Of the first stanza in `text`; undefined when it is sound. */
export function faultOf(kind: IndexKind, text: string | Buffer, weakAllowed = false): string | undefined {
  const table = scanStanzas(Buffer.from(text), kind.fields, { mirror: "m", suite: "s", file: kind.fileName });
  assert.ok(table.count > 0, "there must be a stanza");
  return table.faults.get(0) ?? kind.fault(table, 0, weakAllowed);
}

/** The stanza with a field changed, added at the end or, with undefined, left out. */
export function changed(fields: Readonly<Record<string, string>>, name: string, value: string | undefined): string {
  const entries = Object.entries({ ...fields, [name]: value }).filter(([, said]) => said !== undefined);
  return entries.map(([field, said]) => `${field}:${said?.startsWith("\n") ? "" : " "}${said}\n`).join("");
}
