/** One row of the page's table. Like page-read.ts this runs in the browser. */
import type { PageDocument, PageElement } from "./page-dom.ts";
import type { PageRow } from "./page-read.ts";

/** Words and signs of kinds, and names of suites, as the page's own controls have them. */
export interface PageLabels {
  readonly kinds: ReadonlyMap<string, { readonly sign: string; readonly word: string; readonly alarming: boolean }>;
  readonly suites: readonly string[];
}

/**
 * Text from outside is only ever put in as text.
 *
 * @param words that are searched for: where one is in a list of packages that is folded, it is unfolded
 */
export function rowElement(document: PageDocument, row: PageRow, labels: PageLabels, words: readonly string[]): PageElement {
  const make = (tag: string, className: string, ...children: readonly (PageElement | string)[]): PageElement => {
    const element = document.createElement(tag);
    element.className = className;
    element.append(...children);
    return element;
  };
  const cell = (className: string, ...children: readonly (PageElement | string)[]): PageElement => {
    const element = make("td", className, ...children);
    element.setAttribute("role", "cell");
    return element;
  };
  const { kind, source, packages, from, to, component, architectures, chain, why } = row;

  const names = [make("b", "", source)];
  const shown = packages.length > 8 ? 6 : packages.length;
  if (packages.length > 1 || (packages[0] ?? source) !== source) names.push(make("span", "packages", packages.slice(0, shown).join(" ")));
  if (packages.length > shown) {
    const rest = packages.slice(shown).join(" ");
    const more = make("details", "packages", make("summary", "", `and ${packages.length - shown} more`), rest);
    more.open = words.some((word) => rest.toLowerCase().includes(word));
    names.push(more);
  }
  const becomes = make("span", "arrow", kind === "behind" ? "<" : "→");
  const both = from !== "" && to !== "" && from !== to;
  const versions = both ? [make("span", "old", from), becomes, make("span", "new", to)] : [make("span", "only", from === "" ? to : from)];

  const { sign, word, alarming } = labels.kinds.get(kind) ?? { sign: "", word: kind, alarming: false };
  const element = make(
    "tr",
    alarming ? "alarming" : "",
    cell("kind", make("span", `chip ${kind}`, make("span", "sign", sign), word)),
    cell("suite", labels.suites[row.suite] ?? ""),
    cell("name", ...names),
    cell("version", ...versions),
    cell("mirror", row.mirror),
    cell("where", make("span", "component", component), " ", architectures.join(" ")),
    cell("why", ...(chain === "" ? [] : [make("span", "chain", chain)]), why),
  );
  element.setAttribute("role", "row");
  return element;
}
