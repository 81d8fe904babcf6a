/**
 * Debian's order of versions, as dpkg has it.
 *
 * @see deb-version(7)
 */

/** Weight of one character outside digits: `~` before the end, the end before letters, letters before the rest. */
function weight(code: number): number {
  if (code === 0x7e) return -1;
  if ((code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)) return code;
  return code + 256;
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;

function compareParts(left: string, right: string): number {
  let l = 0;
  let r = 0;
  while (l < left.length || r < right.length) {
    while ((l < left.length && !isDigit(left.charCodeAt(l))) || (r < right.length && !isDigit(right.charCodeAt(r)))) {
      const a = l < left.length && !isDigit(left.charCodeAt(l)) ? weight(left.charCodeAt(l++)) : 0;
      const b = r < right.length && !isDigit(right.charCodeAt(r)) ? weight(right.charCodeAt(r++)) : 0;
      if (a !== b) return a < b ? -1 : 1;
    }
    while (left.charCodeAt(l) === 0x30) l++;
    while (right.charCodeAt(r) === 0x30) r++;
    // Numbers are compared by length and then digit by digit: they may be longer than a JavaScript number is exact.
    const leftStart = l;
    const rightStart = r;
    while (l < left.length && isDigit(left.charCodeAt(l))) l++;
    while (r < right.length && isDigit(right.charCodeAt(r))) r++;
    if (l - leftStart !== r - rightStart) return l - leftStart < r - rightStart ? -1 : 1;
    const a = left.slice(leftStart, l);
    const b = right.slice(rightStart, r);
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}

function split(version: string): { epoch: string; upstream: string; revision: string } {
  const colon = version.indexOf(":");
  const dash = version.lastIndexOf("-");
  return {
    epoch: colon < 0 ? "" : version.slice(0, colon),
    upstream: version.slice(colon + 1, dash > colon ? dash : undefined),
    revision: dash > colon ? version.slice(dash + 1) : "",
  };
}

/** Negative, zero or positive. `1.0` and `0:1.0-0` are equal by Debian's rule though their text differs. */
export function compareVersions(left: string, right: string): -1 | 0 | 1 {
  if (left === right) return 0;
  const a = split(left);
  const b = split(right);
  const order = compareParts(a.epoch, b.epoch) || compareParts(a.upstream, b.upstream) || compareParts(a.revision, b.revision);
  return order < 0 ? -1 : order > 0 ? 1 : 0;
}

const VERSION = /^(?:[0-9]{1,10}:)?[0-9A-Za-z.+~:-]+$/;

/** What dpkg accepts without complaint or with a warning only: an upstream part that starts with a letter is old but real. */
export function isVersion(text: string): boolean {
  if (!VERSION.test(text)) return false;
  const { epoch, upstream, revision } = split(text);
  if (text.includes(":") && !(/^[0-9]+$/.test(epoch) && Number(epoch) <= 2_147_483_647)) return false;
  if (upstream === "" || (text.endsWith("-") && revision === "")) return false;
  return !revision.includes(":");
}

/** As relations write them; `<` and `>` of old packages mean `<=` and `>=`. */
export type VersionOperator = "<<" | "<=" | "=" | ">=" | ">>";

export interface VersionConstraint {
  readonly operator: VersionOperator;
  readonly version: string;
}

export function satisfies(version: string, { operator, version: bound }: VersionConstraint): boolean {
  const order = compareVersions(version, bound);
  switch (operator) {
    case "<<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "=":
      return order === 0;
    case ">=":
      return order >= 0;
    case ">>":
      return order > 0;
    default:
      return operator satisfies never;
  }
}

/** `<< 2.0`; undefined when it is none. */
export function parseVersionConstraint(text: string): VersionConstraint | undefined {
  const match = /^(<<|<=|=|>=|>>) ?([^\s]+)$/.exec(text.trim());
  const [, operator, version] = match ?? [];
  return operator === undefined || version === undefined || !isVersion(version)
    ? undefined
    : { operator: operator as VersionOperator, version };
}

export const formatVersionConstraint = ({ operator, version }: VersionConstraint): string => `${operator} ${version}`;
