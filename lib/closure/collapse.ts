/**
 * What falls when something goes: a stanza that needs a group in which nothing is left falls too, and so on. Each relation is looked at a
 * bounded number of times, so the whole is linear in the graph.
 */
import type { Universe } from "./universe.ts";

/** Cause of a stanza that never fell. */
export const STANDS = -1;

export interface Collapse {
  /** 1 for each stanza that is there in the end. */
  readonly present: Uint8Array;
  /** For each stanza that fell the group that no longer holds; STANDS for the others. */
  readonly causes: Int32Array;
  /** Stanzas in the order in which they fell. */
  readonly fallen: readonly number[];
}

export interface CollapseTerms {
  /** 1 for each stanza that is there. Not changed. */
  readonly present: Uint8Array;
  /** Whether a group must hold; others may be empty. */
  mustHold(group: number): boolean;
  /** Whether a stanza may fall; others stay, whatever they need. */
  mayFall(stanza: number): boolean;
}

export function collapse(universe: Universe, terms: CollapseTerms): Collapse {
  const present = terms.present.slice();
  const causes = new Int32Array(universe.stanzas.length).fill(STANDS);
  const fallen: number[] = [];
  const given = new Int32Array(universe.alternatives);
  for (let alternative = 0; alternative < universe.alternatives; alternative++) {
    for (const stanza of universe.providersOf.of(alternative)) given[alternative] = (given[alternative] ?? 0) + (present[stanza] ?? 0);
  }
  const open = new Int32Array(universe.groups);
  for (let group = 0; group < universe.groups; group++) {
    for (const alternative of universe.alternativesOf.of(group)) if ((given[alternative] ?? 0) > 0) open[group] = (open[group] ?? 0) + 1;
  }

  const waiting: number[] = [];
  const fell = (group: number): void => {
    if (!terms.mustHold(group)) return;
    for (const stanza of universe.neededBy.of(group)) {
      if (present[stanza] !== 1 || causes[stanza] !== STANDS || !terms.mayFall(stanza)) continue;
      causes[stanza] = group;
      waiting.push(stanza);
    }
  };
  for (let group = 0; group < universe.groups; group++) if (open[group] === 0) fell(group);
  for (let at = 0; at < waiting.length; at++) {
    const stanza = waiting[at] ?? 0;
    present[stanza] = 0;
    fallen.push(stanza);
    for (const alternative of universe.alternativesBy.of(stanza)) {
      const left = (given[alternative] ?? 0) - 1;
      given[alternative] = left;
      if (left > 0) continue;
      for (const group of universe.groupsWith.of(alternative)) {
        const rest = (open[group] ?? 0) - 1;
        open[group] = rest;
        if (rest === 0) fell(group);
      }
    }
  }
  return { present, causes, fallen };
}

/** Whether one of a group's alternatives is there. */
export function holds(universe: Universe, group: number, present: Uint8Array): boolean {
  for (const alternative of universe.alternativesOf.of(group)) {
    for (const stanza of universe.providersOf.of(alternative)) if (present[stanza] === 1) return true;
  }
  return false;
}
