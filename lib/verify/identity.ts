/** Whether a Release is of the suite that was asked for: another suite of the same archive is signed by the same key. */
import { isFlat, type SuitePath } from "../archive/names.ts";
import type { Release } from "../archive/release.ts";
import { MergeError, type Where } from "../errors.ts";

/**
 * Suite (or Archive, as old archives write) or Codename must name the suite. Flat archives have no suites, and a Release that names none says
 * nothing wrong.
 *
 * @param codename what its Release says by the config, when it is not the folder's name
 * @throws MergeError RELEASE_WRONG_SUITE
 */
export function checkSuite(release: Release, suite: SuitePath, codename: string | undefined, where: Where): void {
  if (isFlat(suite)) return;
  const said = ["suite", "archive", "codename"].flatMap((field) => {
    const value = release.fields.get(field);
    return value === undefined || value === "" ? [] : [value];
  });
  if (said.length === 0) return;
  // buster/updates says buster: the part behind the last slash is a place, not a name.
  const slash = suite.lastIndexOf("/");
  const accepted = [...(codename === undefined ? [] : [codename]), suite, ...(slash > 0 ? [suite.slice(0, slash)] : [])];
  if (said.some((name) => accepted.includes(name))) return;
  const quoted = (names: readonly string[]): string => [...new Set(names)].map((name) => `"${name}"`).join(" or ");
  throw new MergeError(
    "RELEASE_WRONG_SUITE",
    `Cannot accept Release of ${where.mirror}/${where.suite}: its Suite or Codename is ${quoted(said)}, one must be ${quoted(accepted)}`,
    where,
  );
}
