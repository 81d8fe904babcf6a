/** Ready answers for the rules of test/support/fault-server.ts: what a bad mirror, a bad proxy or an attacker between would say. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Exchange } from "./fault-server.ts";

type Headers = Readonly<Record<string, string>>;

/** The first `count` requests get this answer, later ones go on to the next rule or the tree. */
export function times(count: number, answer: Answer): Answer {
  let left = count;
  return (exchange) => (left-- > 0 ? answer(exchange) : "tree");
}

/** These answers one after the other; the last one stays. */
export function inTurn(first: Answer, ...others: readonly Answer[]): Answer {
  const queue = [first, ...others];
  return (exchange) => {
    const [next = first] = queue;
    if (queue.length > 1) queue.shift();
    return next(exchange);
  };
}

/** For `inTurn`: what the tree holds. */
export const fromTree: Answer = () => "tree";

export function status(code: number, headers: Headers = {}, body: string | Buffer = ""): Answer {
  return ({ response }) => {
    response.writeHead(code, { ...(code === 304 ? {} : { "Content-Length": Buffer.byteLength(body) }), ...headers });
    response.end(body);
  };
}

export const redirect = (location: string, code = 302): Answer => status(code, { Location: location });

/** Other bytes than the tree's, as a good server would serve them. */
export function bytes(body: Buffer | ((file: Buffer) => Buffer), headers: Headers = {}): Answer {
  return (exchange) => exchange.serveFile(typeof body === "function" ? body(fileIn(exchange)) : body, headers);
}

/** One bit of the file is wrong, the length right. */
export const flipBit = (position = 0): Answer =>
  bytes((file) => {
    const copy = Buffer.from(file);
    copy.writeUInt8(copy.readUInt8(position) ^ 1, position);
    return copy;
  });

/** Takes the request and never answers. */
export const hang: Answer = () => undefined;

/** Waits, then goes on to the next rule or the tree. */
export function late(delayMs: number): Answer {
  return async () => {
    await sleep(delayMs);
    return "tree";
  };
}

/** Closes the connection without a word. */
export const hangUp: Answer = ({ socket }) => socket.destroy();

/** Full Content-Length, but the connection ends after so many bytes of the file. */
export function cutAfter(count: number, headers: Headers = {}): Answer {
  return (exchange) => {
    const file = fileIn(exchange);
    exchange.response.writeHead(200, { "Content-Length": file.length, ...headers });
    exchange.response.write(file.subarray(0, count), () => exchange.socket.destroy());
  };
}

/** As `cutAfter` without a length: chunks, and no last one. */
export function cutChunks(count: number): Answer {
  return (exchange) => {
    exchange.response.writeHead(200);
    exchange.response.write(fileIn(exchange).subarray(0, count), () => exchange.socket.destroy());
  };
}

/** Full Content-Length, but nothing comes after so many bytes. */
export function stallAfter(count: number): Answer {
  return (exchange) => {
    const file = fileIn(exchange);
    exchange.response.writeHead(200, { "Content-Length": file.length });
    exchange.response.flushHeaders();
    if (count > 0) exchange.response.write(file.subarray(0, count));
  };
}

/** One byte at a time, for as long as anybody reads. */
export function drip(everyMs: number, headers: Headers = {}): Answer {
  return ({ response }) => {
    response.writeHead(200, headers);
    const timer = setInterval(() => response.write("A"), everyMs);
    response.on("close", () => clearInterval(timer));
  };
}

/** A body without an end, as fast as it is read. */
export function endless(headers: Headers = {}): Answer {
  return ({ response }) => {
    const piece = Buffer.alloc(65_536, "A");
    response.writeHead(200, headers);
    const pour = (): void => {
      while (!response.destroyed && response.write(piece));
    };
    response.on("drain", pour);
    pour();
  };
}

/** These bytes as they are, status line included, then the end of the connection. */
export function raw(text: string | Buffer): Answer {
  return ({ socket }) => socket.end(text);
}

function fileIn({ body, request }: Exchange): Buffer {
  if (body === undefined) throw new Error(`Cannot answer: the tree has no "${request.file}"`);
  return body;
}
