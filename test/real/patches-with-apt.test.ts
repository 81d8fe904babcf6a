/** Real apt clients follow a merged tree by the patches that it publishes, through a real nginx with the config that aptmerge prints. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type IsolatedApt, isolatedApt } from "../support/apt.ts";
import type { Archive } from "../support/archive.ts";
import { needs } from "../support/needs.ts";
import { startPrinted } from "../support/nginx.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { deb, newWorld, RECENTLY, upstream } from "../support/world.ts";

const MINUTE_MS = 60_000;
const PACKAGES = "main/binary-amd64/Packages";
const TRANSLATION = "main/i18n/Translation-en";
const CONTENTS = "main/Contents-amd64";
const PACKAGE_COUNT = 800;

const nameOf = (position: number): string => `package-${String(position).padStart(4, "0")}`;
const at = (generation: number): Date => new Date(RECENTLY.getTime() - 50 * MINUTE_MS + generation * MINUTE_MS);

/** Some packages come, some go, some change, in packages, sources, descriptions and files. */
function state(generation: number): Archive {
  const positions = Array.from({ length: PACKAGE_COUNT }, (_, position) => position).filter((position) => position % 101 !== generation);
  const version = (position: number): string => (position % 97 < generation ? `1.${generation}` : "1");
  const md5 = (position: number): string => `${position % 53 < generation ? generation : 0}${String(position).padStart(31, "0")}`;
  return upstream()
    .debs(
      positions.map((position) => ({
        ...deb(nameOf(position), version(position)),
        Description: "short",
        "Description-md5": md5(position),
      })),
    )
    .source({ Package: nameOf(1), Version: version(1) })
    .index(
      TRANSLATION,
      positions.map((p) => `Package: ${nameOf(p)}\nDescription-md5: ${md5(p)}\nDescription-en: short\n long ${md5(p)}\n\n`).join(""),
    )
    .index(CONTENTS, positions.map((p) => `usr/bin/${nameOf(p)}-${version(p)} utils/${nameOf(p)}\n`).join(""))
    .at(at(generation));
}

test("apt follows the merged tree by patches, one generation or several at a time", async (t) => {
  if (!needs(t, "apt-get", "nginx")) return;
  const world = await newWorld(
    t,
    { base: state(0) },
    { suites: { merged: { from: ["base/stable"], components: ["main"], architectures: ["amd64", "source"] } } },
  );
  const generation = async (number: number): Promise<void> => {
    await world.publish("base", state(number));
    const { exit, problems } = await world.run({ now: at(number) });
    assert.equal(exit, 0, JSON.stringify(problems));
  };
  await generation(0);
  const nginx = await startPrinted(t, world.cli);
  if (nginx === undefined) return;

  const client = async (): Promise<IsolatedApt> => {
    const apt = await isolatedApt(await temporaryFolder());
    const keyring = await apt.keyFile("merged.asc", await readFile(join(world.output, "key.asc")));
    await apt.configure(`#clear Acquire::Languages;
Acquire::Languages { "en"; };
Acquire::IndexTargets::deb::Contents-deb { MetaKey "$(COMPONENT)/Contents-$(ARCHITECTURE)"; ShortDescription "Contents"; Description "Contents"; };
Acquire::GzipIndexes "false";\n`);
    await apt.sources(`deb [signed-by=${keyring}] ${nginx.url} merged main`);
    return apt;
  };
  /** Files that an update asked for. */
  const update = async (apt: IsolatedApt): Promise<readonly string[]> => {
    const before = (await nginx.accessLog()).length;
    const { rc, complaints, output } = await apt.update();
    assert.deepEqual([rc, complaints], [0, []], output);
    const lines = (await nginx.accessLog()).slice(before);
    return lines.map((line) => /"GET (\S+) /.exec(line)?.[1] ?? line);
  };
  const sameLists = async (apt: IsolatedApt): Promise<void> => {
    for (const path of [PACKAGES, TRANSLATION, CONTENTS]) {
      const list = (await apt.listFiles()).find((name) => name.endsWith(`_dists_merged_${path.replaceAll("/", "_")}`));
      assert.ok(list !== undefined, `apt has no ${path}: ${(await apt.listFiles()).join(" ")}`);
      assert.equal(await readFile(join(apt.root, "state/lists", list), "latin1"), await world.text(path), path);
    }
  };
  const [steady, lazy] = [await client(), await client()];
  for (const apt of [steady, lazy]) {
    assert.ok((await update(apt)).every((path) => !path.includes(".diff/T-")));
    await sameLists(apt);
  }
  const patchesIn = (paths: readonly string[]): readonly string[] =>
    paths.filter((path) => path.includes(".diff/T-")).map((path) => path.replace(/^.*\/merged\/|\.diff.*$/g, ""));
  const onlyByPatches = async (apt: IsolatedApt): Promise<void> => {
    const paths = await update(apt);
    assert.deepEqual([...patchesIn(paths)].sort(), [CONTENTS, PACKAGES, TRANSLATION].sort(), paths.join("\n"));
    const indices = paths.filter((path) => !/InRelease$|\.diff\//.test(path));
    assert.deepEqual(indices, [], "apt fetched a whole index");
    await sameLists(apt);
  };
  for (const number of [1, 2, 3]) {
    await generation(number);
    await onlyByPatches(steady);
  }
  await onlyByPatches(lazy);
});
