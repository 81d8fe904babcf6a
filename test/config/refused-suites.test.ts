/** Faults of suites, their Release fields, policy and publishing. */
import assert from "node:assert/strict";
import test from "node:test";
import { load, refuses, withLines } from "./config-file.ts";

const DAEDALUS = "Cannot use suites.daedalus";
const ALIAS = "a path of letters, digits and . _ + ~ - below dists";
const FROM = 'MIRROR/SUITE, such as "debian/bookworm", or a map with mirror and suite';
const LINE = "one line of text without control characters";
const OWN = "it must be left out, aptmerge decides about this field itself";

refuses([
  // What a suite is merged from
  ["from has mirrors", { 7: "    from: [12]" }, `7:12: ${DAEDALUS}.from[0]: it is 12, it must be ${FROM}`],
  ["from is not empty", { 7: "    from: []" }, `7:11: ${DAEDALUS}.from: it is an empty list, it must be a list of ${FROM}`],
  ["from is a list", { 7: "    from: debian/bookworm" }, `7:11: ${DAEDALUS}.from: it is "debian/bookworm", it must be a list of ${FROM}`],
  ["a from entry names mirror and suite", { 7: "    from: [bookworm]" }, `7:12: ${DAEDALUS}.from[0]: it is "bookworm", it must be ${FROM}`],
  [
    "a from entry stays below dists",
    { 7: "    from: [debian/../x]" },
    `7:12: ${DAEDALUS}.from[0]: it is "debian/../x", it must be ${FROM}`,
  ],
  [
    "an unknown mirror names the nearest one",
    { 7: "    from: [debain/bookworm]" },
    `7:12: ${DAEDALUS}.from[0]: no mirror is called "debain", did you mean "debian"`,
  ],
  [
    "an unknown mirror like none lists all",
    { 7: "    from: [xyz/bookworm]" },
    `7:12: ${DAEDALUS}.from[0]: no mirror is called "xyz", known here: debian`,
  ],
  [
    "a suite of a mirror takes part once, however it is written",
    { 7: "    from: [debian/bookworm, { mirror: debian, suite: bookworm }]" },
    `7:29: ${DAEDALUS}.from[1]: it is the same suite as from[0], it must be listed only once`,
  ],
  [
    "components lead to those of the suite",
    { 7: "    from: [{ mirror: debian, suite: a, components: { universe: mian } }]" },
    `7:64: ${DAEDALUS}.from[0].components.universe: the merged component is "mian", it must be one of the suite: main`,
  ],
  [
    "a list of components names those of the suite",
    { 7: "    from: [{ mirror: debian, suite: a, components: [main, contrib] }]" },
    `7:59: ${DAEDALUS}.from[0].components[1]: the merged component is "contrib", it must be one of the suite: main`,
  ],
  [
    "a flat archive leads to main unless it says otherwise",
    { 7: "    from: [debian/./]", 8: "    components: [other]" },
    `7:12: ${DAEDALUS}.from[0]: its component is "main" unless it names another, it must be one of the suite: other`,
  ],
  [
    "a flat archive has no components",
    { 7: "    from: [{ mirror: debian, suite: ./, components: [main] }]" },
    `7:41: ${DAEDALUS}.from[0].components: "./" is a flat archive, its one merged component is named with component`,
  ],
  [
    "component is for flat archives",
    { 7: "    from: [{ mirror: debian, suite: bookworm, component: main }]" },
    `7:47: ${DAEDALUS}.from[0].component: "bookworm" is no flat archive, its components are named with components`,
  ],
  // The merged suite
  [
    "there is a suite",
    { 5: "suites: {}", 6: "", 7: "", 8: "", 9: "" },
    "5:9: Cannot use suites: it is an empty map, it must be a map of at least one suite by name",
  ],
  [
    "the name of a suite is a path below dists",
    { 6: "  dae..dalus/../x:" },
    `6:3: Cannot use key "dae..dalus/../x" of suites: it must be ${ALIAS}`,
  ],
  [
    "a component is listed once",
    { 8: "    components: [main, main]" },
    `8:24: ${DAEDALUS}.components[1]: it is "main", it must be listed only once`,
  ],
  [
    "a component is one path segment",
    { 8: "    components: [main, a/b]" },
    `8:24: ${DAEDALUS}.components[1]: it is "a/b", it must be a component: letters, digits and . _ + ~ -`,
  ],
  [
    "all is no architecture of its own",
    { 9: "    architectures: [amd64, all]" },
    `9:28: ${DAEDALUS}.architectures[1]: it is "all", it must be an architecture such as amd64, or source; all is folded into each`,
  ],
  [
    "essential kinds are among the indices",
    { 10: "    indices: [packages]\n    essential: [udeb]" },
    `11:17: ${DAEDALUS}.essential[0]: it is "udeb", it must be one of the suite's indices: packages`,
  ],
  [
    "a suite does not expire at once",
    { 10: "    valid-for: 0s" },
    `10:16: ${DAEDALUS}.valid-for: it is "0s", it must be a duration such as 7d`,
  ],
  [
    "a share is at most all",
    { 10: "policy: { max-shrink: 101% }" },
    '10:23: Cannot use policy.max-shrink: it is "101%", it must be a share such as 20%, at most 100%',
  ],
  [
    "a rule of the contest is one of three",
    { 10: "policy: { winner: oldest }" },
    '10:19: Cannot use policy.winner: it is "oldest", it must be priority, newest or all',
  ],
  // Release fields
  [
    "a number in release needs quotes",
    { 10: "    release: { Version: 5.0 }" },
    `10:25: ${DAEDALUS}.release.Version: it is 5.0, it must be ${LINE}, in quotes`,
  ],
  [
    "a line break cannot smuggle in a field",
    { 10: '    release: { Label: "a\\nDate: b" }' },
    `10:23: ${DAEDALUS}.release.Label: it is "a\\nDate: b", it must be ${LINE}`,
  ],
  [
    "a control character is no text",
    { 10: '    release: { Label: "a\\e[1m" }' },
    `10:23: ${DAEDALUS}.release.Label: it is "a\\u001b[1m", it must be ${LINE}`,
  ],
  [
    "a field name has no colon",
    { 10: "    release: { 'A:b': x }" },
    `10:16: Cannot use key "A:b" of suites.daedalus.release: it must be a field name: letters, digits and -`,
  ],
  [
    "a field is given once, in whatever case",
    { 10: "    release: { Label: a, label: b }" },
    `10:26: ${DAEDALUS}.release.label: the field is given as "Label" too, it must be given once`,
  ],
  // Publishing
  [
    "nothing is published uncompressed",
    { 10: "publish: { compress: {} }" },
    "10:22: Cannot use publish.compress: it is an empty map, it must be a map of gz and xz with a level each, at least one of them",
  ],
  [
    "levels are those of gzip and xz",
    { 10: "publish: { compress: { gz: 0, xz: 10 } }" },
    "10:28: Cannot use publish.compress.gz: it is 0, it must be a whole number from 1 to 9",
    "10:35: Cannot use publish.compress.xz: it is 10, it must be a whole number from 0 to 9",
  ],
  [
    "weak digests are not written",
    { 10: "publish: { digests: [SHA1] }" },
    '10:22: Cannot use publish.digests[0]: it is "SHA1", it must be SHA256, SHA512 or MD5Sum',
  ],
  [
    "by-hash is kept for a time or not written",
    { 10: "publish: { by-hash: true }" },
    "10:21: Cannot use publish.by-hash: it is true, it must be { keep: 3d } or false",
  ],
  [
    "the live generation is kept",
    { 10: "publish: { generations: 0 }" },
    "10:25: Cannot use publish.generations: it is 0, it must be a whole number from 1 to 100000",
  ],
]);

for (const field of [
  ...["Date", "Valid-Until", "Architectures", "Components", "Acquire-By-Hash", "No-Support-for-Architecture-all"],
  ...["MD5Sum", "SHA1", "SHA256", "SHA512", "Signed-By", "valid-until"],
]) {
  test(`release may not give ${field}, which aptmerge decides about`, async (t) => {
    const { messages } = await load(t, withLines({ 10: `    release: { ${field}: x }` }));
    assert.deepEqual(messages, [`aptmerge.yaml:10:16: Cannot use key "${field}" of suites.daedalus.release: ${OWN}`]);
  });
}
