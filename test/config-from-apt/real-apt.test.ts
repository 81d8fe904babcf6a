/** Against the apt of this machine. */
import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { readAptSettings } from "../../config/from-apt/apt-settings.ts";
import { readListed } from "../../config/from-apt/lists-folder.ts";
import { readMachine } from "../../config/from-apt/machine.ts";
import { archive } from "../support/archive.ts";
import { run } from "../support/child.ts";
import { newKey } from "../support/keys.ts";
import { needs, without } from "../support/needs.ts";
import { machineRoot } from "./machine-root.ts";

test("what apt fetched is found under the name that apt gave it", async (t) => {
  if (!needs(t, "apt-get", "apt-config")) return;
  const key = await newKey();
  const machine = await machineRoot(t, { "keys.asc": key.publicArmored });
  const lines: string[] = [];
  const stanzas: string[] = [];
  for (const [place, suite, component] of [
    ["plain", "stable", "main"],
    ["odd_~+%20name", "stable/updates", "main"],
    ["flat", "./", ""],
    ["flat-slash", "/", ""],
    ["flat-sub", "sub/", ""],
  ] as const) {
    const built = await archive({ suite: suite === "/" ? "./" : suite, key, origin: place }).build();
    for (const [path, bytes] of built) {
      const file = join(machine.root, "srv", decodeURIComponent(place), path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
    }
    const uri = `file:${machine.root}/srv/${place}`;
    lines.push(`deb [signed-by=${machine.root}/etc/keys.asc] ${uri} ${suite} ${component}`);
    stanzas.push(`Types: deb\nURIs: ${uri}\nSuites: ${suite}\nComponents: ${component}\nSigned-By: ${machine.root}/etc/keys.asc\n`);
  }
  const conf = `APT::Sandbox::User "root"; Dir::State::status "/dev/null"; Dir::Cache "${machine.root}/cache"; Acquire::Languages "none";`;
  await machine.write("more.conf", conf);
  // The two formats treat %20 differently.
  for (const [list, sources] of [
    [lines.join("\n"), ""],
    ["", stanzas.join("\n")],
  ] as const) {
    await machine.write("etc/sources.list", `${list}\n`);
    await machine.write("etc/sources.list.d/x.sources", sources);
    await rm(join(machine.root, "state/lists"), { recursive: true, force: true });
    await mkdir(join(machine.root, "state/lists/partial"), { recursive: true });
    const result = await run("apt-get", ["-c", join(machine.root, "more.conf"), "update"], { env: machine.env });
    assert.equal(result.rc, 0, result.stderr.toString());

    const { entries, settings } = await readMachine(await readAptSettings(machine.env));
    assert.equal(entries.length, 5);
    for (const { url, uri, suite } of entries) {
      const fields = await readListed(settings.lists, uri, suite);
      assert.equal(fields?.get("origin"), url.slice(url.lastIndexOf("/") + 1), `${uri} ${suite}`);
    }
  }
});

test("every http source that apt has on this machine is read, with the suites and components that apt names", async (t) => {
  if (!needs(t, "apt-get", "apt-config")) return;
  const format = "$(REPO_URI)\t$(RELEASE)\t$(COMPONENT)";
  const targets = await run("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]);
  const apt = targets.stdout
    .toString()
    .split("\n")
    .filter((line) => /^https?:/.test(line) && !line.includes("$("));
  if (apt.length === 0) {
    without(t, "this machine has no http source with components");
    return;
  }
  const machine = await readMachine(await readAptSettings(process.env));
  const ours = machine.entries
    .filter((entry) => !entry.source && /^https?:/.test(entry.url))
    .flatMap((entry) => entry.components.map((component) => `${entry.url}/\t${entry.suite}\t${component}`));
  assert.deepEqual([...new Set(ours)].sort(), [...new Set(apt)].sort());
  assert.deepEqual(machine.entries[0]?.options.architectures[0], (await run("dpkg", ["--print-architecture"])).stdout.toString().trim());
});
