/** What the merged suite has of each package: the kinds of index that follow the packages go by it. */
import { ALL, type Architecture, type ComponentName } from "../archive/names.ts";

type StanzaType = "deb" | "udeb" | "source";

export interface Winners {
  /**
   * Whether a published stanza of the name came from that mirror's suite.
   *
   * @param architecture of the merged index; `all` asks for any
   * @param rank place of the mirror's suite in the configured order
   */
  has(type: StanzaType, architecture: Architecture, component: ComponentName, name: string, rank: number): boolean;
  /** Section that an override gave the package; undefined when it has the mirror's own. */
  sectionOf(type: StanzaType, architecture: Architecture, component: ComponentName, name: string): string | undefined;
  /** Whether a published deb of the component has the description with this digest. */
  describes(component: ComponentName, name: string, md5: string): boolean;
}

/** A published stanza, as the followers need it. */
export interface WinnerFacts {
  readonly type: StanzaType;
  /** Of the merged index that it stands in. */
  readonly architecture: Architecture;
  readonly component: ComponentName;
  readonly name: string;
  readonly rank: number;
  readonly section?: string | undefined;
  readonly descriptionMd5?: string | undefined;
}

export interface WinnerBook {
  readonly winners: Winners;
  add(facts: WinnerFacts): void;
}

/** Nearly all names have one mirror: a number; the others a list. */
type Ranks = number | readonly number[];

export function winnerBook(): WinnerBook {
  const ranks = new Map<string, Map<string, Ranks>>();
  const sections = new Map<string, string>();
  const descriptions = new Map<ComponentName, Set<string>>();
  const key = (type: StanzaType, architecture: Architecture, component: ComponentName): string => `${type} ${architecture} ${component}`;
  const note = (index: string, name: string, rank: number): void => {
    const names = ranks.get(index) ?? new Map<string, Ranks>();
    ranks.set(index, names);
    const known = names.get(name);
    if (known === undefined) names.set(name, rank);
    else if (!includes(known, rank)) names.set(name, typeof known === "number" ? [known, rank] : [...known, rank]);
  };
  return {
    add({ type, architecture, component, name, rank, section, descriptionMd5 }) {
      for (const index of [key(type, architecture, component), key(type, ALL, component)]) {
        note(index, name, rank);
        if (section !== undefined) sections.set(`${index} ${name}`, section);
      }
      if (descriptionMd5 === undefined) return;
      const known = descriptions.get(component) ?? new Set();
      descriptions.set(component, known.add(`${name} ${descriptionMd5}`));
    },
    winners: {
      has: (type, architecture, component, name, rank) => {
        const known = ranks.get(key(type, architecture, component))?.get(name);
        return known !== undefined && includes(known, rank);
      },
      sectionOf: (type, architecture, component, name) =>
        sections.size === 0 ? undefined : sections.get(`${key(type, architecture, component)} ${name}`),
      describes: (component, name, md5) => descriptions.get(component)?.has(`${name} ${md5}`) ?? false,
    },
  };
}

/** Facts of one merged index, whose type and architecture go without saying. Equal facts are equal bytes. */
export function encodeWinners(facts: readonly WinnerFacts[]): Buffer {
  const rows = facts.map(({ component, name, rank, section, descriptionMd5 }) => [component, name, rank, section, descriptionMd5]);
  return Buffer.from(JSON.stringify(rows));
}

/** @param bytes what `encodeWinners` gave */
export function decodeWinners(bytes: Buffer, type: StanzaType, architecture: Architecture): readonly WinnerFacts[] {
  const rows = JSON.parse(bytes.toString("utf8")) as [ComponentName, string, number, string | null, string | null][];
  return rows.map(([component, name, rank, section, md5]) => {
    return { type, architecture, component, name, rank, section: section ?? undefined, descriptionMd5: md5 ?? undefined };
  });
}

const includes = (ranks: Ranks, rank: number): boolean => (typeof ranks === "number" ? ranks === rank : ranks.includes(rank));
