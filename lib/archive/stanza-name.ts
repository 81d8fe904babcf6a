/** The name of a stanza without a scan of it: to find stanzas and blocks again, not to decide by it. */

/** Most bytes of a stanza in which its name is looked for. */
const MOST_BYTES = 64 * 1024;

const NAME_LINE = /^package:[ \t]*(\S+)/im;

/** Name of the first stanza of a text; undefined when it says none near its beginning. */
export function firstName(text: Buffer): string | undefined {
  const end = text.indexOf("\n\n");
  return nameIn(text.toString("latin1", 0, Math.min(MOST_BYTES, end < 0 ? text.length : end)));
}

/** Name of a stanza; undefined when it says none. */
export const nameIn = (stanza: string): string | undefined => NAME_LINE.exec(stanza)?.[1];
