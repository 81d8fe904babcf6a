/** A pin or ban in one line, as reports name it and `explain --ban` takes it. */
import { formatVersionConstraint } from "../archive/version.ts";
import type { BanRule, MirrorChoice, PinRule } from "../settings.ts";

const mirrorText = ({ mirror, suite }: MirrorChoice): string => (suite === undefined ? mirror : `${mirror}/${suite}`);

/** `package systemd-sysv`, `source snapd* (<< 3) of debian for amd64`. */
export function ruleText(rule: BanRule | PinRule): string {
  const { by, pattern, version, architecture, mirror } = rule;
  const parts = [by, pattern];
  if (version !== undefined) parts.push(`(${formatVersionConstraint(version)})`);
  if (mirror !== undefined) parts.push(`of ${mirrorText(mirror)}`);
  if (architecture !== undefined) parts.push(`for ${architecture}`);
  return parts.join(" ");
}
