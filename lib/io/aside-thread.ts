/** What runs in another thread: answers orders of `aside.ts`, one after the other. */
import { flushCompileCache } from "node:module";
import { parentPort } from "node:worker_threads";
import { giveBack } from "../archive/give-back.ts";
import { type Code, MergeError, type Where } from "../errors.ts";
import type { AsideTask, OpenedTask } from "../ports.ts";
import { buffersOf } from "./transferable.ts";

interface Order {
  readonly kind: "run" | "open";
  readonly aside: AsideTask<unknown, unknown>;
  readonly input: unknown;
}

/** To work that was opened. */
export type Message = Order | { readonly kind: "part"; readonly part: unknown } | { readonly kind: "question"; readonly question: unknown };

/** An error of ours would arrive as one of no class. */
export type Answer =
  | { readonly kind: "done"; readonly output: unknown }
  | { readonly kind: "refused"; readonly code: Code; readonly message: string; readonly where: Where };

async function called({ aside: { module, name }, input }: Order): Promise<unknown> {
  const found: unknown = (await import(module))[name];
  if (typeof found !== "function") throw new Error(`There is no function ${name} in ${module}`);
  return found(input);
}

async function answered(output: Promise<unknown>): Promise<void> {
  let answer: Answer;
  try {
    answer = { kind: "done", output: await output };
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    const { code, message, where } = error;
    answer = { kind: "refused", code, message, where };
  }
  parentPort?.postMessage(answer, answer.kind === "done" ? buffersOf(answer.output) : []);
}

/** Parts are taken one after the other; after a failure nothing more is done, and the question hears of it. */
let opened: Promise<OpenedTask<unknown, unknown, unknown>> = Promise.reject(new Error("Nothing was opened"));
opened.catch(() => undefined);
const done = async (output: Promise<unknown>, order?: Order): Promise<void> => {
  await answered(output);
  if (order?.aside.often !== true) {
    parentPort?.close();
    return;
  }
  // What came is nobody else's. Soon there is more of it, and to look for what is not needed takes longer than to say so.
  for (const buffer of buffersOf(order.input)) giveBack({ buffer });
  // A thread that is idle when the process ends is not asked for what it compiled.
  flushCompileCache();
};
parentPort?.on("message", (message: Message) => {
  switch (message.kind) {
    case "run":
      void done(called(message), message);
      break;
    case "open":
      opened = called(message) as typeof opened;
      opened.catch(() => undefined);
      break;
    case "part":
      opened = opened.then((task) => {
        task.take(message.part);
        return task;
      });
      opened.catch(() => undefined);
      break;
    case "question":
      void done(opened.then((task) => task.answer(message.question)));
      break;
    default:
      message satisfies never;
  }
});
