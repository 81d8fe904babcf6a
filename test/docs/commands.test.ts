/** What the pages tell people to type exists: commands, flags, and the README's tables of both sides. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CODES, type Code } from "../../lib/errors.ts";
import { runCli } from "../support/cli-child.ts";
import { codeIn, fencesOf, PAGES, proseOf, readPage, tableBelow } from "./pages.ts";

interface Help {
  readonly commands: readonly string[];
  /** Flag to whether a value follows it. */
  readonly flags: ReadonlyMap<string, boolean>;
}

async function helpOf(...command: string[]): Promise<Help> {
  const { status, stdout } = await runCli([...command, "--help"]);
  assert.equal(status, 0);
  const flags = [...stdout.matchAll(/^ {2}(?:-[A-Za-z], )?(--[a-z-]+)( <)?/gm)];
  const list = stdout.split(/^Commands:$/m)[1]?.split("\n\n")[0] ?? "";
  return {
    commands: [...list.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name ?? ""),
    flags: new Map(flags.map(([, flag, value]) => [flag ?? "", value !== undefined])),
  };
}

const top = await helpOf();
const commands = top.commands.filter((name) => name !== "help");
const helps = new Map(await Promise.all(commands.map(async (name) => [name, await helpOf(name)] as const)));

/** Why a line that begins with aptmerge cannot be typed; undefined when it can. */
function lineFault(words: readonly string[]): string | undefined {
  let known = top.flags;
  let command: string | undefined;
  for (let position = 1; position < words.length; position++) {
    const word = words[position] ?? "";
    if (/^(?:[|>;&]|&&|\d?>)/.test(word)) return command === undefined ? "it names no command" : undefined;
    if (word.startsWith("--")) {
      const [flag = "", value] = word.split("=");
      const takes = known.get(flag);
      if (takes === undefined) return `${command ?? "aptmerge"} has no flag ${flag}`;
      if (takes && value === undefined) position++;
    } else if (command === undefined && word !== "COMMAND") {
      command = word;
      const help = helps.get(word);
      if (help === undefined) return `there is no command ${word}`;
      known = new Map([...top.flags, ...help.flags]);
    } else command ??= word;
  }
  return undefined;
}

const PROGRAM = /^(?:bin\/)?aptmerge$/;

for (const page of PAGES) {
  test(`${page}: every command line of aptmerge names a command and flags that it has`, () => {
    const lines = fencesOf(page)
      .filter(({ language }) => language === "sh")
      .flatMap(({ text }) => text.split("\n"))
      .flatMap((line) => line.replace(/#.*$/, "").split("&&"));
    const inline = codeIn(proseOf(page)).filter((code) => / /.test(code));
    for (const line of [...lines, ...inline]) {
      const words = line.trim().split(/\s+/);
      if (!PROGRAM.test(words[0] ?? "")) continue;
      assert.equal(lineFault(words), undefined, line.trim());
    }
  });
}

test("the check of command lines finds a command and a flag that are not there", () => {
  assert.match(lineFault(["bin/aptmerge", "mrege"]) ?? "", /no command mrege/);
  assert.match(lineFault(["aptmerge", "--config", "W", "diff", "--acept"]) ?? "", /diff has no flag --acept/);
});

test("README: the table of commands has every command once, and names only flags that the command has", () => {
  const rows = tableBelow("README.md", "## Commands");
  const named = rows.map(([command = ""]) => codeIn(command)[0]?.split(" ")[0] ?? "");
  assert.deepEqual([...named].sort(), [...commands].sort());
  for (const [position, [, does = ""]] of rows.entries()) {
    const flags = codeIn(does).filter((code) => code.startsWith("--"));
    for (const flag of flags) assert.ok(helps.get(named[position] ?? "")?.flags.has(flag), `${named[position]} ${flag}`);
  }
});

test("README: no command and no flag that it calls missing is there", () => {
  const section = readPage("README.md").split("## What it does not do (yet)")[1]?.split("\n## ")[0] ?? "";
  const missing = codeIn(section).filter((code) => code !== "merge");
  assert.ok(missing.includes("key"));
  const there = new Set([...commands, ...[...helps.values()].flatMap(({ flags }) => [...flags.keys()])]);
  assert.deepEqual(
    missing.filter((code) => there.has(code)),
    [],
  );
});

test("README: the table of exit codes is that of lib/errors.ts", () => {
  const told = new Map(tableBelow("README.md", "## Exit codes").map(([exit, , codes = ""]) => [Number(exit), [...codeIn(codes)].sort()]));
  const real = new Map<number, Code[]>([
    [0, []],
    [1, []],
  ]);
  for (const [code, { exit }] of Object.entries(CODES) as [Code, { exit: number }][]) real.set(exit, [...(real.get(exit) ?? []), code]);
  const sorted = (table: ReadonlyMap<number, readonly string[]>) =>
    [...table].map(([exit, codes]) => [exit, [...codes].sort()] as const).sort(([left], [right]) => left - right);
  assert.deepEqual(sorted(told), sorted(real));
});
