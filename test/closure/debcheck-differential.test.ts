/** Our closure against dose-debcheck, an independent solver, over a real archive of which parts are missing. */
import assert from "node:assert/strict";
import test from "node:test";
import { CONFLICT_FIELDS, RELATION_FIELDS } from "../../lib/closure/relation-fields.ts";
import { relationsAsPackages } from "../../lib/closure/relation-text.ts";
import { findUninstallable } from "../../lib/closure/uninstallable.ts";
import { scanStanzas } from "../../lib/deb822/stanza-table.ts";
import { createDebcheck } from "../../lib/io/dose-debcheck.ts";
import { debianSuite } from "../support/debian-cut.ts";
import { machineSources, reachable } from "../support/machine-sources.ts";
import { needs, without } from "../support/needs.ts";

const SUITE = "bookworm";

test("what our closure calls uninstallable, dose-debcheck does too; what it finds beyond that are conflicts", async (t) => {
  if (!needs(t, "dose-debcheck", "xz")) return;
  const source = (await machineSources()).find(({ suite, component }) => suite === SUITE && component === "main");
  if (source === undefined) return void without(t, `this machine's apt has no ${SUITE} with component main`);
  if (!(await reachable(source))) return void without(t, `not reachable: ${source.baseUri}`);
  const stanzas = await (await debianSuite(SUITE)).stanzas(`main/binary-${source.architecture}/Packages`);
  // Every fifth is missing, so that breakage of every depth is there; the base of all stays.
  const some = stanzas
    .filter((stanza, position) => position % 5 !== 0 || /^(Essential: yes|Package: lib(c6|gcc-s1|stdc))/m.test(stanza))
    .slice(0, 12_000);
  const text = Buffer.from(`${some.join("\n\n")}\n`, "latin1");
  const table = scanStanzas(text, ["package", "version", "architecture", ...RELATION_FIELDS, ...CONFLICT_FIELDS], {});
  const all = Array.from({ length: table.count }, (_, stanza) => ({ table, stanza }));
  const ours = new Set(findUninstallable(all, source.architecture).broken.map(({ name }) => name));
  const theirs = await createDebcheck().uninstallable(relationsAsPackages(all), source.architecture);
  assert.equal(theirs.kind, "checked");
  const broken = theirs.kind === "checked" ? theirs.broken : new Map<string, string>();
  t.diagnostic(`${ours.size} by our closure, ${broken.size} by dose-debcheck, of ${all.length}`);
  assert.deepEqual(
    [...ours].filter((name) => !broken.has(name)),
    [],
  );
  const beyond = [...broken].filter(([name]) => !ours.has(name));
  assert.deepEqual(
    beyond.filter(([, because]) => !because.startsWith("conflict of ")),
    [],
  );
  assert.ok(ours.size > 1000 && beyond.length < ours.size / 10);
});
