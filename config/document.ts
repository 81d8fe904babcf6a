/** A YAML file as plain values, with the place of every one of them. Only the plain part of YAML is taken: what stands there is what counts. */
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { Code } from "../lib/errors.ts";
import { type Environment, expand } from "./environment.ts";
import { quoted, redact } from "./quoting.ts";

/** A place in the file. */
export interface Spot {
  readonly offset: number;
  /** `FILE:LINE:COLUMN`, both counted from 1. */
  readonly text: string;
}

/** Something to say about a place. */
export interface Finding {
  readonly severity: "error" | "warning";
  readonly code: Code;
  readonly spot: Spot;
  readonly message: string;
}

type Path = readonly PropertyKey[];

export interface ConfigDocument {
  readonly value: unknown;
  /** What messages call all of it. */
  readonly whole: "the config" | "the file";
  /** The value at a path, its key, or the nearest thing around when it is not there. */
  spot(path: Path, part?: "key" | "value"): Spot;
  /** Keys of the map at a path, in the order of the file. */
  keys(path: Path): readonly string[];
  /** A number, true, false or nothing as it is written in the file. */
  written(path: Path): string | undefined;
}

export type ReadDocument = {
  /** Undefined when the file cannot be understood at all. */
  readonly document: ConfigDocument | undefined;
  readonly findings: readonly Finding[];
};

/** One slip can break all that follows, so later syntax errors say little. */
const MOST_SYNTAX_ERRORS = 10;

const tooDeep = (kind: string): string => `it nests too deep, ${kind} has at most some ten levels`;

/**
 * Parses YAML and fills in the environment's values. Never throws for what the text says.
 *
 * @param env undefined in files that may say `${` and mean it
 */
export function readDocument(source: string, file: string, env: Environment | undefined): ReadDocument {
  const kind = env === undefined ? "a file of rules" : "a config";
  const lines = new LineCounter();
  const spotAt = (offset: number): Spot => {
    const { line, col } = lines.linePos(offset);
    return { offset, text: `${file}:${line}:${col}` };
  };
  const refusal = (code: Code, offset: number, message: string): Finding => ({ severity: "error", code, spot: spotAt(offset), message });
  const syntax = (offset: number, message: string): Finding => refusal("CONFIG_SYNTAX", offset, `Cannot read YAML: ${message}`);
  try {
    const parsed = parseDocument(source, { lineCounter: lines, prettyErrors: false, stringKeys: true, uniqueKeys: false });
    const broken = firstOfLines([...parsed.errors, ...parsed.warnings], lines).slice(0, MOST_SYNTAX_ERRORS);
    const faults = broken.map((error) => syntax(error.pos[0], syntaxText(error, kind)));
    if (faults.length > 0) return { document: undefined, findings: faults };
    faults.push(...fancyParts(parsed, syntax));
    const filled = env === undefined ? [] : fillIn(parsed, env, (offset, message) => refusal("CONFIG_INVALID", offset, message));
    const findings = [...faults, ...filled];
    return {
      document: faults.length > 0 ? undefined : documentOf(parsed, env === undefined ? "the file" : "the config", spotAt),
      findings,
    };
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    return { document: undefined, findings: [syntax(0, tooDeep(kind))] };
  }
}

/** What follows a fault on its line is mostly a consequence. */
function firstOfLines(errors: readonly YAMLError[], lines: LineCounter): readonly YAMLError[] {
  const seen = new Set<number>();
  return errors.filter(({ pos }) => {
    const { line } = lines.linePos(pos[0]);
    if (seen.has(line)) return false;
    seen.add(line);
    return true;
  });
}

function syntaxText(error: YAMLError, kind: string): string {
  switch (error.code) {
    case "MULTIPLE_DOCS":
      return "a second document starts here, the file must be one document";
    case "TAB_AS_INDENT":
      return "a tab indents the line, only blanks may";
    case "UNEXPECTED_TOKEN":
      // What an unquoted constraint such as ">= 2.0" comes to.
      if (error.message.startsWith("Block scalar header")) return "text that begins with > or | must be in quotes";
      // What follows the colon is the text found there, which may be a secret.
      return error.message.replace(/: .*$/s, "");
    case "BAD_SCALAR_START":
      return `${redact(error.message)}; put text into quotes`;
    case "RESOURCE_EXHAUSTION":
      return tooDeep(kind);
    default:
      return redact(error.message);
  }
}

