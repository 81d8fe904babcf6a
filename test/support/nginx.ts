/** A real nginx on loopback, in a folder of its own, for the length of one test. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { CliResult } from "./cli-child.ts";
import { deadPort } from "./fault-server.ts";
import { needs, whereIs } from "./needs.ts";

export interface Nginx extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
  /** Lines in nginx's "combined" form: `127.0.0.1 - - [date] "GET /path HTTP/1.1" 200 …`. */
  accessLog(): Promise<readonly string[]>;
  errorLog(): Promise<string>;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 10_000;
/** Longer than any test with nginx, the one of two hundred switches among them. */
const LIFETIME_MS = 3_600_000;

/** A port of loopback that nothing listened on a moment ago. */
export const freePort = deadPort;

/** Starts nginx with the config that our own command line prints for a tree. */
export async function startPrinted(
  t: TestContext,
  cli: (args: readonly string[]) => Promise<Pick<CliResult, "status" | "stdout" | "stderr">>,
): Promise<Nginx | undefined> {
  const port = await freePort();
  const { status, stdout, stderr } = await cli(["webserver", "nginx", "--listen", `127.0.0.1:${port}`]);
  if (status !== 0) throw new Error(`Cannot print a config for nginx: ${stderr}`);
  return startNginx(t, stdout, { port });
}

/**
 * Starts nginx with these server blocks and waits until it listens. They must say `listen 127.0.0.1:PORT`. It ends with the test.
 *
 * @returns undefined when there is no nginx: the test was skipped, or failed when it must be there
 */
export async function startNginx(t: TestContext, serverBlocks: string, { port }: { readonly port: number }): Promise<Nginx | undefined> {
  if (!needs(t, "nginx")) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "nginx-"));
  await writeFile(join(folder, "nginx.conf"), configOf(folder, serverBlocks));
  const child = spawn(whereIs("nginx") ?? "nginx", ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", join(folder, "error.log")], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: LIFETIME_MS,
  });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString("utf8");
  });
  const failed = once(child, "exit").catch((error: unknown) => {
    complaint += String(error);
  });
  const read = (name: string) => readFile(join(folder, name), "utf8").catch(() => "");
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= end();
    return stopping;
  };
  t.after(stop);

  const limit = Date.now() + START_LIMIT_MS;
  while (!(await answers(port))) {
    if (child.exitCode !== null || child.pid === undefined || Date.now() > limit) {
      await stop();
      throw new Error(`Cannot start nginx: it does not listen on port ${port}, it says: ${complaint.trim()}`);
    }
    await wait(20);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    accessLog: async () => (await read("access.log")).split("\n").filter((line) => line !== ""),
    errorLog: () => read("error.log"),
    stop,
    [Symbol.asyncDispose]: stop,
  };

  async function end(): Promise<void> {
    child.kill("SIGTERM");
    const ended = await Promise.race([failed.then(() => true), wait(5000, false, { ref: false })]);
    if (!ended) child.kill("SIGKILL");
    await failed;
    await rm(folder, { recursive: true, force: true });
  }
}

/** Everything that nginx writes stands in `folder`. As root its worker stays root: another user could not read folders of tests (0700). */
function configOf(folder: string, serverBlocks: string): string {
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
${process.getuid?.() === 0 ? "user root;" : ""}
daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 256; }
http {
  default_type application/octet-stream;
  access_log ${folder}/access.log combined;
${kinds.map((kind) => `  ${kind}_temp_path ${folder}/${kind};`).join("\n")}
${serverBlocks}
}
`;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
