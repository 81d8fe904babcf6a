/**
 * A web server on loopback whose every answer a test can decide. By itself it serves a tree of files as a good mirror does: Content-Length,
 * strong ETag, Last-Modified, conditional requests, ranges, HEAD. Rules come before the tree; test/support/fault-answers.ts has ready ones.
 *
 *     await using mirror = await serve(new Map([["dists/stable/InRelease", bytes]]), [[/InRelease$/, times(1, status(503))]]);
 *     mirror.tree = nextGeneration;                      // a generation is one assignment
 *     mirror.onRequest = ({ ordinal }) => { if (ordinal === 3) mirror.tree = other; };
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { createServer as createRawServer, type Server, type Socket } from "node:net";

/** Path without a slash at the start, not percent-encoded, to bytes. */
export type Tree = Map<string, Buffer>;

export interface SeenRequest {
  readonly method: string;
  /** As it stood in the request line: percent-encoded, with its query, and absolute when the server was asked as a proxy. */
  readonly path: string;
  /** The key in the tree that it asks for. */
  readonly file: string;
  readonly headers: IncomingHttpHeaders;
  /** 1 for the first request of this server. */
  readonly ordinal: number;
}

/** One request on its way to an answer. */
export interface Exchange {
  readonly request: SeenRequest;
  /** What the tree holds there now. */
  readonly body: Buffer | undefined;
  readonly response: ServerResponse;
  /** For answers that HTTP does not allow. */
  readonly socket: Socket;
  /** Answers as for a file of the tree with these bytes, conditions and ranges included; 404 when undefined. */
  serveFile(body: Buffer | undefined, headers?: Readonly<Record<string, string>>): void;
}

/** Answers a request, or returns (a promise of) "tree" to let later rules and the tree answer it. */
export type Answer = (exchange: Exchange) => unknown;

/** The pattern is tried on `SeenRequest.path`. */
export type Rule = readonly [pattern: RegExp, answer: Answer];

export interface FaultServer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Every request so far, in order. */
  readonly requests: SeenRequest[];
  tree: Tree;
  /** The first that matches answers. */
  rules: Rule[];
  /** Called, and waited for, before each request is answered. */
  onRequest: ((request: SeenRequest) => unknown) | undefined;
  /** Cuts every connection and stops listening. */
  close(): Promise<void>;
}

export interface ServeOptions {
  /** PEM texts; makes it an https server. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** The server ends by itself after this time, so that a forgotten one cannot keep a test run alive. */
  readonly lifetimeMs?: number;
}

const DEFAULT_LIFETIME_MS = 3_600_000;

/** Time of the first version of every file; each change that a request finds counts one second more. */
const FIRST_MODIFIED_MS = Date.UTC(2026, 0, 1);

export const etagOf = (body: Buffer): string => `"${createHash("sha256").update(body).digest("hex").slice(0, 32)}"`;

export async function serve(tree: Tree = new Map(), rules: Rule[] = [], options: ServeOptions = {}): Promise<FaultServer> {
  const versions = new Map<string, { etag: string; modifiedMs: number }>();
  const listener: RequestListener = (incoming, response) => {
    // A rule that throws is a mistake in the test: the rejection stays unhandled, so that the runner reports it.
    void answer(incoming, response);
  };
  const server = options.tls === undefined ? createServer(listener) : createSecureServer(options.tls, listener);
  const listening = await listen(server, options);
  const { origin, port, close } = listening;
  const faultServer: FaultServer = {
    url: `${options.tls === undefined ? "http" : "https"}://${origin}`,
    port,
    requests: [],
    tree,
    rules,
    onRequest: undefined,
    close,
    [Symbol.asyncDispose]: close,
  };
  return faultServer;

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = incoming.url ?? "/";
    const request: SeenRequest = {
      method: incoming.method ?? "GET",
      path,
      file: fileOf(path),
      headers: incoming.headers,
      ordinal: faultServer.requests.length + 1,
    };
    faultServer.requests.push(request);
    await faultServer.onRequest?.(request);
    const body = faultServer.tree.get(request.file);
    const exchange: Exchange = {
      request,
      body,
      response,
      socket: incoming.socket,
      serveFile: (bytes, more) => {
        const { status, content, headers } = replyTo(request, bytes, versionOf(request.file, bytes));
        const length = status === 304 ? {} : { "Content-Length": content.length };
        response.writeHead(status, { ...length, ...headers, ...more });
        response.end(content);
      },
    };
    for (const [pattern, rule] of [...faultServer.rules]) {
      if (pattern.test(path) && (await rule(exchange)) !== "tree") return;
    }
    exchange.serveFile(body);
  }

  function versionOf(file: string, body: Buffer | undefined): { etag: string; modified: string } {
    const etag = body === undefined ? "" : etagOf(body);
    const known = versions.get(file);
    const modifiedMs = known === undefined ? FIRST_MODIFIED_MS : known.modifiedMs + (known.etag === etag ? 0 : 1000);
    if (body !== undefined) versions.set(file, { etag, modifiedMs });
    return { etag, modified: new Date(modifiedMs).toUTCString() };
  }
}

