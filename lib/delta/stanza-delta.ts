/**
 * What changes in one merged index, stanza by stanza: the last generation's index against the one that is being composed. Both are sorted by
 * name, so one walk over both is enough and nothing but the changes is kept.
 */
import type { ChangeKind } from "../archive/change-kind.ts";
import { compareVersions } from "../archive/version.ts";
import { fieldText, type StanzaTable } from "../deb822/stanza-table.ts";
import { DIGEST, NAME, PATH, SOURCE_FIELD, VERSION } from "../kinds/index-kind.ts";

/** One package of one index. */
export interface StanzaChange {
  readonly kind: ChangeKind;
  readonly name: string;
  readonly source: string;
  readonly from?: { readonly version: string; readonly mirror: string };
  readonly to?: { readonly version: string; readonly mirror: string };
}

/** What is known of a stanza of the new index. */
export interface NewStanza {
  readonly version: string;
  readonly digest: string;
  readonly mirror: string;
  readonly source: string;
}

export interface DeltaWalk {
  /** The stanzas of the new index, in its order. `bytes` is asked for only when there is an old stanza to compare with, and not kept. */
  see(name: string, bytes: () => Buffer, facts: () => NewStanza): void;
  /** All changes, in order of names. */
  finish(): readonly StanzaChange[];
}

/**
 * @param old table of the last generation's index; undefined when it had none
 * @param mirrorOf the mirror that a path of the last generation belongs to
 */
export function walkDelta(old: StanzaTable | undefined, mirrorOf: (path: string) => string): DeltaWalk {
  const changes: StanzaChange[] = [];
  const count = old?.count ?? 0;
  const oldName = (stanza: number): string => (old === undefined ? "" : (fieldText(old, stanza, NAME) ?? ""));
  const oldFacts = (stanza: number): NewStanza => {
    if (old === undefined) throw new Error("There is no old index");
    const [version, digest, path] = [VERSION, DIGEST, PATH].map((field) => fieldText(old, stanza, field) ?? "");
    const source = fieldText(old, stanza, SOURCE_FIELD)?.split("(", 1)[0]?.trim() || oldName(stanza);
    return { version: version ?? "", digest: digest ?? "", mirror: mirrorOf(path ?? ""), source };
  };

  let next = 0; // first old stanza that no group has taken
  let current: string | undefined;
  let group: { from: number; to: number } = { from: 0, to: 0 };
  let matched = new Set<number>();
  let same: NewStanza[] = [];
  let fresh: NewStanza[] = [];
  let waiting: (() => NewStanza)[] = []; // facts of stanzas that did not change are read only when the group has a change

  const removeUntil = (name: string | undefined): void => {
    while (next < count && (name === undefined || oldName(next) < name)) {
      const begin = next;
      const gone = oldName(begin);
      while (next < count && oldName(next) === gone) next++;
      changes.push(...classify(gone, oldRange(begin, next), [], [], []));
    }
  };
  const oldRange = (from: number, to: number): readonly NewStanza[] => Array.from({ length: to - from }, (_, i) => oldFacts(from + i));
  const endGroup = (): void => {
    if (current === undefined) return;
    const left = [];
    for (let stanza = group.from; stanza < group.to; stanza++) if (!matched.has(stanza)) left.push(oldFacts(stanza));
    if (left.length > 0 || fresh.length > 0) {
      same = waiting.map((facts) => facts());
      changes.push(...classify(current, oldRange(group.from, group.to), left, fresh, same));
    }
  };

  return {
    see(name, bytes, facts) {
      if (name !== current) {
        endGroup();
        removeUntil(name);
        const from = next;
        while (next < count && oldName(next) === name) next++;
        current = name;
        group = { from, to: next };
        matched = new Set();
        fresh = [];
        waiting = [];
      }
      if (old !== undefined && group.from < group.to) {
        const own = bytes();
        for (let stanza = group.from; stanza < group.to; stanza++) {
          if (matched.has(stanza) || old.bytes.compare(own, 0, own.length, old.starts[stanza], old.ends[stanza]) !== 0) continue;
          matched.add(stanza);
          waiting.push(facts);
          return;
        }
      }
      fresh.push(facts());
    },
    finish() {
      endGroup();
      removeUntil(undefined);
      return changes;
    },
  };
}

/**
 * @param before all old stanzas of the name
 * @param left old ones that are no longer there as they were
 * @param fresh new ones that were not there as they are
 * @param same ones in both
 */
function classify(
  name: string,
  before: readonly NewStanza[],
  left: readonly NewStanza[],
  fresh: readonly NewStanza[],
  same: readonly NewStanza[],
): readonly StanzaChange[] {
  const oldTop = highest(before);
  const newTop = highest([...fresh, ...same]);
  if (newTop === undefined) return oldTop === undefined ? [] : [{ kind: "removed", name, source: oldTop.source, from: side(oldTop) }];
  if (oldTop === undefined) return [{ kind: "added", name, source: newTop.source, to: side(newTop) }];
  const both = (kind: ChangeKind, from = oldTop, to = newTop): readonly StanzaChange[] => [
    { kind, name, source: to.source, from: side(from), to: side(to) },
  ];
  const order = compareVersions(newTop.version, oldTop.version);
  if (order !== 0) return both(order > 0 ? "upgraded" : "downgraded");
  const topStays = same.some((stanza) => compareVersions(stanza.version, newTop.version) === 0);
  const [oldLeft, newLeft] = [highest(left), highest(fresh)];
  if (topStays && newLeft === undefined && oldLeft !== undefined)
    return [{ kind: "removed", name, source: oldLeft.source, from: side(oldLeft) }];
  if (topStays && oldLeft === undefined && newLeft !== undefined)
    return [{ kind: "added", name, source: newLeft.source, to: side(newLeft) }];
  const [from, to] = topStays && oldLeft !== undefined && newLeft !== undefined ? [oldLeft, newLeft] : [oldTop, newTop];
  if (from.version !== to.version) return both(compareVersions(to.version, from.version) < 0 ? "downgraded" : "upgraded", from, to);
  if (from.digest !== to.digest) return both("rebuilt", from, to);
  return both(from.mirror === to.mirror ? "edited" : "moved", from, to);
}

function highest(stanzas: readonly NewStanza[]): NewStanza | undefined {
  let best: NewStanza | undefined;
  for (const stanza of stanzas) if (best === undefined || compareVersions(stanza.version, best.version) > 0) best = stanza;
  return best;
}

const side = ({ version, mirror }: NewStanza): { version: string; mirror: string } => ({ version, mirror });
