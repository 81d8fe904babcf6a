/** What a real `apt-get update` makes of signed files: each is the InRelease of a suite of its own. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isolatedApt } from "../support/apt.ts";

/** Suites of one update. */
const AT_ONCE = 100;

/**
 * @param root an empty folder
 * @param keyring binary
 * @returns whether apt took each for good
 */
export async function aptVerdicts(root: string, keyring: Buffer, files: readonly Buffer[]): Promise<readonly boolean[]> {
  const apt = await isolatedApt(root);
  const keys = await apt.keyFile("keys.gpg", keyring);
  const verdicts: boolean[] = [];
  for (let first = 0; first < files.length; first += AT_ONCE) {
    const some = files.slice(first, first + AT_ONCE);
    const archive = join(root, `archive-${first}`);
    for (const [position, bytes] of some.entries()) {
      const suite = join(archive, `dists/suite-${position}`);
      await mkdir(join(suite, "main/binary-amd64"), { recursive: true });
      await writeFile(join(suite, "InRelease"), bytes);
      await writeFile(join(suite, "main/binary-amd64/Packages"), "");
    }
    await apt.sources(...some.map((_, position) => `deb [signed-by=${keys}] copy:${archive} suite-${position} main`));
    await apt.update();
    // An InRelease that is not believed does not become a list.
    const lists = new Set((await apt.listFiles()).map((name) => /_dists_(suite-[0-9]+)_InRelease$/.exec(name)?.[1]));
    verdicts.push(...some.map((_, position) => lists.has(`suite-${position}`)));
  }
  return verdicts;
}
