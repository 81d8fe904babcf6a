/** Values of flags that several commands have. */
import { InvalidArgumentError } from "commander";

export function seconds(text: string): number {
  const value = Number(text);
  if (!/^[0-9]+(\.[0-9]+)?$/.test(text) || value > 86_400) throw new InvalidArgumentError("It must be seconds, up to 86400.");
  return value;
}
