/** Our order of versions against dpkg's own, on real, tricky and mutated versions. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { compareVersions, isVersion } from "../../lib/archive/version.ts";
import { run } from "../support/child.ts";
import { needs } from "../support/needs.ts";

const PAIRS = 2000;
const DEMO = join(import.meta.dirname, "../../config/demo");
const TRICKY = [
  "0",
  "0:0",
  "1",
  "01",
  "1.0",
  "1.0-0",
  "1.0-1",
  "1.0~rc1",
  "1.0~~",
  "1.0~",
  "1.0a",
  "1.0+",
  "1.0.",
  "1:0.9",
  "1.0-1+b1",
  "1.0-1~bpo1",
]
  .concat([
    "10",
    "9",
    "1.10",
    "1.9",
    "1.3.1-1",
    "1.03-3",
    "2:1.0-1-1",
    "1.0-a",
    "1.0-+",
    "a1",
    "1.0+dfsg-1",
    "1.0+dfsg~rc-1",
    "12345678901234567890",
  ])
  .concat(["12345678901234567891", "1.0-00", "1.0-000~", "1a1", "1A1", "1.0:1-1"].filter(isVersion));

/** Park and Miller's generator: the same pairs in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** Versions of the demo's real stanzas. */
function realVersions(): readonly string[] {
  const found = new Set<string>();
  for (const entry of readdirSync(DEMO, { recursive: true, withFileTypes: true })) {
    if (!entry.name.endsWith(".xz")) continue;
    const text = execFileSync("xz", ["-dc", join(entry.parentPath, entry.name)], { encoding: "latin1" });
    for (const match of text.matchAll(/^Version: (.*)$/gm)) found.add(match[1] ?? "");
  }
  return [...found].sort();
}

function mutated(version: string, random: (below: number) => number): string {
  const alphabet = "0123456789abzAZ.+~-";
  const at = random(version.length + 1);
  const piece = alphabet[random(alphabet.length)] ?? "0";
  return (
    [version.slice(0, at) + piece + version.slice(at), version.slice(0, at) + version.slice(at + 1), version + piece][random(3)] ?? version
  );
}

test(`compareVersions agrees with dpkg --compare-versions on ${PAIRS} pairs`, (t) => {
  if (!needs(t, "dpkg", "xz")) return;
  const random = randomFrom(20_261_121);
  const pool = [...TRICKY, ...realVersions()];
  const pick = (): string => pool[random(pool.length)] ?? "1";
  const pairs: (readonly [string, string])[] = [];
  while (pairs.length < PAIRS) {
    const left = pick();
    const right = random(3) === 0 ? pick() : mutated(left, random);
    if (isVersion(left) && isVersion(right)) pairs.push([left, right]);
  }
  // Two processes of dpkg a pair: one shell asks for all of them.
  const script = `while read -r a b; do
    if dpkg --compare-versions "$a" lt "$b" 2>/dev/null; then echo -1; elif dpkg --compare-versions "$a" gt "$b" 2>/dev/null; then echo 1; else echo 0; fi
  done`;
  const output = execFileSync("sh", ["-c", script], { input: pairs.map((pair) => `${pair.join(" ")}\n`).join(""), encoding: "utf8" });
  const verdicts = output.trim().split("\n").map(Number);
  assert.equal(verdicts.length, PAIRS);
  const wrong = pairs.flatMap(([left, right], position) => {
    const ours = compareVersions(left, right);
    return ours === verdicts[position] ? [] : [`${left} ${right}: ours ${ours}, dpkg ${verdicts[position]}`];
  });
  assert.deepEqual(wrong, []);
});

/** What dpkg says of the text as a version; one that starts with a letter is old but real, and dpkg only warns. */
async function dpkgAccepts(text: string): Promise<boolean> {
  const { rc, stderr } = await run("dpkg", ["--validate-version", text]);
  return rc === 0 || (rc === 1 && stderr.includes("version number does not start with digit"));
}

test("M22: isVersion agrees with dpkg --validate-version", async (t) => {
  if (!needs(t, "dpkg")) return;
  const odd = ["abc", "~1", "a:1", "1a:1", ":1", "1:", "1-", "1_0", "1 0", "1:2-3:4", "1:2:3-4", "1.0-1_2", "1.0~", "1-~", "1é", "1:-1"];
  const long = ["2147483647:1", "2147483648:1", "99999999999:1", `1.${"0".repeat(300)}`];
  for (const text of [...TRICKY, ...odd, ...long]) assert.equal(isVersion(text), await dpkgAccepts(text), text);
});
