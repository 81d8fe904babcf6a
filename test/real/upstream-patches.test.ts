/** The patches of a mirror, made with the real diff from the real Packages of a release: followed, chained and merged, for less than the file. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Archive } from "../support/archive.ts";
import { runWell } from "../support/child.ts";
import { machineSources, reachable } from "../support/machine-sources.ts";
import { needs, without } from "../support/needs.ts";
import { withPatches } from "../support/patches.ts";
import { newWorld, upstream } from "../support/world.ts";

const PATH = "main/binary-amd64/Packages";
const FETCH_LIMIT_MS = 120_000;
const UNXZ_LIMIT_MS = 60_000;
const CHANGED = 200;

/** As a push of the archive changes it: versions go up, some packages go, some come. */
function changed(text: string, round: number): string {
  const stanzas = text.split("\n\n");
  const every = Math.floor(stanzas.length / CHANGED);
  return stanzas
    .flatMap((stanza, position) => {
      if (position % every !== round) return [stanza];
      if (position % 40 === 0) return [];
      const next = stanza
        .replace(/^Version: (.*)$/m, `Version: $1+round${round}`)
        .replace(/^SHA256: ..../m, `SHA256: ${String(round).repeat(4)}`);
      const other = stanza
        .replace(/^Package: (.*)$/m, `Package: $1-round${round}`)
        .replace(/^(Filename: .*)\.deb$/m, `$1-round${round}.deb`);
      return position % 37 === 0 ? [next, other] : [next];
    })
    .join("\n\n");
}

test("a mirror's patches of a real index are followed, and cost less than it", async (t) => {
  if (!needs(t, "diff", "xz")) return;
  const source = (await machineSources()).find(({ component, suite, codename }) => component === "main" && suite === codename);
  if (source === undefined || !(await reachable(source))) return void without(t, "this machine's apt has no release that can be reached");
  const answer = await fetch(`${source.baseUri}/dists/${source.suite}/main/binary-${source.architecture}/Packages.xz`, {
    signal: AbortSignal.timeout(FETCH_LIMIT_MS),
  });
  const first = await runWell("xz", ["-dc"], { input: Buffer.from(await answer.arrayBuffer()), timeoutMs: UNXZ_LIMIT_MS });
  const states = [first.toString("latin1")];
  for (const round of [1, 2, 3]) states.push(changed(states.at(-1) ?? "", round));
  const texts = states.map((text) => Buffer.from(text, "latin1"));
  const archive = (generation: number): Archive =>
    upstream({ architectures: ["amd64"] })
      .compressions(["gz"])
      .index(PATH, texts[generation] ?? assert.fail())
      .at(`2026-10-0${generation + 1}`);
  // Packages that go and change by chance break others.
  const options = { suites: { merged: { architectures: ["amd64"], policy: { uninstallable: "off" } } } };

  for (const merged of [false, true]) {
    await t.test(merged ? "merged" : "chained", async (t) => {
      const world = await newWorld(t, { base: archive(0) }, options);
      assert.equal((await world.run({ now: "2026-10-01T12:00:00Z" })).exit, 0);
      // One generation back, then two: from an index that was made by patches itself.
      for (const generation of [1, 3]) {
        await world.publish("base", await withPatches(archive(generation), PATH, texts.slice(0, generation + 1), { merged }));
        world.mirror("base").requests.length = 0;
        const { exit, problems, report } = await world.run({ now: `2026-10-0${generation + 1}T12:00:00Z` });
        assert.deepEqual([exit, problems], [0, []]);
        const mirror = report?.suites[0]?.mirrors[0];
        assert.deepEqual(mirror?.via, ["full", "pdiff"]);
        const paths = world.mirror("base").requests.map(({ path }) => path);
        assert.ok(!paths.some((path) => path.endsWith("/Packages.gz")), paths.join(" "));
        assert.ok((mirror?.bytes ?? 0) < 600_000, `${mirror?.bytes} bytes were fetched`);
        t.diagnostic(`generation ${generation}: ${paths.length} requests, ${mirror?.bytes} bytes`);
        const published = await world.text(PATH);
        assert.ok(published.includes(`+round${generation}`));
      }
    });
  }
});
