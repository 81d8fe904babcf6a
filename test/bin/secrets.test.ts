/** Passwords of mirrors and keys stand in the config alone: in no message, no stored file and no published one. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "node:test";
import { hangUp, redirect, status } from "../support/fault-answers.ts";
import type { Answer, Rule } from "../support/fault-server.ts";
import { newKey } from "../support/keys.ts";
import { deb, newWorld, RECENTLY, type TestWorld, upstream } from "../support/world.ts";

const calm = upstream().deb(deb("hello")).at(RECENTLY);
const PASSPHRASE = "pass-phrase-9x7";
const LOCKED = await newKey({ userId: "Locked", passphrase: PASSPHRASE });

/** Put together, as a template would be filled in here. */
const FROM_ENVIRONMENT = ["$", "{SECRET}"].join("");

/** User, password as it is written in the URL, and every form in which it must not come out. */
const CREDENTIALS = [
  ["plain", "scrooge:t0psecret", ["t0psecret", "scrooge"]],
  ["with an escaped @ and /", "scrooge:t0p%40sec%2Fret", ["t0p", "sec%2Fret", "sec/ret", "scrooge"]],
  ["with a bare @", "scrooge:t0p@secret", ["t0p", "secret", "scrooge"]],
] as const;

async function assertNowhere(world: TestWorld, secrets: readonly string[], texts: readonly string[]): Promise<void> {
  const files: string[] = [];
  for (const folder of [world.output, world.state]) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])) {
      if (entry.isFile()) files.push(join(entry.parentPath, entry.name));
    }
  }
  for (const secret of [...secrets, Buffer.from(secrets.join(":")).toString("base64")]) {
    for (const text of texts) assert.ok(!text.includes(secret), `"${secret}" is in: ${text}`);
    for (const file of files) assert.ok(!(await readFile(file)).includes(secret), `"${secret}" is in ${file}`);
  }
}

for (const [name, credentials, secrets] of CREDENTIALS) {
  test(`O06: a password ${name} in a mirror's URL shows nowhere`, async (t) => {
    const world = await newWorld(t, { base: calm });
    const mirror = world.mirror("base");
    const url = mirror.url.replace("http://", `http://${credentials}@`);
    await world.configure({ mirrors: { base: { url } } });
    const needs: Answer = ({ request, response }) => {
      if (request.headers.authorization?.startsWith("Basic ")) return "tree";
      response.writeHead(401, { "Content-Length": 0 });
      return response.end();
    };
    const texts: string[] = [];
    const run = async (args: readonly string[], expected: number): Promise<void> => {
      const result = await world.cli(args);
      assert.equal(result.status, expected, result.stderr);
      texts.push(result.stdout, result.stderr);
    };
    mirror.rules = [[/./, needs]];
    await run(["--verbose", "merge", "--report", "json"], 0);
    await run(["--verbose", "merge", "--report", "text"], 0);
    await run(["webserver", "nginx"], 0);
    await run(["check"], 0);
    await run(["explain", "hello"], 0);
    await run(["explain", "hello", "--format", "json"], 0);
    await run(["verify"], 0);
    for (const format of name === "plain" ? ["text", "json", "markdown", "html"] : []) await run(["diff", "--format", format], 0);
    const faults: readonly (readonly [Rule[], number])[] = [
      [[[/./, status(401)]], 4],
      [[[/./, status(404)]], 4],
      [[[/./, status(500)]], 4],
      [[[/./, hangUp]], 4],
      [[[/./, redirect("/elsewhere")]], 4],
      [[[/./, redirect("ftp://x.example/")]], 4],
      [[[/./, status(200, {}, "login")]], 5],
    ];
    // Where the messages come from is tried once in full; the other forms differ in how a URL is written.
    for (const [rules, expected] of name === "plain" ? faults : faults.slice(1, 4)) {
      mirror.rules = rules;
      await run(["--verbose", "merge", "--full", "--report", "json"], expected);
    }
    mirror.rules = [];
    await world.publish(
      "base",
      calm
        .deb(deb("more"))
        .at(new Date(RECENTLY.getTime() + 1000))
        .tamper("dists/stable/main/binary-amd64/Packages.xz", () => undefined),
    );
    await run(["--verbose", "merge", "--report", "json"], 4);
    for (const format of name === "plain" ? ["markdown", "html"] : []) await run(["--verbose", "merge", "--report", format], 4);
    await run(["--verbose", "diff"], 4);
    await mirror.close();
    await run(["--verbose", "merge", "--report", "json"], 4);
    await assertNowhere(world, secrets, texts);
  });
}

test("O06: a password in a URL that the config is refused for is not repeated", async (t) => {
  const world = await newWorld(t, { base: calm });
  for (const url of ["http://scrooge:t0psecret@host.example/?query", "ftp://scrooge:t0psecret@host.example/"]) {
    await world.configure({ mirrors: { base: { url } } });
    const { status: exit, stdout, stderr } = await world.cli(["check"]);
    assert.equal(exit, 3);
    await assertNowhere(world, ["t0psecret"], [stdout, stderr]);
  }
});

test("K09, O06: the passphrase of a signing key shows nowhere", async (t) => {
  const world = await newWorld(t, { base: calm }, { config: { sign: [{ key: "signing-key.asc", passphrase: FROM_ENVIRONMENT }] } });
  await writeFile(world.signingKey, LOCKED.secretArmored);
  const right = await world.cli(["--verbose", "merge", "--report", "json"], { env: { SECRET: PASSPHRASE } });
  assert.equal(right.status, 0, right.stderr);
  const wrong = await world.cli(["--verbose", "merge", "--full", "--report", "json"], { env: { SECRET: `${PASSPHRASE}x` } });
  assert.equal(wrong.status, 8);
  const absent = await world.cli(["--verbose", "merge"]);
  assert.equal(absent.status, 3);
  await assertNowhere(
    world,
    [PASSPHRASE],
    [right, wrong, absent].flatMap(({ stdout, stderr }) => [stdout, stderr]),
  );
});

test("K09: the secret key shows nowhere, and neither it nor gpg's folder may lie in the tree", async (t) => {
  const key = await newKey({ userId: "Merged Archive" });
  const world = await newWorld(t, { base: calm });
  await writeFile(world.signingKey, key.secretArmored);
  const good = await world.cli(["--verbose", "merge", "--report", "json"]);
  assert.equal(good.status, 0, good.stderr);
  const lines = key.secretArmored.split("\n").filter((line) => line.length > 40 && !line.startsWith("-"));
  assert.ok(lines.length > 2);
  await assertNowhere(world, ["PRIVATE KEY", ...lines], [good.stdout, good.stderr]);
  for (const entry of [{ key: "output/key.asc" }, { gpg: key.fingerprint, homedir: "output/gnupg" }]) {
    await world.configure({ config: { sign: [entry] } });
    const { status: exit, stderr } = await world.cli(["merge"]);
    assert.equal(exit, 3, stderr);
    assert.match(stderr, /^aptmerge: error CONFIG_INVALID: .*lies in output/m);
  }
});
