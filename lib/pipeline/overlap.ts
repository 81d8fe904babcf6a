/** Works through items in order, so that what one waits for at its end is time for the next. */

/**
 * The next item is begun when this one says that it only waits, and no more than two are at work.
 *
 * @param work calls `waiting` when it only waits for others, or not at all
 * @returns what came out, in order; when one fails, all that was begun has ended
 */
export async function* overlapping<Item, Out>(
  items: Iterable<Item>,
  work: (item: Item, waiting: () => void) => Promise<Out>,
): AsyncGenerator<Out> {
  const running: Promise<Out>[] = [];
  const next = async (): Promise<Out> => {
    const out = await running[0];
    running.shift();
    return out as Out;
  };
  let failed = false;
  try {
    for (const item of items) {
      while (running.length > 1) yield await next();
      if (failed) break;
      await new Promise<void>((resolve, reject) => {
        const one = work(item, resolve);
        running.push(one);
        one.then(
          () => resolve(),
          (error: unknown) => {
            failed = true;
            reject(error);
          },
        );
      });
    }
    while (running.length > 0) yield await next();
  } finally {
    await Promise.allSettled(running);
  }
}
