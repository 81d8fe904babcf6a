/** Gross regressions of speed only, so that a busy machine fails nothing: the best of a few rounds, against bare tools in the same round. */
import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sha256Of } from "../../lib/archive/digests.ts";
import { needs } from "../support/needs.ts";
import { numbers } from "../support/numbers.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { benchKey, mergeIn, mutate, PACKAGES, SOURCES, writeConfig, writeState } from "./archives.ts";
import { bondsOf, limitOf, publishedFiles } from "./limits.ts";

const ROUNDS = 3;
/** Of the time that bare tools take. */
const MOST = 3;
/** An update that costs more of a first merge than this does not take over what did not change. */
const MOST_OF_FIRST = 0.75;
const COUNT = 25_000;

/** About 20 MB that compress about as well as Debian's. */
function packages(): Buffer {
  const number = numbers(3);
  const words = Array.from({ length: 4000 }, (_, position) => sha256Of(`word ${position}`).slice(0, 3 + number(8)));
  const sentence = (count: number): string => Array.from({ length: count }, () => words[number(number(words.length) + 1)]).join(" ");
  return Buffer.from(
    Array.from({ length: COUNT }, (_, position) => {
      const name = `package-${String(position).padStart(6, "0")}`;
      return `Package: ${name}
Version: ${number(9)}.${number(40)}-${1 + number(9)}
Architecture: amd64
Maintainer: ${sentence(2)} <${words[number(words.length)]}@lists.example>
Installed-Size: ${number(100_000)}
Depends: package-${String(number(COUNT)).padStart(6, "0")}, package-${String(number(COUNT)).padStart(6, "0")} (>= 0)
Description: ${sentence(9)}
Homepage: https://${words[number(words.length)]}.example/
Tag: ${sentence(25)}
Section: ${words[number(40)]}
Priority: optional
Filename: pool/main/p/${name}/${name}_1_amd64.deb
Size: ${number(10_000_000)}
SHA256: ${sha256Of(name)}

`;
    }).join(""),
  );
}

test("bench: a first merge takes at most three times as long as bare tools, an update less than a first merge", {
  timeout: 300_000,
}, async (t) => {
  if (!needs(t, "xz", "gzip")) return;
  const work = await temporaryFolder();
  const signer = await benchKey(work);
  const archive = join(work, "archive");
  mkdirSync(archive);
  const merged = "from: [base/sid], components: [main], architectures: [amd64, source], indices: [packages, sources]";
  writeConfig(work, new Map([["base", "archive"]]), new Map([["merged", merged]]));
  let states = 0;
  const push = (text: Buffer): Promise<void> => {
    const texts = new Map([
      [PACKAGES, text],
      [SOURCES, Buffer.alloc(0)],
    ]);
    return writeState(archive, { suite: "sid", texts, codec: "xz", date: new Date(Date.now() - 3_600_000 + 1000 * states++) }, signer);
  };
  const limit = (before: ReadonlySet<string>): Promise<{ readonly wallMs: number }> => {
    const input = join(archive, "dists/sid", `${PACKAGES}.xz`);
    return limitOf(join(work, "output/dists/merged"), publishedFiles(join(work, "state"), "merged"), before, [input], join(work, "bare"));
  };
  const text = packages();
  let [ratio, share] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < ROUNDS && (ratio > MOST || share > MOST_OF_FIRST); round++) {
    for (const folder of ["state", "output"]) rmSync(join(work, folder), { recursive: true, force: true });
    await push(text);
    const first = await mergeIn(work, [], {}, false);
    ratio = Math.min(ratio, first.wallMs / (await limit(new Set())).wallMs);
    const before = bondsOf(publishedFiles(join(work, "state"), "merged"));
    assert.ok(before.size > 10, "the index is large enough for several runs");
    await push(mutate(text, 20, "sources", round));
    share = Math.min(share, (await mergeIn(work, [], {}, false)).wallMs / first.wallMs);
  }
  t.diagnostic(`first merge ${ratio.toFixed(2)} of bare tools, update ${share.toFixed(2)} of a first merge`);
  assert.ok(ratio <= MOST, `a first merge takes ${ratio.toFixed(1)} times as long as bare tools`);
  assert.ok(share <= MOST_OF_FIRST, `an update of 20 stanzas takes ${share.toFixed(2)} of a first merge`);
});
