/** The protocol by which a browser is told what to do: JSON objects over two pipes, each ended by a zero byte. */
import type { Readable, Writable } from "node:stream";

type Values = Readonly<Record<string, unknown>>;

export interface DevTools {
  /** Rejects with what the browser says, or when it says nothing in time. */
  send(method: string, params?: object, session?: string): Promise<Values>;
  on(listener: (method: string, params: Values) => void): void;
  /** The next event of this name. */
  next(method: string): Promise<Values>;
}

const ANSWER_LIMIT_MS = 30_000;

export function devTools(input: Writable, output: Readable): DevTools {
  const waiting = new Map<number, { resolve(answer: Values): void; reject(error: Error): void }>();
  const listeners = new Set<(method: string, params: Values) => void>();
  let last = 0;
  let rest = "";
  const read = (message: string): void => {
    const { id, result, error, method, params }: { [name: string]: Values } & { id?: number; method?: string } = JSON.parse(message);
    if (method !== undefined) for (const listener of [...listeners]) listener(method, params ?? {});
    if (id === undefined) return;
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(result ?? {});
    else asked?.reject(new Error(JSON.stringify(error)));
  };
  output.setEncoding("utf8");
  output.on("data", (text: string) => {
    const messages = (rest + text).split("\0");
    rest = messages.pop() ?? "";
    messages.forEach(read);
  });
  // When the browser has ended, whoever waits is told by the time limit.
  for (const stream of [input, output]) stream.on("error", () => {});

  return {
    on: (listener) => void listeners.add(listener),
    send(method, params = {}, sessionId) {
      const id = ++last;
      input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
      return inTime(method, (resolve, reject) => waiting.set(id, { resolve, reject }));
    },
    next: (wanted) =>
      inTime(wanted, (resolve) => {
        const listener = (method: string, params: Values): void => {
          if (method !== wanted) return;
          listeners.delete(listener);
          resolve(params);
        };
        listeners.add(listener);
      }),
  };
}

function inTime(what: string, begin: (resolve: (answer: Values) => void, reject: (error: Error) => void) => void): Promise<Values> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`The browser did not answer ${what} after ${ANSWER_LIMIT_MS} ms`)), ANSWER_LIMIT_MS);
    const settle =
      <T>(how: (value: T) => void) =>
      (value: T): void => {
        clearTimeout(late);
        how(value);
      };
    begin(settle(resolve), settle(reject));
  });
}
