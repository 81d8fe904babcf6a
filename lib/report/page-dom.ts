/** As much of a browser as the page's script uses. The program itself runs in none, so the types of one are not at hand. */

export interface PageElement {
  textContent: string | null;
  className: string;
  hidden: boolean;
  /** Of an input or a select. */
  value: string;
  /** Of a `details`. */
  open: boolean;
  readonly dataset: Readonly<Record<string, string | undefined>>;
  readonly classList: { toggle(name: string, on: boolean): void };
  append(...children: readonly (PageElement | string)[]): void;
  remove(): void;
  setAttribute(name: string, value: string): void;
  addEventListener(type: string, listener: (event: { preventDefault(): void }) => void): void;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

export interface PageDocument {
  createElement(name: string): PageElement;
  querySelector(selector: string): PageElement | null;
}

export interface PageWindow {
  readonly document: PageDocument;
  addEventListener(type: string, listener: () => void): void;
  requestAnimationFrame(work: () => void): void;
  /** Not in every browser. */
  requestIdleCallback?(work: () => void): void;
}
