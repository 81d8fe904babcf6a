/** Changes fields of one stanza in its bytes. What is not named keeps its bytes, case and order; a field that was not there goes last. */
export interface FieldEdit {
  /** As it is to be written when it is new; an existing field keeps its own case. */
  readonly field: string;
  readonly value: string;
}

/**
 * @param stanza whole lines of one stanza, with or without the last newline
 * @returns the same buffer when nothing changed
 */
export function editStanza(stanza: Buffer, edits: readonly FieldEdit[]): Buffer {
  let text = stanza.toString("latin1");
  for (const edit of edits) text = setField(text, edit);
  const edited = Buffer.from(text, "latin1");
  return edited.equals(stanza) ? stanza : edited;
}

function setField(text: string, { field, value }: FieldEdit): string {
  const latin = Buffer.from(value, "utf8").toString("latin1");
  const found = findField(text, field);
  if (found === undefined) return `${text.endsWith("\n") || text === "" ? text : `${text}\n`}${field}: ${latin}\n`;
  return `${text.slice(0, found.valueStart)} ${latin}\n${text.slice(found.end)}`;
}

/** `valueStart` is the offset after the colon, `end` the offset after the field's last line. */
function findField(text: string, field: string): { valueStart: number; end: number } | undefined {
  const wanted = `${field.toLowerCase()}:`;
  let position = 0;
  while (position < text.length) {
    const start = position;
    position = nextLine(text, position);
    if (text.slice(start, start + wanted.length).toLowerCase() !== wanted) continue;
    while (text[position] === " " || text[position] === "\t") position = nextLine(text, position);
    return { valueStart: start + wanted.length, end: position };
  }
  return undefined;
}

function nextLine(text: string, position: number): number {
  const newline = text.indexOf("\n", position);
  return newline < 0 ? text.length : newline + 1;
}
