/** Text from outside in HTML, as content and in quoted attributes. */
import { plain } from "./plain.ts";

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

export const escapeHtml = (text: string): string => plain(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");

/** `2026-11-21T03:00:00Z` for people, in one piece. */
export function timeElement(instant: string): string {
  const shown = instant.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)Z$/, "$1\u00a0$2\u00a0UTC");
  return `<time datetime="${escapeHtml(instant)}">${escapeHtml(shown)}</time>`;
}
