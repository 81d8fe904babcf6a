/** Strings of a config that is written rather than read. */

const PLAIN = /^[A-Za-z/][A-Za-z0-9+._~/@-]*$/;
/** A URL without anything that YAML could take for a comment or another value. */
const PLAIN_URL = /^[a-z]+:\/\/[A-Za-z0-9+._~/@:%=-]*[A-Za-z0-9+._~/@%=-]$/;
/** Words that some YAML reader takes for a truth value, a number or nothing. */
const SPECIAL = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i;

/**
 * A YAML scalar that the config reads back as exactly this text, also inside `[]` and `{}`. Hostile text, such as the Description of an
 * archive, may not bring in a reference to the environment: its `${` is written as a reference whose default is `$`.
 */
export function yamlScalar(text: string): string {
  const literal = text.replaceAll("${", `${DOLLAR}{`);
  if ((PLAIN.test(literal) || PLAIN_URL.test(literal)) && !SPECIAL.test(literal)) return literal;
  // JSON is YAML, but for characters that YAML wants escaped.
  return JSON.stringify(literal).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const DOLLAR = "$" + "{APTMERGE_DOLLAR:-$}";

/** `[a, b]` */
export const yamlList = (items: readonly string[]): string => `[${items.map(yamlScalar).join(", ")}]`;
