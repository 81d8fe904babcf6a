/** What the schema refuses, in words: where, what stands there, what must stand there. */
import type { z } from "zod";
import type { ConfigDocument, Finding } from "./document.ts";
import { suggestion } from "./nearest.ts";
import { pathText, quoted } from "./quoting.ts";
import { isMap, knownKeys } from "./schema-walk.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** An error at the place of a path. */
export const refusal = (document: ConfigDocument, path: Path, message: string, part: "key" | "value" = "value"): Finding => ({
  severity: "error",
  code: "CONFIG_INVALID",
  spot: document.spot(path, part),
  message,
});

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

/** The value as a message shows it: maps and lists only by their kind, secrets not at all. */
function found(document: ConfigDocument, path: Path): string {
  const value = valueAt(document.value, path);
  if (path.at(-1) === "passphrase" && value !== null) return "no text";
  if (typeof value === "string") return quoted(value);
  if (value === null || value === undefined) return "empty";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (isMap(value)) return Object.keys(value).length === 0 ? "an empty map" : "a map";
  return (document.written(path) ?? String(value)).slice(0, 100);
}

/** A value that must be something else. */
export function unfit(document: ConfigDocument, path: Path, wanted: string): Finding {
  const what = path.length === 0 ? document.whole : pathText(path);
  return refusal(document, path, `Cannot use ${what}: it is ${found(document, path)}, it must be ${wanted}`);
}

/** One alternative of a union speaks for all when the value has its form; else the union itself does. */
function alternative(issue: Extract<Issue, { code: "invalid_union" }>): readonly Issue[] | undefined {
  const weigh = (issues: readonly Issue[]) =>
    issues.reduce((sum, each) => sum + (each.code === "unrecognized_keys" ? each.keys.length : 1), 0);
  const fitting = issue.errors
    .filter((issues) => !issues.some((each) => each.path.length === 0 && ["invalid_type", "invalid_value"].includes(each.code)))
    .sort((left, right) => weigh(left) - weigh(right));
  const [best, second] = fitting;
  if (best === undefined || (second !== undefined && weigh(second) === weigh(best))) return undefined;
  return best;
}

/** Every fault that one issue of the schema stands for. */
export function findingsOf(schema: z.core.$ZodType, issue: Issue, document: ConfigDocument, around: Path = []): readonly Finding[] {
  const path = [...around, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const of = path.length === 0 ? "" : ` of ${pathText(path)}`;
      const known = knownKeys(schema, path);
      const why = known.includes(key) ? "it does not go with the other keys there" : `it is unknown, ${suggestion(key, known)}`;
      return refusal(document, [...path, key], `Cannot use key ${quoted(key)}${of}: ${why}`, "key");
    });
  }
  if (issue.code === "invalid_union") {
    const best = alternative(issue);
    if (best !== undefined) return best.flatMap((each) => findingsOf(schema, each, document, path));
  }
  if (issue.code === "invalid_key") {
    const wanted = issue.issues[0]?.message ?? issue.message;
    return [
      refusal(
        document,
        path,
        `Cannot use key ${quoted(String(path.at(-1)))} of ${pathText(path.slice(0, -1))}: it must be ${wanted}`,
        "key",
      ),
    ];
  }
  return [valueFinding(issue, document, path)];
}

function valueFinding(issue: Issue, document: ConfigDocument, path: Path): Finding {
  const value = valueAt(document.value, path);
  if (value === undefined && path.length > 0) {
    const parent = path.slice(0, -1);
    const what = parent.length === 0 ? document.whole : pathText(parent);
    return refusal(document, parent, `Cannot use ${what}: "${String(path.at(-1))}" is missing, it must be ${issue.message}`, "key");
  }
  return unfit(document, path, issue.message);
}
