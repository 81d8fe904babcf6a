/**
 * Tells a person what a run does: one live line on a terminal, plain lines elsewhere, and problems in the contract's two lines. A stream that
 * breaks silences it and nothing else: a log that cannot be written is no reason to leave a tree unpublished.
 */
import type { ProgressEvent, Reporter } from "../ports.ts";
import { Progress } from "./terminal-progress.ts";
import { bytesText, escapeControls, problemText } from "./terminal-text.ts";

const REDRAW_MS = 100;
const ERASE_LINE = "\r\x1b[K";
const DEFAULT_COLUMNS = 80;

interface TerminalStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  on?(event: "error", listener: (error: Error) => void): unknown;
}

export interface ReporterOptions {
  readonly stream: TerminalStream;
  /** Errors and warnings only. */
  readonly quiet: boolean;
  /** Also details and finished downloads. */
  readonly verbose: boolean;
  /** Allows the live line; it is shown only on a terminal. */
  readonly progress: boolean;
  readonly color: boolean;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

interface TerminalReporter extends Reporter {
  /** Takes the live line away. Later events still print their lines. */
  end(): void;
}

export function createReporter(options: ReporterOptions): TerminalReporter {
  const { stream, quiet, verbose, color, now = () => performance.now() } = options;
  const live = options.progress && !quiet && stream.isTTY === true;
  const progress = new Progress();
  let broken = false;
  let drawn = false;
  let drawnAt = Number.NEGATIVE_INFINITY;
  let later: NodeJS.Timeout | undefined;
  let ended = false;
  stream.on?.("error", () => {
    broken = true;
  });

  return {
    event(event: ProgressEvent): void {
      switch (event.kind) {
        case "download":
          progress.download(event.label, event.done, event.total, now());
          break;
        case "downloaded":
          progress.downloaded(event.label, event.bytes);
          if (verbose && !quiet) line(`fetched ${escapeControls(event.label)} (${bytesText(event.bytes)})\n`);
          break;
        case "compress":
          progress.compress(event.label, event.done, event.total);
          break;
        case "note":
          if (!quiet && (verbose || !event.detail)) line(`${escapeControls(event.text)}\n`);
          break;
        case "problem":
          if (!quiet || event.problem.severity !== "info") line(problemText(event.problem, color));
          break;
        default:
          event satisfies never;
      }
      redraw();
    },
    end(): void {
      ended = true;
      clearTimeout(later);
      erase();
    },
  };

  function write(text: string): void {
    if (broken) return;
    try {
      stream.write(text);
    } catch {
      broken = true;
    }
  }

  /** A line that stays; the live one comes back below it. */
  function line(text: string): void {
    erase();
    write(text);
  }

  function erase(): void {
    if (drawn) write(ERASE_LINE);
    drawn = false;
  }

  /** At most ten times a second; what comes between is drawn when its time has come. */
  function redraw(): void {
    if (!live || ended || broken) return;
    const wait = drawnAt + REDRAW_MS - now();
    if (wait <= 0) draw();
    else later ??= setTimeout(draw, wait).unref();
  }

  function draw(): void {
    clearTimeout(later);
    later = undefined;
    drawnAt = now();
    const text = progress.text(drawnAt);
    if (text === "") {
      erase();
      return;
    }
    // A line that fills the last column would wrap, and could not be erased.
    const fitting = Array.from(text)
      .slice(0, Math.max(1, (stream.columns || DEFAULT_COLUMNS) - 1))
      .join("");
    write(`${drawn ? ERASE_LINE : ""}${fitting}`);
    drawn = true;
  }
}
