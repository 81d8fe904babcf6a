/** What goes on right now, in one line. No terminal here: events and times in, text out. */
import { bytesText, escapeControls } from "./terminal-text.ts";

/** The rate is taken over this long, so that it can be read. */
const RATE_MS = 1000;

/** A download that failed says nothing more: it is forgotten after this long. */
const SILENT_MS = 60_000;

interface Download {
  readonly done: number;
  readonly total: number | undefined;
  readonly at: number;
}

export class Progress {
  readonly #downloads = new Map<string, Download>();
  readonly #compressions = new Map<string, { readonly done: number; readonly total: number }>();
  /** Bytes received since the start, over all downloads. */
  #received = 0;
  #rate = 0;
  #rateFrom: { readonly at: number; readonly received: number } | undefined;

  /** @param now milliseconds of a clock that only goes forward, as everywhere here */
  download(label: string, done: number, total: number | undefined, now: number): void {
    // A try that starts anew at another mirror counts from zero again.
    this.#received += Math.max(0, done - (this.#downloads.get(label)?.done ?? 0));
    // Deleted first, so that the last one is the one that moved last.
    this.#downloads.delete(label);
    this.#downloads.set(label, { done, total, at: now });
  }

  downloaded(label: string, bytes: number): void {
    const known = this.#downloads.get(label);
    if (known !== undefined) this.#received += Math.max(0, bytes - known.done);
    this.#downloads.delete(label);
  }

  compress(label: string, done: number, total: number): void {
    if (done >= total) this.#compressions.delete(label);
    else this.#compressions.set(label, { done, total });
  }

  /** Empty when nothing goes on. */
  text(now: number): string {
    for (const [label, { at }] of this.#downloads) if (now - at > SILENT_MS) this.#downloads.delete(label);
    const parts: string[] = [];
    const download = lastOf(this.#downloads);
    if (download !== undefined) {
      const [label, { done, total }] = download;
      const others = this.#downloads.size > 1 ? ` (+${this.#downloads.size - 1})` : "";
      const amount = total === undefined ? bytesText(done) : `${bytesText(done)} of ${bytesText(total)}`;
      parts.push(`fetch ${escapeControls(label)}${others}: ${amount}, ${bytesText(this.#rateAt(now))}/s`);
    }
    const compression = lastOf(this.#compressions);
    if (compression !== undefined) {
      const [label, { done, total }] = compression;
      const others = this.#compressions.size > 1 ? ` (+${this.#compressions.size - 1})` : "";
      parts.push(`compress ${escapeControls(label)}${others}: ${done}/${total} blocks`);
    }
    return parts.join(" · ");
  }

  #rateAt(now: number): number {
    const from = this.#rateFrom;
    if (from === undefined || now - from.at >= RATE_MS) {
      if (from !== undefined) this.#rate = ((this.#received - from.received) * 1000) / (now - from.at);
      this.#rateFrom = { at: now, received: this.#received };
    }
    return this.#rate;
  }
}

function lastOf<V>(map: ReadonlyMap<string, V>): readonly [string, V] | undefined {
  return [...map].at(-1);
}
