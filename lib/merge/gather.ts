/** Collects the usable stanzas of all inputs by name, and says which were refused. Hot path: numbers per stanza, no objects. */
import type { Architecture } from "../archive/names.ts";
import { fieldText } from "../deb822/stanza-table.ts";
import { ARCHITECTURE, DIGEST, type IndexKind, NAME, VERSION } from "../kinds/index-kind.ts";
import type { Candidate, IndexInput } from "./candidate.ts";

/** A stanza that may not be used. */
export interface RefusedStanza {
  readonly input: IndexInput;
  readonly stanza: number;
  /** Undefined when even the name cannot be read. */
  readonly name: string | undefined;
  readonly because: string;
}

export interface Gathered {
  /** Names in byte order. */
  readonly names: readonly string[];
  /** Entries of a name in order of the inputs. */
  entriesOf(name: string): readonly number[];
  /** Entries kept beside the winners, in order of the inputs. */
  readonly aside: readonly number[];
  readonly refused: readonly RefusedStanza[];
  inputOf(entry: number): IndexInput;
  stanzaOf(entry: number): number;
  nameOf(entry: number): string;
  candidate(entry: number): Candidate;
}

/** @param inputs in order of rank, then component */
export function gather(kind: IndexKind, architecture: Architecture, inputs: readonly IndexInput[]): Gathered {
  const total = inputs.reduce((sum, input) => sum + input.table.count, 0);
  const inputIndex = new Uint16Array(total);
  const stanzaIndex = new Uint32Array(total);
  const nextEntry = new Int32Array(total).fill(-1);
  const firstEntry = new Map<string, number>();
  const lastEntry = new Int32Array(total);
  const refused: RefusedStanza[] = [];
  const aside: number[] = [];
  let entries = 0;

  for (const [place, input] of inputs.entries()) {
    const { table } = input;
    for (let stanza = 0; stanza < table.count; stanza++) {
      if (input.mixed && kind.perArchitecture) {
        // A flat archive holds all architectures in one file: what is not for this one, sound or not, is none of its business.
        const own = fieldText(table, stanza, ARCHITECTURE);
        if (own !== undefined && own !== architecture && own !== "all") continue;
      }
      const because = table.faults.get(stanza) ?? kind.fault(table, stanza, input.weakAllowed);
      const name = fieldText(table, stanza, NAME);
      if (because !== undefined || name === undefined) {
        refused.push({ input, stanza, name, because: because ?? "it has no name" });
        continue;
      }
      if (kind.perArchitecture) {
        const own = fieldText(table, stanza, ARCHITECTURE);
        if (own !== architecture && own !== "all") {
          refused.push({
            input,
            stanza,
            name,
            because: `its Architecture is "${own}", in this index it must be "${architecture}" or "all"`,
          });
          continue;
        }
      }
      const entry = entries++;
      inputIndex[entry] = place;
      stanzaIndex[entry] = stanza;
      if (kind.aside(table, stanza)) {
        aside.push(entry);
        continue;
      }
      const first = firstEntry.get(name);
      if (first === undefined) {
        firstEntry.set(name, entry);
        lastEntry[entry] = entry;
      } else {
        nextEntry[lastEntry[first] ?? first] = entry;
        lastEntry[first] = entry;
      }
    }
  }

  const inputOf = (entry: number): IndexInput => {
    const input = inputs[inputIndex[entry] ?? 0];
    if (input === undefined) throw new Error(`Entry ${entry} has no input`);
    return input;
  };
  const stanzaOf = (entry: number): number => stanzaIndex[entry] ?? 0;
  return {
    // UTF-16 order of latin1 text is byte order.
    names: [...firstEntry.keys()].sort(),
    entriesOf(name) {
      const found: number[] = [];
      for (let entry = firstEntry.get(name) ?? -1; entry >= 0; entry = nextEntry[entry] ?? -1) found.push(entry);
      return found;
    },
    aside,
    refused,
    inputOf,
    stanzaOf,
    nameOf: (entry) => fieldText(inputOf(entry).table, stanzaOf(entry), NAME) ?? "",
    candidate(entry) {
      const input = inputOf(entry);
      const stanza = stanzaOf(entry);
      const architecture = fieldText(input.table, stanza, ARCHITECTURE) ?? "";
      return {
        input,
        stanza,
        version: fieldText(input.table, stanza, VERSION) ?? "",
        architecture,
        order: entry,
        slot: kind.perArchitecture ? architecture : "",
        digest: (fieldText(input.table, stanza, DIGEST) ?? "").replace(/\s+/g, " ").toLowerCase(),
      };
    },
  };
}
