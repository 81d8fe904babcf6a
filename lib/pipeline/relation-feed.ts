/** Hands the relations of an index to another thread while its stanzas are found, and asks it what cannot be installed once they are decided. */
import type { RelationStanza } from "../closure/relation-fields.ts";
import { RelationPacker } from "../closure/relation-packer.ts";
import { type ChosenStanzas, type FoundUninstallable, findUninstallable, RELATIONS, type RelationPart } from "../closure/uninstallable.ts";
import type { StanzaTable } from "../deb822/stanza-table.ts";
import type { AsideWork } from "../ports.ts";
import type { World } from "./world.ts";

/** The stanzas of one table, while they are found. */
interface RelationSource {
  /** From the first one on, in order. When it begins anew, what came before is forgotten. */
  add(table: StanzaTable, stanza: number): void;
  /** @param table with all that was added */
  end(table: StanzaTable): void;
}

export class RelationFeed {
  readonly #work: AsideWork<RelationPart, ChosenStanzas, FoundUninstallable>;
  readonly #numbers = new Map<StanzaTable, number>();
  #tables = 0;

  constructor(work: AsideWork<RelationPart, ChosenStanzas, FoundUninstallable>) {
    this.#work = work;
  }

  source(): RelationSource {
    let [number, packer] = this.#next();
    let expected = 0;
    return {
      add: (table, stanza) => {
        if (stanza !== expected) [number, packer] = this.#next();
        packer.add(table, stanza);
        expected = stanza + 1;
      },
      end: (table) => {
        packer.end();
        this.#numbers.set(table, number);
      },
    };
  }

  /** To be asked once. @throws as `AsideWork.answer` */
  async uninstallable(stanzas: readonly RelationStanza[]): Promise<FoundUninstallable> {
    const chosen = new Uint32Array(2 * stanzas.length);
    let at = 0;
    for (const { table, stanza } of stanzas) {
      chosen[at++] = this.#numbers.get(table) ?? this.#whole(table);
      chosen[at++] = stanza;
    }
    return this.#work.answer(chosen, [chosen.buffer]);
  }

  end(): void {
    this.#work.end();
  }

  /** Of a table that was not given while it was read. */
  #whole(table: StanzaTable): number {
    const [number, packer] = this.#next();
    for (let stanza = 0; stanza < table.count; stanza++) packer.add(table, stanza);
    packer.end();
    this.#numbers.set(table, number);
    return number;
  }

  #next(): [number, RelationPacker] {
    const table = this.#tables++;
    const packer = new RelationPacker((packed) => this.#work.give({ table, packed }, [packed.bytes.buffer, packed.spans.buffer]));
    return [table, packer];
  }
}

/** @returns undefined when the machine has no room for a thread */
export async function openFeed(architecture: string, { aside }: World): Promise<RelationFeed | undefined> {
  try {
    return new RelationFeed(await aside.open(RELATIONS, architecture));
  } catch {
    return undefined;
  }
}

/** Fewer are looked through sooner than a thread begins. */
export const FEW_STANZAS = 5000;

/**
 * In another thread, unless there are few or the machine has no room for one.
 *
 * @param feed that was given some of the tables while they were read; it is done with then
 * @throws MergeError INDEX_TOO_LARGE
 */
export async function uninstallable(
  stanzas: readonly RelationStanza[],
  architecture: string,
  world: World,
  feed?: RelationFeed,
): Promise<FoundUninstallable> {
  const other = feed ?? (stanzas.length < FEW_STANZAS ? undefined : await openFeed(architecture, world));
  try {
    if (other !== undefined) return await other.uninstallable(stanzas);
  } catch {
    // It ended before it answered; or it was too much, which is no answer: it was given stanzas too that are not kept, of mirrors that may wish for that.
  } finally {
    other?.end();
  }
  return findUninstallable(stanzas, architecture);
}
