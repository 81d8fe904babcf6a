/** Whether an archive is still what it was: fields by which its users know and pin it, and which apt does not follow without their consent. */
import type { Release } from "../archive/release.ts";
import { MergeError, type Where } from "../errors.ts";

/** What apt asks its user about when it changes. Suite and Version are not among it: they change when a release grows old. */
export interface ArchiveIdentity {
  readonly Origin: string;
  readonly Label: string;
  readonly Codename: string;
  /** Of all that the suite carries, as apt pins it by itself. */
  readonly pin: string;
}

export function identityOf({ fields }: Release): ArchiveIdentity {
  const field = (name: string): string => fields.get(name.toLowerCase()) ?? "";
  return { Origin: field("Origin"), Label: field("Label"), Codename: field("Codename"), pin: defaultPin(field) };
}

/** apt's default pin of all that a suite carries. */
export const defaultPin = (field: (name: string) => string): string =>
  field("NotAutomatic").toLowerCase() !== "yes" ? "500" : field("ButAutomaticUpgrades").toLowerCase() === "yes" ? "100" : "1";

/**
 * @param accepted of the last accepted Release; undefined on the first run
 * @throws MergeError RELEASE_CHANGED
 */
export function checkIdentity(accepted: ArchiveIdentity | undefined, release: Release, where: Where): void {
  if (accepted === undefined) return;
  const now = identityOf(release);
  const names = ["Origin", "Label", "Codename", "pin"] as const;
  const changes = names.filter((name) => now[name] !== accepted[name]);
  if (changes.length === 0) return;
  const found = changes.map(
    (name) =>
      `its ${name === "pin" ? "default pin" : name} is ${JSON.stringify(now[name])}, that of the last accepted one ${JSON.stringify(accepted[name])}`,
  );
  const text = `Cannot accept Release of ${where.mirror}/${where.suite}: ${found.join(", ")}, the archive must be the same one`;
  throw new MergeError("RELEASE_CHANGED", text, where);
}
