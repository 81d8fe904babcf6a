/**
 * Reads Debian's three formats of override files.
 *
 *     override.SUITE.COMPONENT                    package priority section        debs
 *     override.SUITE.COMPONENT.debian-installer   package priority section        udebs
 *     override.SUITE.COMPONENT.src                package section                 sources
 *     override.SUITE.extra.COMPONENT              package Field value…            debs
 *     override.SUITE.extra.COMPONENT.src          package Field value…            sources
 *
 * Each may end in `.gz`; `#` starts a comment line. A slash in a suite's name is written `-`.
 *
 * @see CONTRACT section 6; deb-override(5), deb-extra-override(5)
 */
import type { ComponentName, SuiteName } from "../archive/names.ts";
import { FIXED_FIELDS, PRIORITIES, valueFault } from "../archive/override-fields.ts";
import type { SetField } from "../deb822/edit.ts";
import { MergeError, type Problem, problem } from "../errors.ts";
import type { IndexKindName, OverrideRuleSettings } from "../settings.ts";

/** One override file of the folder, uncompressed; `name` is as it lies there. */
export interface OverrideFile {
  readonly name: string;
  readonly bytes: Buffer;
  /** Of a YAML file. */
  readonly rules?: readonly OverrideRuleSettings[];
}

/** What one line says. */
export interface OverrideRule {
  readonly file: string;
  readonly line: number;
  readonly name: string;
  readonly edit: SetField;
}

/** Rules of one index kind and component: package name to what is set, later rules on top. */
export interface OverrideTable {
  readonly kind: IndexKindName;
  readonly component: ComponentName;
  readonly rules: ReadonlyMap<string, readonly OverrideRule[]>;
}

type Line = { readonly words: readonly Word[]; readonly number: number };
type Word = { readonly text: string; readonly column: number };

/**
 * @throws nothing: every problem is in `errors`, so that all are told in one run
 */
export function readOverrides(
  suite: SuiteName,
  components: readonly ComponentName[],
  files: readonly OverrideFile[],
): { readonly tables: readonly OverrideTable[]; readonly errors: readonly MergeError[] } {
  const tables: OverrideTable[] = [];
  const errors: MergeError[] = [];
  for (const component of components) {
    const forms = formsOf(suite, component);
    for (const kind of ["packages", "udeb", "sources"] as const) {
      const rules = new Map<string, OverrideRule[]>();
      for (const [name, of, parse] of forms) {
        if (of !== kind) continue;
        for (const file of files) if (file.name === name || file.name === `${name}.gz`) readFile(file, parse, rules, errors);
      }
      if (rules.size > 0) tables.push({ kind, component, rules });
    }
  }
  return { tables, errors };
}

/** A warning per file that is named like an override file and fits no suite and component of the config: a slip that would go unseen. */
export function strayOverrides(
  files: readonly OverrideFile[],
  suites: readonly { readonly name: SuiteName; readonly components: readonly ComponentName[] }[],
): readonly Problem[] {
  const known = new Set(
    suites.flatMap(({ name, components }) => components.flatMap((component) => formsOf(name, component).map(([file]) => file))),
  );
  return files.flatMap(({ name, rules }) => {
    if (rules !== undefined) return strayRules(rules, suites);
    if (known.has(name.replace(/\.gz$/, ""))) return [];
    const text = `The override file "${name}" fits no suite and component of the config: it does nothing`;
    return [
      problem(
        "warning",
        "OVERRIDE_UNUSED",
        text,
        { file: name },
        "Name it override.SUITE.COMPONENT with names of the config, or remove it",
      ),
    ];
  });
}

/** A rule that lists several names is several: it is told once. */
function strayRules(rules: readonly OverrideRuleSettings[], suites: readonly { readonly name: SuiteName }[]): readonly Problem[] {
  const texts = rules.flatMap(({ file, line, match }) => {
    if (match.suite === undefined || suites.some(({ name }) => name === match.suite)) return [];
    return [[`${file}:${line}: The rule is for suite "${match.suite}", which the config does not have: it does nothing`, file] as const];
  });
  const hint = `The config has ${suites.map(({ name }) => name).join(", ")}`;
  return [...new Map(texts)].map(([text, file]) => problem("warning", "OVERRIDE_UNUSED", text, { file }, hint));
}

/** Whether a file's name says that it holds overrides in one of Debian's formats. */
export const isOverrideName = (name: string): boolean => name.startsWith("override.");

/** Whether a file of the folder holds overrides at all: in one of Debian's formats, or in YAML. */
export const isOverrideFile = (name: string): boolean => isOverrideName(name) || /^[^.].*\.ya?ml$/.test(name);

