/** Work in another thread of this process: what takes long would hold up this one, and with it children, timeouts and signals. */
import { flushCompileCache } from "node:module";
import { isMainThread, isMarkedAsUntransferable, parentPort, Worker, workerData } from "node:worker_threads";
import { type Code, MergeError, type Where } from "../errors.ts";
import type { Aside, AsideTask } from "../ports.ts";

/** Marks our own workers. */
const IS_ASIDE = "aptmerge.aside";

interface Order {
  readonly aside: AsideTask<unknown, unknown>;
  readonly input: unknown;
}

/** What will be wanted. */
interface Preparation {
  readonly module: string;
}

/** An error of ours would arrive as one of no class. */
type Answer =
  | { readonly kind: "done"; readonly output: unknown }
  | { readonly kind: "refused"; readonly code: Code; readonly message: string; readonly where: Where };

/** Threads without work. What one has learnt of how to run a function fast stays in it; so does its memory, so those of large tasks are not kept. */
const idle: Worker[] = [];
/** Started before there was anything to do, by the module of the task. */
const prepared = new Map<string, Worker>();

/** Of addresses, which may be limited; the code itself has less than one. */
const CODE_RANGE_MB = 16;

function startThread(): Worker {
  const resourceLimits = { codeRangeSizeMb: CODE_RANGE_MB };
  const worker = new Worker(new URL(import.meta.url), { workerData: IS_ASIDE, execArgv: preloaded(), resourceLimits });
  // Who waits for an answer is told of both; of one without work the next task only has to know that it is gone.
  worker.on("error", () => undefined);
  worker.on("exit", () => {
    const at = idle.indexOf(worker);
    if (at >= 0) idle.splice(at, 1);
    for (const [module, other] of prepared) if (other === worker) prepared.delete(module);
  });
  return worker;
}

function threadFor({ module, often }: AsideTask<never, unknown>): Worker {
  const worker = prepared.get(module) ?? (often ? idle.pop() : undefined) ?? startThread();
  prepared.delete(module);
  return worker;
}

export const aside: Aside = {
  prepare(task) {
    if (prepared.has(task.module)) return;
    const worker = startThread();
    worker.unref();
    worker.postMessage({ module: task.module });
    prepared.set(task.module, worker);
  },
  run<In, Out>(task: AsideTask<In, Out>, input: In, transfer: readonly ArrayBuffer[] = []): Promise<Out> {
    return new Promise((resolve, reject) => {
      const order: Order = { aside: task as AsideTask<unknown, unknown>, input };
      const worker = threadFor(task as AsideTask<never, unknown>);
      const answered = (answer: Answer): void => {
        worker.off("message", answered);
        worker.off("error", reject);
        worker.off("exit", ended);
        if (task.often) {
          // Without work it does not keep the process from ending.
          worker.unref();
          idle.push(worker);
        }
        if (answer.kind === "done") resolve(answer.output as Out);
        else reject(new MergeError(answer.code, answer.message, answer.where));
      };
      // After an error this changes nothing.
      const ended = (status: number): void =>
        reject(new Error(`${task.name} in a thread of its own ended with status ${status} and without an answer`));
      worker.ref();
      worker.on("message", answered);
      worker.on("error", reject);
      worker.on("exit", ended);
      worker.postMessage(order, [...transfer]);
    });
  },
};

/** The cache of compiled code, without which a thread takes three times as long to begin. Other flags, such as --eval, are not for it. */
function preloaded(): string[] {
  const at = process.execArgv.indexOf("--require");
  return at < 0 ? [] : process.execArgv.slice(at, at + 2);
}

async function answerTo({ aside: { module, name }, input }: Order): Promise<Answer> {
  const found: unknown = (await import(module))[name];
  if (typeof found !== "function") throw new Error(`There is no function ${name} in ${module}`);
  try {
    return { kind: "done", output: await found(input) };
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    const { code, message, where } = error;
    return { kind: "refused", code, message, where };
  }
}

/** Buffers of an output that is bytes, or has them in its fields: they change hands instead of being copied. */
function buffersOf(output: unknown): ArrayBuffer[] {
  const values = typeof output === "object" && output !== null ? Object.values(output) : [];
  const buffers = values.flatMap((value: unknown) => (value instanceof Uint8Array ? [value.buffer] : []));
  // Small ones share a pool of Node's, which stays where it is.
  return buffers.flatMap((buffer) => (buffer instanceof ArrayBuffer && !isMarkedAsUntransferable(buffer) ? [buffer] : []));
}

// This file is its own worker. Other workers may import it too. Not awaited: the module may import this one.
if (!isMainThread && workerData === IS_ASIDE) {
  parentPort?.on("message", (order: Order | Preparation) => {
    // What is wrong with the module shows when it is asked for something.
    if ("module" in order) void import(order.module).catch(() => undefined);
    else
      void answerTo(order).then((answer) => {
        parentPort?.postMessage(answer, answer.kind === "done" ? buffersOf(answer.output) : []);
        // A thread that is idle when the process ends is not asked for what it compiled.
        if (order.aside.often) flushCompileCache();
        else parentPort?.close();
      });
  });
}
