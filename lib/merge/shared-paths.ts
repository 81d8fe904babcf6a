/**
 * Two packages under one path, with other files: a client of the one that is not there would fetch the other and refuse it. The path stays with the
 * one that comes first in the order of the inputs. Hot path: a number per stanza, a text only where two numbers are the same.
 */
import { withoutDot } from "../archive/paths.ts";
import { compareVersions } from "../archive/version.ts";
import { fieldText } from "../deb822/stanza-table.ts";
import { DIGEST, type IndexKind, NAME, PATH, VERSION } from "../kinds/index-kind.ts";
import type { IndexInput, Kept } from "./candidate.ts";
import { NONE } from "./contest-rules.ts";
import type { RefusedStanza } from "./gather.ts";
import type { MergedIndex } from "./merge-index.ts";

interface PathTaken {
  readonly kept: Kept;
  /** The name of the package that has it. */
  readonly by: string;
}

const [DOT, SLASH] = [0x2e, 0x2f];

/** Who has which path. Paths that were chosen to have one number are told apart by their text. */
class Holders {
  readonly #byNumber = new Map<number, Kept>();
  readonly #byText = new Map<string, Kept>();
  readonly #numbers = new PathNumbers();

  /** @returns who has the path of this one; when nobody has, this one has it from now on */
  claim(one: Kept): Kept {
    const number = this.#numbers.of(one);
    const first = this.#byNumber.get(number);
    if (first === undefined) {
      this.#byNumber.set(number, one);
      return one;
    }
    const path = publishedPath(one);
    if (publishedPath(first) === path) return first;
    const other = this.#byText.get(path);
    if (other === undefined) this.#byText.set(path, one);
    return other ?? one;
  }

  give(one: Kept): void {
    const path = publishedPath(one);
    if (this.#byText.has(path)) this.#byText.set(path, one);
    else this.#byNumber.set(this.#numbers.of(one), one);
  }
}

/** @returns those that have to go, in no order */
function pathsTaken(kept: readonly Kept[]): readonly PathTaken[] {
  const holders = new Holders();
  const taken: PathTaken[] = [];
  for (const one of kept) {
    const before = holders.claim(one);
    if (before === one || !isOtherFile(before, one)) continue;
    const first = isBefore(one, before);
    if (first) holders.give(one);
    taken.push(first ? { kept: before, by: textOf(one, NAME) } : { kept: one, by: textOf(before, NAME) });
  }
  return taken;
}

const textOf = ({ input, stanza }: Kept, field: number): string => fieldText(input.table, stanza, field) ?? "";

/** By the strongest that both say of their file. */
function isOtherFile(left: Kept, right: Kept): boolean {
  for (const field of [DIGEST, namedField(left, "sha512"), namedField(left, "size")]) {
    const [one, other] = [textOf(left, field), textOf(right, field)];
    if (one !== "" && other !== "") return one.toLowerCase() !== other.toLowerCase();
  }
  return true;
}

const namedField = ({ input: { table } }: Kept, name: string): number => table.fields.indexOf(name);

/** With the prefix apart: no path holds a newline. */
const publishedPath = (one: Kept): string => `${one.input.pool ?? ""}\n${withoutDot(textOf(one, PATH))}`;

/** Of the end of a path: what tells the files of a mirror apart is the name, version and architecture there. */
const NUMBERED_BYTES = 32;

/** A number for each path: the same one for the same path, and nearly always another one for another. */
class PathNumbers {
  #input: IndexInput | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #pool = 0;

  of({ input, stanza }: Kept): number {
    // Stanzas of one input mostly come one after the other.
    if (input !== this.#input) {
      const { buffer, byteOffset, length } = input.table.bytes;
      [this.#input, this.#view, this.#pool] = [input, new DataView(buffer, byteOffset, length), numberOfText(input.pool ?? "")];
    }
    const { table } = input;
    const view = this.#view;
    const at = (stanza * table.fields.length + PATH) * 2;
    const end = table.spans[at + 1] ?? 0;
    let start = table.spans[at] ?? 0;
    while (start + 1 < end && view.getUint8(start) === DOT && view.getUint8(start + 1) === SLASH) {
      start++;
      while (start < end && view.getUint8(start) === SLASH) start++;
    }
    let number = this.#pool ^ (end - start);
    let place = Math.max(start, end - NUMBERED_BYTES);
    for (; place + 4 <= end; place += 4) number = mixed(number, view.getInt32(place, true));
    for (; place < end; place++) number = mixed(number, view.getUint8(place));
    return number;
  }
}

/** The second half comes down too: what a multiplication mixes only goes up. */
function mixed(number: number, next: number): number {
  const product = Math.imul(number ^ next, 0x01000193);
  return product ^ (product >>> 15);
}

function numberOfText(text: string): number {
  let number = 0x811c9dc5 | 0;
  for (let i = 0; i < text.length; i++) number = mixed(number, text.charCodeAt(i));
  return number;
}

/** Of one mirror's versions of a package the newest: a path without a version in it holds what was put there last. */
function isBefore(left: Kept, right: Kept): boolean {
  const order = left.input.rank - right.input.rank || left.input.componentOrder - right.input.componentOrder;
  if (order === 0 && textOf(left, NAME) === textOf(right, NAME)) {
    const versions = compareVersions(textOf(left, VERSION), textOf(right, VERSION));
    if (versions !== 0) return versions > 0;
  }
  return (order || left.stanza - right.stanza) < 0;
}

/** Sources share folders; a file belongs to one package. */
export function withoutSharedPaths(kind: IndexKind, merged: MergedIndex): MergedIndex {
  const taken = kind.type === "source" ? [] : pathsTaken(merged.kept);
  if (taken.length === 0) return merged;
  const gone = new Set(taken.map((one) => one.kept));
  const refused = taken.map(({ kept: { input, stanza }, by }): RefusedStanza => {
    const because = `its Filename is that of "${by}", whose file is another`;
    return { input, stanza, name: fieldText(input.table, stanza, NAME), because, claims: true, pin: NONE };
  });
  return { ...merged, kept: merged.kept.filter((one) => !gone.has(one)), refused: [...merged.refused, ...refused] };
}
