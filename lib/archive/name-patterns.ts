/**
 * Globs over package names: `*` is any run of characters, `?` is one. Many patterns are looked up at once, in a few steps for each name and
 * not one for each pattern: a policy may have thousands, an index has 80,000 names.
 */

/** What a pattern may be: characters of package names, `*` and `?`. */
const PATTERN = /^[A-Za-z0-9+._*?-]+$/;

/** Longest pattern and most stars in one: a pattern from a config is trusted, its cost must still be bounded. */
const MAX_PATTERN_LENGTH = 200;
const MAX_STARS = 8;

export const isNamePattern = (text: string): boolean =>
  text.length <= MAX_PATTERN_LENGTH && PATTERN.test(text) && !text.includes("**") && (text.match(/\*/g)?.length ?? 0) <= MAX_STARS;

export const isGlob = (pattern: string): boolean => pattern.includes("*") || pattern.includes("?");

/** Whether a name fits one pattern, by walking both: no regular expression, so no backtracking beyond the last star. */
export function fitsPattern(pattern: string, name: string): boolean {
  let [at, place, star, mark] = [0, 0, -1, 0];
  while (at < name.length) {
    const want = pattern[place];
    if (want === "*") {
      star = place++;
      mark = at;
    } else if (want !== undefined && (want === "?" || want === name[at])) {
      place++;
      at++;
    } else if (star >= 0) {
      place = star + 1;
      at = ++mark;
    } else return false;
  }
  while (pattern[place] === "*") place++;
  return place === pattern.length;
}

export interface NamePatterns<Value> {
  readonly size: number;
  /** Values whose pattern fits the name, in the order in which they were given. */
  matching(name: string): readonly Value[];
}

interface Numbered<Value> {
  readonly number: number;
  readonly pattern: string;
  readonly value: Value;
  /** Found by the whole of what it asks: a name, or a beginning or end with one star. */
  readonly known: boolean;
}

/** Patterns by what they begin with, which is what most globs have: `linux-*`. */
export function namePatterns<Value>(rules: readonly (readonly [pattern: string, value: Value])[]): NamePatterns<Value> {
  const exact = new Map<string, Numbered<Value>[]>();
  const byStart = new Map<string, Numbered<Value>[]>();
  const byEnd = new Map<string, Numbered<Value>[]>();
  const rest: Numbered<Value>[] = [];
  for (const [number, [pattern, value]] of rules.entries()) {
    const start = /^[^*?]*/.exec(pattern)?.[0] ?? "";
    const end = /[^*?]*$/.exec(pattern)?.[0] ?? "";
    const known = !isGlob(pattern) || pattern === `${start}*` || pattern === `*${end}`;
    const one = { number, pattern, value, known };
    if (!isGlob(pattern)) add(exact, pattern, one);
    else if (start !== "") add(byStart, start, one);
    else if (end !== "") add(byEnd, end, one);
    else rest.push(one);
  }
  const starts = lengthsOf(byStart);
  const ends = lengthsOf(byEnd);
  const nothing: readonly Value[] = [];
  return {
    size: rules.length,
    matching(name) {
      let found: Numbered<Value>[] | undefined;
      const take = (candidates: readonly Numbered<Value>[] | undefined): void => {
        if (candidates === undefined) return;
        for (const one of candidates) {
          if (!one.known && !fitsPattern(one.pattern, name)) continue;
          if (found === undefined) found = [one];
          else found.push(one);
        }
      };
      take(exact.get(name));
      for (const length of starts) if (length <= name.length) take(byStart.get(name.slice(0, length)));
      for (const length of ends) if (length <= name.length) take(byEnd.get(name.slice(name.length - length)));
      take(rest);
      if (found === undefined) return nothing;
      if (found.length > 1) found.sort((left, right) => left.number - right.number);
      return found.map(({ value }) => value);
    },
  };
}

const lengthsOf = (lists: ReadonlyMap<string, unknown>): readonly number[] => [...new Set([...lists.keys()].map((key) => key.length))];

function add<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
