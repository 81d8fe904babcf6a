/**
 * An xz that does its work on one file after another. To start a child costs a process of our size 10 to 40 ms and then a fault for each page that it
 * writes to, so there are few. What is to be read lies in a file without a name, which the child reads anew whenever it is told to: where a pipe ends, so
 * does xz.
 */
import { ftruncateSync } from "node:fs";
import { giveBack } from "../archive/give-back.ts";
import { type StandingChild, standingChild } from "./child.ts";
import { forget, namelessFile, writeParts } from "./nameless-file.ts";

/** The child opens its own number 3 by this name. */
const OWN_FILE = Buffer.from("/proc/self/fd/3\0", "latin1");

/** What its output is so far: there must be more of it, or it is all, or it is not what was asked for. */
export type Taken = "more" | "done" | "amiss";

interface Question {
  take(chunk: Buffer): Taken;
  /** @param isDone false when the child is of no use, for whatever reason */
  answer(isDone: boolean): void;
}

export class XzChild {
  readonly #file: number;
  readonly #child: StandingChild;
  #question: Question | undefined;
  #patience: NodeJS.Timeout | undefined;
  #isLost = false;

  /**
   * @param args what xz is to do with each file
   * @throws when no file can be made
   */
  constructor(program: string, args: readonly string[]) {
    this.#file = namelessFile();
    this.#child = standingChild(
      { program, args: [...args, "--stdout", "--files0"], descriptor: this.#file },
      (chunk) => this.#take(chunk),
      () => this.#lose(),
    );
  }

  /**
   * One file at a time.
   *
   * @param parts of the file
   * @param patienceMs how long it may take
   * @param take is given its output as it comes, and does not keep it
   * @returns whether it came to an end with "done"; otherwise the child is of no use any more
   */
  ask(parts: readonly Buffer[], patienceMs: number, take: (chunk: Buffer) => Taken): Promise<boolean> {
    return new Promise((answer) => {
      if (this.#isLost) return answer(false);
      this.#question = { take, answer };
      try {
        ftruncateSync(this.#file, writeParts(this.#file, parts));
      } catch {
        return this.end();
      }
      this.#child.hold(true);
      this.#patience = setTimeout(() => this.end(), patienceMs);
      this.#child.write(OWN_FILE);
    });
  }

  /** It is not to be asked again. */
  end(): void {
    this.#child.kill();
    this.#lose();
  }

  #take(chunk: Buffer): void {
    const taken = this.#question?.take(chunk) ?? "amiss";
    giveBack(chunk);
    switch (taken) {
      case "more":
        return;
      case "done":
        this.#child.hold(false);
        this.#answer(true);
        return;
      case "amiss":
        this.end();
        return;
      default:
        taken satisfies never;
    }
  }

  #lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    forget(this.#file);
    this.#answer(false);
  }

  #answer(isDone: boolean): void {
    clearTimeout(this.#patience);
    const question = this.#question;
    this.#question = undefined;
    question?.answer(isDone);
  }
}
