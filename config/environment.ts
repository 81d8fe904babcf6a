/** `${NAME}` and `${NAME:-default}` in the values of the config. */

export type Environment = Readonly<Record<string, string | undefined>>;

type Expansion =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "unset"; readonly name: string }
  /** A `${` that is no such reference. */
  | { readonly kind: "malformed" };

const REFERENCE = /\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\})?/g;

/**
 * Replaces every reference once: what comes out of the environment is not looked at again. As in a shell, the default also stands in for an
 * empty value.
 */
export function expand(text: string, env: Environment): Expansion {
  let fault: Expansion | undefined;
  const expanded = text.replace(REFERENCE, (_, name?: string, withDefault?: string, otherwise?: string) => {
    if (name === undefined) {
      fault ??= { kind: "malformed" };
      return "";
    }
    const value = env[name];
    if (withDefault !== undefined) return value || (otherwise ?? "");
    if (value === undefined) fault ??= { kind: "unset", name };
    return value ?? "";
  });
  return fault ?? { kind: "text", text: expanded };
}
