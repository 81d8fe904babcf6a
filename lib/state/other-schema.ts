/** What to say of a record that this version cannot read: after a downgrade that is no damage, and the newer version is the cure. */

const NUMBERED = /^(.*\/)([1-9][0-9]{0,5})$/;

/** @param wanted such as `aptmerge.trust/1` */
export function otherSchema(found: unknown, wanted: string): string {
  const [, name, number] = NUMBERED.exec(typeof found === "string" ? found : "") ?? [];
  const [, own, current] = NUMBERED.exec(wanted) ?? [];
  const newer = name !== undefined && name === own && Number(number) > Number(current);
  const text = `its schema is ${JSON.stringify(found)}, this version reads "${wanted}"`;
  return newer ? `it was written by a newer version of aptmerge: ${text}` : text;
}