/** A server below HTTP: what it reads and writes is up to `onConnection`. */
export async function serveRaw(
  onConnection: (socket: Socket, ordinal: number) => unknown,
  options: Pick<ServeOptions, "lifetimeMs"> = {},
): Promise<AsyncDisposable & { readonly url: string; readonly port: number; close(): Promise<void> }> {
  let connections = 0;
  const { origin, port, close } = await listen(
    createRawServer((socket) => onConnection(socket, ++connections)),
    options,
  );
  return { url: `http://${origin}`, port, close, [Symbol.asyncDispose]: close };
}

/** A port of loopback where nothing listens. */
export async function deadPort(): Promise<number> {
  const server = await serveRaw((socket) => socket.destroy());
  await server.close();
  return server.port;
}

async function listen(server: Server, { lifetimeMs = DEFAULT_LIFETIME_MS }: ServeOptions) {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Cannot serve: the server has no TCP port");
  const end = setTimeout(() => void close(), lifetimeMs).unref();
  return { origin: `127.0.0.1:${address.port}`, port: address.port, close };

  async function close(): Promise<void> {
    clearTimeout(end);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  }
}

function fileOf(path: string): string {
  const plain = path.replace(/^[a-z]+:\/\/[^/]*/i, "").replace(/[?#].*$/, "");
  try {
    return decodeURIComponent(plain).replace(/^\/+/, "");
  } catch {
    return plain.replace(/^\/+/, "");
  }
}

interface Reply {
  readonly status: number;
  readonly content: Buffer;
  readonly headers?: Readonly<Record<string, string | number>>;
}

const NOTHING = Buffer.alloc(0);

/** What a good mirror answers. */
function replyTo({ method, headers }: SeenRequest, body: Buffer | undefined, version: { etag: string; modified: string }): Reply {
  if (method !== "GET" && method !== "HEAD") return { status: 405, content: NOTHING, headers: { Allow: "GET, HEAD" } };
  if (body === undefined) return { status: 404, content: Buffer.from("not here\n"), headers: { "Content-Type": "text/plain" } };
  const common = {
    ETag: version.etag,
    "Last-Modified": version.modified,
    "Accept-Ranges": "bytes",
    "Content-Type": "application/octet-stream",
  };
  const { "if-none-match": noneMatch, "if-modified-since": since, "if-range": ifRange } = headers;
  const same = noneMatch === undefined ? since === version.modified : noneMatch === "*" || noneMatch.includes(version.etag);
  if (same) return { status: 304, content: NOTHING, headers: common };
  const inForce = ifRange === undefined || ifRange === version.etag || ifRange === version.modified;
  const wanted = inForce ? rangeOf(headers.range, body.length) : undefined;
  if (wanted === undefined) return { status: 200, content: body, headers: common };
  const { from, to } = wanted;
  if (from > to) return { status: 416, content: NOTHING, headers: { "Content-Range": `bytes */${body.length}` } };
  const range = { "Content-Range": `bytes ${from}-${to}/${body.length}` };
  return { status: 206, content: body.subarray(from, to + 1), headers: { ...common, ...range } };
}

/** First and last byte of the one range asked for; undefined when the whole is to be sent. */
function rangeOf(range: string | undefined, length: number): { from: number; to: number } | undefined {
  const [, first = "", last = ""] = /^bytes=([0-9]*)-([0-9]*)$/.exec(range ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") return { from: Math.max(0, length - Number(last)), to: length - 1 };
  return { from: Number(first), to: last === "" ? length - 1 : Math.min(Number(last), length - 1) };
}
