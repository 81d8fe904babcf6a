/** Children of xz that stay for one task after another. */
import { XzChild } from "./xz-child.ts";

/** In milliseconds. */
export interface XzTimes {
  /** How long a child may take for so many bytes, a whole number; one that takes longer does not do what it was asked. */
  patience(bytes: number): number;
  /** How long a child stays that has nothing to do. */
  readonly rest: number;
}

/** One that waits for work, by what it does with it. */
interface IdleChild {
  readonly args: string;
  readonly child: XzChild;
  readonly resting: NodeJS.Timeout;
}

/**
 * Has a child do its work.
 *
 * @param use asks the child, and says undefined when it was of no use
 * @returns what `use` says; also undefined when no child can be had
 */
export type UseXz = <T>(args: readonly string[], use: (child: XzChild) => Promise<T | undefined>) => Promise<T | undefined>;

/** @param parallel tasks at one time, which is for the caller to see to, and children, which is seen to here */
export function xzChildren(program: string, parallel: number, times: XzTimes): UseXz {
  const idle: IdleChild[] = [];
  let busy = 0;

  const take = (position: number): XzChild | undefined => {
    const [found] = idle.splice(position, 1);
    clearTimeout(found?.resting);
    return found?.child;
  };
  const childFor = (args: readonly string[]): XzChild | undefined => {
    const position = idle.findIndex((one) => one.args === args.join(" "));
    const found = position < 0 ? undefined : take(position);
    if (found !== undefined) return found;
    // As many as may work are all there are: one that waits for other work makes room.
    if (idle.length + busy > parallel) take(0)?.end();
    try {
      return new XzChild(program, args);
    } catch {
      return undefined;
    }
  };
  const rest = (child: XzChild, args: readonly string[]): void => {
    const resting = setTimeout(() => take(idle.findIndex((one) => one.child === child))?.end(), times.rest);
    idle.push({ args: args.join(" "), child, resting: resting.unref() });
  };
  return async (args, use) => {
    busy++;
    try {
      const child = childFor(args);
      const result = child === undefined ? undefined : await use(child);
      if (child !== undefined && result !== undefined) rest(child, args);
      return result;
    } finally {
      busy--;
    }
  };
}
