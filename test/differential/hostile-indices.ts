/** Packages files as careless and hostile archives make them. */
import { type Mutant, mutate } from "../support/mutate.ts";

type Pick = (below: number) => number;

const one = <T>(pick: Pick, choices: readonly T[], otherwise: T): T => choices[pick(choices.length)] ?? otherwise;

/** Lines that mean something, or seem to, in an index. */
const LINES = [
  "Package: evil",
  "package: evil",
  "PACKAGE: evil",
  " Package: evil",
  "\tPackage: evil",
  "Package : evil",
  "Package:evil",
  "Package:",
  "Package",
  "Package\t: evil",
  "Pack\u00e4ge: evil",
  "Version: 9",
  "version: 9",
  "Version:\t9",
  "Architecture: all",
  "Filename: pool/e/evil.deb",
  "filename:pool/e/evil.deb",
  "Filename:",
  " pool/e/evil.deb",
  "Size: 99",
  "SIZE: 99",
  `SHA256: ${"e".repeat(64)}`,
  `sha256:   ${"e".repeat(64)}  `,
  "SHA256:",
  ` ${"e".repeat(64)}`,
  "",
  " ",
  "\t",
  " \t ",
  "\r",
  " .",
  " ..",
  "#",
  "# a comment",
  "#Package: evil",
  "-----BEGIN PGP SIGNED MESSAGE-----",
  "-",
  ":",
  ": evil",
  " : evil",
  "a:b:c",
  "X-Odd: \u00e9\u00ff",
  "constructor: x",
  "__proto__: x",
  "Description: short",
  " long\r",
  "X-Long: \r",
  "A: 1\rPackage: evil",
  "\x0bPackage: evil",
  "\x0cPackage: evil",
  "\u00a0Package: evil",
  "\u0085Package: evil",
  "\u00e2\u0080\u00a8Package: evil",
  "\u00ef\u00bb\u00bfPackage: evil",
  "\0Package: evil",
];

const NAMES = ["a", "libx++", "0ad", "z-z.z", "package", "A"];
const FIELDS: readonly (readonly [field: string, values: readonly string[]])[] = [
  ["Version", ["1", "1:2.0-3", "2~rc1", "0"]],
  ["Architecture", ["amd64", "all"]],
  ["Filename", ["pool/main/a/a_1.deb", "./a.deb"]],
  ["Size", ["1", "123456789012"]],
  ["SHA256", ["a".repeat(64), "0".repeat(64)]],
  ["Depends", ["b (>= 1),\n c", "b"]],
  ["Description", ["short\n long\n .\n end", "\n only long", "short"]],
  ["X-Empty", [""]],
];

function stanza(pick: Pick): string {
  const fields = [["Package", one(pick, NAMES, "a")], ...FIELDS.map(([field, values]) => [field, one(pick, values, "")])];
  const order = pick(4) === 0 ? fields.toReversed() : fields;
  const separator = one(pick, [": ", ": ", ": ", ":", ":\t", ":  "], ": ");
  const casing = one(
    pick,
    [(name: string) => name, (name: string) => name.toLowerCase(), (name: string) => name.toUpperCase()],
    (name) => name,
  );
  const lines = order.map(([field = "", value = ""]) => `${pick(3) === 0 ? casing(field) : field}${separator}${value}`);
  return `${lines.join("\n")}\n`;
}

/** A sound index of a few stanzas, damaged in most cases. */
export function hostileIndex(pick: Pick): Mutant {
  const stanzas = Array.from({ length: 1 + pick(4) }, () => stanza(pick));
  const bytes = Buffer.from(stanzas.join(one(pick, ["\n", "\n", "\n\n", "\n\n\n\n"], "\n")), "latin1");
  return pick(8) === 0 ? { name: "undamaged", bytes } : mutate(bytes, pick, LINES);
}