type Form = readonly [name: string, kind: IndexKindName, parse: (line: Line, file: string) => readonly SetField[]];

/** The files that are read for a suite's component, without `.gz`. */
function formsOf(suite: SuiteName, component: ComponentName): readonly Form[] {
  const stem = `override.${suite.replaceAll("/", "-")}`;
  return [
    [`${stem}.${component}`, "packages", (line, file) => prioritySection(line, file, component)],
    [`${stem}.${component}.debian-installer`, "udeb", (line, file) => prioritySection(line, file, component)],
    [`${stem}.${component}.src`, "sources", (line, file) => sourceSection(line, file, component)],
    [`${stem}.extra.${component}`, "packages", extraField],
    [`${stem}.extra.${component}.src`, "sources", extraField],
  ];
}

function readFile(
  file: OverrideFile,
  parse: (line: Line, file: string) => readonly SetField[],
  rules: Map<string, OverrideRule[]>,
  errors: MergeError[],
): void {
  for (const [position, text] of file.bytes.toString("utf8").split("\n").entries()) {
    const words = [...text.matchAll(/\S+/g)].map((match) => ({ text: match[0], column: match.index + 1 }));
    const [name] = words;
    if (name === undefined || name.text.startsWith("#")) continue;
    const line = { words, number: position + 1 };
    try {
      if (/[\x00-\x08\x0b-\x1f\x7f]/.test(text)) refuse(file.name, line, 1, "it holds control characters", "a line must be plain text");
      const list = rules.get(name.text) ?? [];
      for (const edit of parse(line, file.name)) list.push({ file: file.name, line: line.number, name: name.text, edit });
      rules.set(name.text, list);
    } catch (error) {
      if (!(error instanceof MergeError)) throw error;
      errors.push(error);
    }
  }
}

function refuse(file: string, line: Line, column: number, found: string, wanted: string): never {
  throw new MergeError("OVERRIDE_MALFORMED", `${file}:${line.number}:${column}: Cannot use this line: ${found}, ${wanted}`, { file });
}

function prioritySection(line: Line, file: string, component: ComponentName): readonly SetField[] {
  const [, priority, section, fourth] = line.words;
  if (priority === undefined || section === undefined) {
    return refuse(file, line, 1, `it has ${line.words.length} columns`, 'it must be "package priority section"');
  }
  if (fourth !== undefined)
    refuse(file, line, fourth.column, `it has a fourth column "${fourth.text}"`, "maintainer overrides go into the extra file");
  if (!PRIORITIES.has(priority.text)) {
    refuse(file, line, priority.column, `its priority is "${priority.text}"`, `it must be one of ${[...PRIORITIES].join(", ")}`);
  }
  return [
    { field: "Priority", value: priority.text },
    { field: "Section", value: sectionIn(section, line, file, component) },
  ];
}

function sourceSection(line: Line, file: string, component: ComponentName): readonly SetField[] {
  const [, section, third] = line.words;
  if (section === undefined) return refuse(file, line, 1, "it has one column", 'it must be "package section"');
  if (third !== undefined) refuse(file, line, third.column, `it has a third column "${third.text}"`, 'it must be "package section"');
  return [{ field: "Section", value: sectionIn(section, line, file, component) }];
}

function extraField(line: Line, file: string): readonly SetField[] {
  const [, field, ...value] = line.words;
  if (field === undefined || value.length === 0)
    return refuse(file, line, 1, `it has ${line.words.length} columns`, 'it must be "package Field value"');
  if (!/^[A-Za-z0-9][!-9;-~]*$/.test(field.text))
    refuse(file, line, field.column, `its field is "${field.text}"`, "it must be a field name without a colon");
  if (FIXED_FIELDS.has(field.text.toLowerCase())) {
    refuse(file, line, field.column, `it sets "${field.text}"`, "that field says what the package is and stays as it came");
  }
  const joined = value.map((word) => word.text).join(" ");
  const fault = valueFault(field.text, joined);
  if (fault !== undefined) refuse(file, line, value[0]?.column ?? 1, `its ${field.text} is "${preview(joined)}"`, `it must be ${fault}`);
  return [{ field: field.text, value: joined }];
}

/** Archives write `contrib/net` or `net`; the merged index always names the component except for main. */
function sectionIn({ text: section, column }: Word, line: Line, file: string, component: ComponentName): string {
  const fault = valueFault("Section", section);
  if (fault !== undefined) refuse(file, line, column, `its section is "${preview(section)}"`, `it must be ${fault}`);
  const bare = section.startsWith(`${component}/`) ? section.slice(component.length + 1) : section;
  return component === "main" || bare.includes("/") ? bare : `${component}/${bare}`;
}

const preview = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
