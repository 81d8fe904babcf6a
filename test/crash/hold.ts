/**
 * Loaded before the command line (`node --import`): loads the code, so that what the kernel is asked for after the start is a run's own work; then
 * says which threads do it and waits for a file, while strace attaches to them. The clock stands, so that any two runs that publish the
 * same publish the same bytes.
 */
import { existsSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");
const now = Number(process.env["CRASH_NOW_MS"]);

globalThis.Date = new Proxy(Date, {
  construct: (real, args, target) => Reflect.construct(real, args.length === 0 ? [now] : args, target),
  get: (real, key, receiver) => (key === "now" ? () => now : Reflect.get(real, key, receiver)),
});

for (const place of ["bin/main.ts", "bin/commands/merge.ts", "config", "lib/pipeline", "lib/io"]) {
  const files = place.endsWith(".ts") ? [place] : readdirSync(join(ROOT, place)).map((name) => `${place}/${name}`);
  for (const file of files) if (file.endsWith(".ts") && !file.endsWith(".d.ts")) await import(join(ROOT, file));
}

// The pool has one thread (UV_THREADPOOL_SIZE), which begins with the first operation that needs it.
await stat("/");
const commandOf = (id: string): string => {
  try {
    return readFileSync(`/proc/self/task/${id}/comm`, "latin1").trim();
  } catch {
    return ""; // It has ended.
  }
};
const pool = readdirSync("/proc/self/task").filter((id) => commandOf(id) === "libuv-worker");
writeSync(3, `${JSON.stringify({ main: process.pid, pool: Number(pool[0]) })}\n`);
const pause = new Int32Array(new SharedArrayBuffer(4));
while (!existsSync(process.env["CRASH_GO"] ?? "")) Atomics.wait(pause, 0, 0, 5);
