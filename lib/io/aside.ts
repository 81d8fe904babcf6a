/** Work in another thread of this process: what takes long would hold up this one, and with it children, timeouts and signals. */
import { Worker } from "node:worker_threads";
import { MergeError } from "../errors.ts";
import type { Aside, AsideTask, AsideWork, OpenedTask } from "../ports.ts";
import type { Answer, Message } from "./aside-thread.ts";

/**
 * Threads without work, by the task that they did. What one has learnt of how to run a function fast stays in it, so each does one task alone; so does
 * its memory, so those of large tasks are not kept.
 */
const idle: { readonly worker: Worker; readonly task: string }[] = [];
/** Of addresses, which may be limited; the code itself has less than one. */
const CODE_RANGE_MB = 16;

function startThread(): Worker {
  const resourceLimits = { codeRangeSizeMb: CODE_RANGE_MB };
  const worker = new Worker(new URL("aside-thread.ts", import.meta.url), { execArgv: preloaded(), resourceLimits });
  // Who waits for an answer is told of both; of one without work the next task only has to know that it is gone.
  worker.on("error", () => undefined);
  worker.on("exit", () => {
    const at = idle.findIndex((one) => one.worker === worker);
    if (at >= 0) idle.splice(at, 1);
  });
  return worker;
}

function idleFor({ name, often }: Pick<AsideTask<unknown, unknown>, "name" | "often">): Worker | undefined {
  const at = often ? idle.findLastIndex(({ task }) => task === name) : -1;
  return at < 0 ? undefined : idle.splice(at, 1)[0]?.worker;
}

/** @param settled called before anybody hears of the answer */
function answerOf<Out>(worker: Worker, name: string, settled: (ended: boolean) => void): Promise<Out> {
  return new Promise((resolve, reject) => {
    const answered = (answer: Answer): void => {
      worker.off("message", answered);
      worker.off("error", failed);
      worker.off("exit", ended);
      settled(false);
      if (answer.kind === "done") resolve(answer.output as Out);
      else reject(new MergeError(answer.code, answer.message, answer.where));
    };
    const failed = (error: unknown): void => {
      settled(true);
      reject(error);
    };
    // After an error this changes nothing.
    const ended = (status: number): void =>
      failed(new Error(`${name} in a thread of its own ended with status ${status} and without an answer`));
    worker.on("message", answered);
    worker.on("error", failed);
    worker.on("exit", ended);
  });
}

export const aside: Aside = {
  run<In, Out>(task: AsideTask<In, Out>, input: In, transfer: readonly ArrayBuffer[] = []): Promise<Out> {
    return new Promise((resolve) => {
      const worker = idleFor(task) ?? startThread();
      const settled = (ended: boolean): void => {
        if (!task.often || ended) return;
        // Without work it does not keep the process from ending.
        worker.unref();
        idle.push({ worker, task: task.name });
      };
      worker.ref();
      resolve(answerOf<Out>(worker, task.name, settled));
      worker.postMessage({ kind: "run", aside: task as AsideTask<unknown, unknown>, input } satisfies Message, [...transfer]);
    });
  },
  async open<Opening, Part, In, Out>(
    task: AsideTask<Opening, OpenedTask<Part, In, Out>>,
    opening: Opening,
  ): Promise<AsideWork<Part, In, Out>> {
    const worker = startThread();
    const answer = answerOf<Out>(worker, task.name, () => undefined);
    // Who listens for its messages has bound the process to it.
    worker.unref();
    // It may fail before anybody asks.
    answer.catch(() => undefined);
    const tell = (message: Message, transfer: readonly ArrayBuffer[]): void => worker.postMessage(message, [...transfer]);
    tell({ kind: "open", aside: task as AsideTask<unknown, unknown>, input: opening }, []);
    return {
      give: (part, transfer) => tell({ kind: "part", part }, transfer),
      answer(question, transfer) {
        worker.ref();
        tell({ kind: "question", question }, transfer);
        return answer;
      },
      end: () => void worker.terminate(),
    };
  },
};

/** The cache of compiled code, without which a thread takes three times as long to begin. Other flags, such as --eval, are not for it. */
function preloaded(): string[] {
  const at = process.execArgv.indexOf("--require");
  return at < 0 ? [] : process.execArgv.slice(at, at + 2);
}
