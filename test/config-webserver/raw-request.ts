/** A request whose path goes out byte for byte, which no HTTP client does. */
import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

const LIMIT_MS = 10_000;

export function rawRequest(port: number, target: string, { method = "GET", host = "127.0.0.1" } = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port });
    const chunks: Buffer[] = [];
    socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error(`no answer to ${target}`)));
    socket.on("error", reject);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("end", () => resolve(parseAnswer(Buffer.concat(chunks).toString("latin1"))));
    socket.write(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`, "latin1");
  });
}

function parseAnswer(text: string): RawAnswer {
  const [head = "", ...body] = text.split("\r\n\r\n");
  const [status = "", ...lines] = head.split("\r\n");
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(status.split(" ")[1]), headers: new Map(headers), body: body.join("\r\n\r\n") };
}
