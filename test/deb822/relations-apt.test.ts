/** apt's own reader of relations agrees with ours, over the relations of real indices and over odd forms. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fitsArchitecture, parseGroup, splitGroups } from "../../lib/deb822/relations.ts";
import { run, runWell } from "../support/child.ts";
import { needs, without } from "../support/needs.ts";

const BINARY = /^(?:Pre-Depends|Depends|Recommends|Suggests|Enhances|Conflicts|Breaks|Replaces|Provides|Built-Using): *((?:.|\n[ \t])*)/gm;
const SOURCE = /^Build-(?:Depends|Conflicts)(?:-Arch|-Indep)?:[ \t]*((?:.|\n[ \t])*)/gm;

type Reader = "parse_depends" | "parse_src_depends";
/** One alternative as apt gives it: name, version and operator, empty when there is none. */
type Triple = readonly [string, string, string];

/** What apt reads in each text: null where it refuses it. One child for all; undefined when the test cannot run. */
async function aptReads(t: TestContext, reader: Reader, texts: readonly string[]): Promise<readonly unknown[] | undefined> {
  if (!needs(t, "env")) return undefined;
  const script = `
import sys
try:
    import apt_pkg
except ImportError:
    sys.exit(70)
import json
apt_pkg.init()
def read(text):
    try:
        return apt_pkg.${reader}(text, False, "amd64")
    except ValueError:
        return None
print(json.dumps([read(text) for text in json.load(sys.stdin)]))`;
  const child = await run("env", ["/usr/bin/python3", "-c", script], { input: Buffer.from(JSON.stringify(texts)) });
  if (child.rc === 70 || child.rc === 127) {
    without(t, "python3-apt is not installed (apt-get install provides it)");
    return undefined;
  }
  assert.equal(child.rc, 0, child.stderr.toString());
  const answer: unknown = JSON.parse(child.stdout.toString());
  assert.ok(Array.isArray(answer));
  return answer;
}

/** Ours in apt's form: apt writes `<` for `<<`, and of source relations it leaves out what is not for amd64 without build profiles. */
function weRead(reader: Reader, text: string): readonly (readonly Triple[])[] | null {
  const alternatives = parseGroup(text);
  if (alternatives === undefined) return null;
  const meant = alternatives.filter(
    (one) =>
      reader === "parse_depends" ||
      (fitsArchitecture(one, "amd64") &&
        (one.profiles.length === 0 || one.profiles.some((words) => words.every((word) => word.startsWith("!"))))),
  );
  const group = meant.map(({ name, qualifier, constraint }): Triple => {
    const operator = constraint?.operator.replace("<<", "<").replace(">>", ">") ?? "";
    return [qualifier === undefined ? name : `${name}:${qualifier}`, constraint?.version ?? "", operator];
  });
  return group.length === 0 ? [] : [group];
}

const demo = join(import.meta.dirname, "../../config/demo");

/** The indices of the demo, which are cut from Debian, and all Packages files that this machine's apt holds. */
async function indexTexts(): Promise<readonly string[]> {
  const files = (await readdir(demo, { recursive: true })).filter((path) => /(?:Packages|Sources)\.xz$/.test(path)).sort();
  const texts = await Promise.all(
    files.map(async (path) => runWell("xz", ["--decompress", "--stdout"], { input: await readFile(join(demo, path)) })),
  );
  const targets = await run("apt-get", ["indextargets", "--format", "$(FILENAME)", "Created-By: Packages"]).catch(() => undefined);
  for (const path of targets?.stdout.toString().split("\n").filter(Boolean) ?? []) {
    const file = await run("env", ["/usr/lib/apt/apt-helper", "cat-file", path]).catch(() => undefined);
    if (file?.rc === 0) texts.push(file.stdout);
  }
  return texts.map((bytes) => bytes.toString("latin1"));
}

for (const [what, reader, fields] of [
  ["binary", "parse_depends", BINARY],
  ["source", "parse_src_depends", SOURCE],
] as const) {
  test(`apt reads the ${what} relations of real indices as we do`, async (t) => {
    if (!needs(t, "xz")) return;
    const groups = new Set<string>();
    for (const text of await indexTexts())
      for (const [, value] of text.matchAll(fields)) for (const group of splitGroups(value ?? "")) groups.add(group);
    assert.ok(groups.size > 20, `only ${groups.size} groups`);
    const texts = [...groups];
    const theirs = await aptReads(t, reader, texts);
    if (theirs === undefined) return;
    for (const [position, text] of texts.entries()) assert.deepEqual(weRead(reader, text), theirs[position], text);
  });
}

test("apt reads odd forms of source relations as we do", async (t) => {
  // A version of one digit without operator, and two blanks between brackets, are beyond apt: it refuses the one and dies of the other.
  const parts = [
    ["a", "a:any", "a:amd64"],
    ["", "(1.0)", "(<1.0)", " ( >> 1:2-3~x ) ", "(<= 1.0)", "(=1.0)"],
    ["", "[amd64]", " [!amd64]", " [i386 linux-any ]", "[any-i386]", "[musl-linux-any]", "[gnu-any-any]", "[x32 hurd-any]"],
    ["", "<!nocheck>", " <nocheck>", " <!nocheck !cross> <x>", "<x><!y>"],
  ] as const;
  const texts = parts[0].flatMap((name) =>
    parts[1].flatMap((version) =>
      parts[2].flatMap((architectures) =>
        parts[3].flatMap((profiles) => [
          `${name}${version}${architectures}${profiles}`,
          `b | ${name}${version}${architectures}${profiles}`,
        ]),
      ),
    ),
  );
  const theirs = await aptReads(t, "parse_src_depends", texts);
  if (theirs === undefined) return;
  for (const [position, text] of texts.entries()) assert.deepEqual(weRead("parse_src_depends", text), theirs[position], text);
});