/** Anchors, aliases, tags, keys given twice, other YAML versions: each lets a line mean something else than it says. */
function fancyParts(parsed: Document, syntax: (offset: number, message: string) => Finding): Finding[] {
  const found: Finding[] = [];
  const { explicit, version } = parsed.directives?.yaml ?? {};
  if (explicit && version !== "1.2") found.push(syntax(0, `it says it is YAML ${version}, it must be 1.2`));
  const marks = (node: Scalar | YAMLSeq | YAMLMap): void => {
    const at = node.range?.[0] ?? 0;
    if (node.anchor !== undefined) found.push(syntax(at, `an anchor stands here ("&${node.anchor}"), anchors are not used`));
    if (node.tag !== undefined) found.push(syntax(at, `a tag stands here ("${node.tag}"), tags are not used; put text into quotes`));
  };
  visit(parsed, {
    Alias: (_, alias) =>
      void found.push(
        syntax(alias.range?.[0] ?? 0, `an alias stands here ("*${alias.source}"), values must be written out; put text into quotes`),
      ),
    Scalar: (_, scalar) => marks(scalar),
    Seq: (_, list) => marks(list),
    Map: (_, map) => {
      marks(map);
      // The library can look for these too, but compares every key with every other.
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const name = keyText(key);
        const at = startOf(key) ?? 0;
        // Assigned as a property it would not become a key.
        if (name === "__proto__") found.push(syntax(at, 'key "__proto__" cannot be used'));
        if (seen.has(name)) found.push(syntax(at, `key ${quoted(name)} stands twice in one map, each may stand once`));
        seen.add(name);
      }
    },
  });
  return found;
}

function fillIn(parsed: Document, env: Environment, refusal: (offset: number, message: string) => Finding): Finding[] {
  const found: Finding[] = [];
  visit(parsed, {
    Scalar: (key, scalar) => {
      if (key === "key" || typeof scalar.value !== "string" || !scalar.value.includes(`\${`)) return;
      const expansion = expand(scalar.value, env);
      const at = scalar.range?.[0] ?? 0;
      if (expansion.kind === "text") scalar.value = expansion.text;
      else if (expansion.kind === "unset") {
        const { name } = expansion;
        found.push(refusal(at, `Cannot fill in "\${${name}}": the environment has no ${name}, set it or write \${${name}:-default}`));
      } else found.push(refusal(at, `Cannot fill in ${quoted(scalar.value)}: "\${" begins no \${NAME} or \${NAME:-default}`));
    },
  });
  return found;
}

interface Part {
  readonly key: unknown;
  readonly value: unknown;
}

/** Keys are scalars that hold text: the parser sees to it. */
const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : "");

function documentOf(parsed: Document, whole: ConfigDocument["whole"], spotAt: (offset: number) => Spot): ConfigDocument {
  const root = parsed.contents;
  const pairs = new WeakMap<YAMLMap, ReadonlyMap<PropertyKey, Part>>();
  const step = (node: unknown, part: PropertyKey): Part | undefined => {
    if (isSeq(node)) return typeof part === "number" ? { key: undefined, value: node.items[part] } : undefined;
    if (!isMap(node)) return undefined;
    const known = pairs.get(node) ?? new Map(node.items.map((pair) => [keyText(pair.key), pair]));
    pairs.set(node, known);
    return known.get(part);
  };
  const nodeAt = (path: Path): unknown => path.reduce<unknown>((node, part) => step(node, part)?.value, root);
  return {
    value: parsed.toJS(),
    whole,
    spot(path, part = "value") {
      let node: unknown = root;
      let offset = startOf(root) ?? 0;
      for (const [position, name] of path.entries()) {
        const next = step(node, name);
        if (next === undefined) break;
        const last = position === path.length - 1;
        const key = startOf(next.key);
        // What is missing in a map is told at the map's key, where there is one.
        offset = (last && part === "value" ? startOf(next.value) : key) ?? startOf(next.value) ?? key ?? offset;
        node = next.value;
      }
      return spotAt(offset);
    },
    keys(path) {
      const node = nodeAt(path);
      return isMap(node) ? node.items.map((pair) => keyText(pair.key)) : [];
    },
    written(path) {
      const node = nodeAt(path);
      return isScalar(node) && typeof node.source === "string" ? node.source : undefined;
    },
  };
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined;
}
