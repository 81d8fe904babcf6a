/** Long work in small steps: what came from disks, children and threads in the meantime is dealt with between them. */

/** Longest step in milliseconds: children whose output waits, and threads that wait for their next task, lose no more than that. */
const STEP_MS = 8;

export class FairTurns {
  #began = performance.now();

  /** Whether a step has taken long enough: then `pass` is to be waited for. */
  get due(): boolean {
    return performance.now() - this.#began > STEP_MS;
  }

  async pass(): Promise<void> {
    await new Promise(setImmediate);
    this.#began = performance.now();
  }
}
