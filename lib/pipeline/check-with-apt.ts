/** `publish.check-with-apt`: the real apt reads the staged suite before any client does. */
import type { SuiteName } from "../archive/names.ts";
import { parseRelease } from "../archive/release.ts";
import { MergeError } from "../errors.ts";
import type { AptOutcome } from "../ports.ts";
import type { Stage } from "../publish/stage.ts";
import type { World } from "./world.ts";

/** @throws MergeError APT_REFUSED with apt's own words; APT_MISSING */
export async function checkWithApt(suite: SuiteName, stage: Stage, { apt, output, signer }: World): Promise<void> {
  const text = (await output.read(`${stage.path}/dists/${suite}/Release`)) ?? Buffer.alloc(0);
  const release = parseRelease(text, { mirror: "our own tree", suite });
  const tree = `${output.root}/${stage.path}`;
  const outcome: AptOutcome = await apt.update({
    tree,
    keyring: signer.fingerprints.length > 0 ? `${tree}/key.asc` : undefined,
    suite,
    release,
  });
  switch (outcome.kind) {
    case "accepted":
      return;
    case "missing":
      throw new MergeError("APT_MISSING", `Cannot publish suite "${suite}": there is no apt-get to check it with, it must be installed`, {
        suite,
      });
    case "refused":
      throw new MergeError(
        "APT_REFUSED",
        `Cannot publish suite "${suite}": apt-get update says of the staged tree: ${outcome.words}; it must read it without complaint`,
        { suite },
      );
    default:
      throw new Error(outcome satisfies never);
  }
}
