/** Options of an apt source: the same in both formats, only spelled differently. */
import { parseArchitecture, parseFingerprint } from "../../lib/archive/names.ts";
import { MergeError } from "../../lib/errors.ts";
import type { AptDefaults, AptOptions, SignedBy } from "./entry.ts";

const NO = new Set(["no", "false", "without", "off", "disable", "0"]);
const YES = new Set(["yes", "true", "with", "on", "enable", "1"]);

/** As apt reads a truth value; anything else leaves the default. */
export function truth(text: string | undefined, otherwise: boolean): boolean {
  const word = text?.trim().toLowerCase() ?? "";
  if (NO.has(word)) return false;
  return YES.has(word) ? true : otherwise;
}

const list = (text: string | undefined): string[] => (text ?? "").split(/[\s,]+/).filter((word) => word !== "");

/**
 * @param raw field name of the deb822 form, in lower case, to its value
 * @throws MergeError CONFIG_INVALID for an option that would be unsafe to leave out
 */
export function readOptions(raw: ReadonlyMap<string, string>, defaults: AptDefaults): AptOptions {
  return {
    architectures: readArchitectures(raw, defaults.architectures),
    signedBy: readSignedBy(raw.get("signed-by") ?? ""),
    checkValidUntil: truth(raw.get("check-valid-until"), true) && truth(raw.get("check-date"), true),
    allowWeak: truth(raw.get("allow-weak"), false),
    trusted: truth(raw.get("trusted"), false),
  };
}

function readArchitectures(raw: ReadonlyMap<string, string>, machine: readonly string[]): readonly string[] {
  const named = list(raw.get("architectures"));
  const removed = new Set(list(raw.get("architectures-remove")));
  const all = [...(named.length > 0 ? named : machine), ...list(raw.get("architectures-add"))];
  // `all` is folded into each architecture by aptmerge, `source` follows from deb-src.
  return [...new Set(all)].filter((name) => !removed.has(name) && name !== "all" && name !== "source").map(parseArchitecture);
}

const ARMOR = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

/** Hostile only as far as root is: but a pin that cannot be read must not vanish, because the archive would then be trusted with more keys. */
function readSignedBy(text: string): SignedBy {
  if (text.trimStart().startsWith(ARMOR)) {
    // An empty line cannot stand in a field: it is written as a lone dot.
    const lines = text.trim().split("\n");
    return { kind: "embedded", armor: `${lines.map((line) => (line.trim() === "." ? "" : line.trim())).join("\n")}\n` };
  }
  const words = list(text);
  const files = words.filter((word) => word.startsWith("/"));
  const pins = words.filter((word) => !word.startsWith("/")).map(readPin);
  return files.length > 0 ? { kind: "files", files, pins } : { kind: "machine", pins };
}

function readPin(text: string): string {
  const exact = text.endsWith("!");
  const fingerprint = parseFingerprint(exact ? text.slice(0, -1) : text);
  if (fingerprint === undefined) {
    throw new MergeError("CONFIG_INVALID", `its Signed-By names "${text}", neither an absolute path nor a fingerprint of 40 digits`);
  }
  return `${fingerprint}${exact ? "!" : ""}`;
}
