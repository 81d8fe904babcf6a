/** Faults of keys, folders and signing, with the message an operator reads: place, value found, value wanted. */
import assert from "node:assert/strict";
import test from "node:test";
import { load, refuses, withLines } from "./config-file.ts";

const DAEDALUS = "Cannot use suites.daedalus";

refuses([
  // Keys
  ["an unknown key names the nearest one", { 10: "sutes: {}" }, '10:1: Cannot use key "sutes": it is unknown, did you mean "suites"'],
  [
    "an unknown key of a suite names the nearest one there",
    { 10: "    form: 1" },
    `10:5: Cannot use key "form" of suites.daedalus: it is unknown, did you mean "from"`,
  ],
  [
    "an unknown key like none lists all",
    { 10: "policy: { zzz: 1 }" },
    '10:11: Cannot use key "zzz" of policy: it is unknown, known here: winner, sources, pin, ban, max-shrink, uninstallable, debcheck',
  ],
  [
    "an unknown key of a from entry is told with the one it stands for",
    { 7: "    from: [{ mirror: debian, suit: bookworm }]" },
    `7:12: ${DAEDALUS}.from[0]: "suite" is missing, it must be a path below dists, or end in / for a flat archive`,
    `7:30: Cannot use key "suit" of suites.daedalus.from[0]: it is unknown, did you mean "suite"`,
  ],
  ["state must be there", { 1: "" }, '2:1: Cannot use the config: "state" is missing, it must be the path of a folder'],
  ["output must be there", { 2: "" }, '1:1: Cannot use the config: "output" is missing, it must be the path of a folder'],
  ["components of a suite must be there", { 8: "" }, `6:3: ${DAEDALUS}: "components" is missing, it must be a list of components`],
  [
    "signed-by must be there",
    { 4: "  debian: { url: http://c.example/debian }" },
    '4:3: Cannot use mirrors.debian: "signed-by" is missing, it must be the OpenPGP keyring that may sign this mirror: a path, a list of paths or { keyring: FILE, fingerprints: [...] }',
  ],
  ["a key without a value is empty", { 1: "state:" }, "1:7: Cannot use state: it is empty, it must be the path of a folder"],
  ["an empty path is no path", { 1: 'state: ""' }, '1:8: Cannot use state: it is "", it must be the path of a folder'],
  [
    "a path with a line break is no path",
    { 1: 'state: "a\\nb"' },
    '1:8: Cannot use state: it is "a\\nb", it must be the path of a folder, without control characters',
  ],
  // Keys of the contract that come later
  [
    "languages are names of languages",
    { 10: "    languages: [en, ../x]" },
    `10:21: ${DAEDALUS}.languages[1]: it is "../x", it must be a language such as en or pt_BR`,
  ],
  [
    "languages are a list, or all of them",
    { 10: "    languages: some" },
    `10:16: ${DAEDALUS}.languages: it is "some", it must be a list of languages such as en or pt_BR, or all`,
  ],
  [
    "pdiffs have a number of states",
    { 10: "publish: { pdiffs: { keep: 0 } }" },
    "10:28: Cannot use publish.pdiffs.keep: it is 0, it must be a whole number from 1 to 1000",
  ],
  [
    "pdiffs are a map, or false",
    { 10: "publish: { pdiffs: true }" },
    "10:20: Cannot use publish.pdiffs: it is true, it must be { keep: 56 } or false",
  ],
  [
    "kinds of index that there are not",
    { 10: "    indices: [packages, translation, foo]" },
    `10:38: ${DAEDALUS}.indices[2]: it is "foo", it must be packages, sources, udeb, translation, contents, dep11 or cnf`,
  ],
  // Folders
  [
    "state and output must differ",
    { 1: "state: ./tree/" },
    '2:9: Cannot use output: it is "tree" as state is, each must be a folder of its own',
  ],
  [
    "state must not be published",
    { 1: "state: tree/state" },
    '1:8: Cannot use state: "tree/state" lies in output "tree", which is published',
  ],
  [
    "output must not lie in state",
    { 2: "output: state/tree" },
    '2:9: Cannot use output: "state/tree" lies in state "state", it must lie outside',
  ],
  [
    "state must not be the root",
    { 1: "state: /" },
    "1:8: Cannot use state: it is the root of the file system, it must be a folder of its own",
  ],
  [
    "output must not be the root",
    { 2: "output: /srv/.." },
    "2:9: Cannot use output: it is the root of the file system, it must be a folder of its own",
  ],
  [
    "overrides must not be what is published of them",
    { 10: "overrides: tree/indices" },
    '10:12: Cannot use overrides: overrides are read from "tree/indices", which lies in output "tree", it must lie outside',
  ],
  [
    "a secret key must not be published",
    { 10: "sign: [{ key: tree/key.asc }]" },
    '10:15: Cannot use sign[0].key: the secret key "tree/key.asc" lies in output "tree", which is published',
  ],
  // Signing
  [
    "a signing entry is a key or a gpg key",
    { 10: "sign: [{}]" },
    "10:8: Cannot use sign[0]: it is an empty map, it must be { key: FILE } or { gpg: FINGERPRINT }",
  ],
  [
    "keys of both kinds do not mix",
    { 10: "sign: [{ key: a, homedir: b }]" },
    '10:18: Cannot use key "homedir" of sign[0]: it does not go with the other keys there',
  ],
  [
    "a gpg key goes by its fingerprint",
    { 10: "sign: [{ gpg: 0xABC }]" },
    "10:15: Cannot use sign[0].gpg: it is 0xABC, it must be a fingerprint of 40 hexadecimal digits, in quotes",
  ],
  [
    "a signing key is listed once",
    { 10: "sign: [{ key: a }, { key: ./a }]" },
    "10:20: Cannot use sign[1]: its key is listed before, it must be listed only once",
  ],
  [
    "a passphrase is never shown",
    { 10: "sign: [{ key: a, passphrase: 1234 }]" },
    "10:30: Cannot use sign[0].passphrase: it is no text, it must be text, in quotes",
  ],
]);

test("every problem is reported in one run, in the order of the file", async (t) => {
  const { messages } = await load(
    t,
    withLines({
      1: "state: 5",
      2: `output: \${NOWHERE}/tree`,
      4: "  debian: { url: 'ftp://x', signed-by: a, pol: A }\n  two: { url: /srv/a, signed-by: 3, pool: B }\n  three: { url: /srv/b, signed-by: a, pool: B }",
      7: "    from: [debain/bookworm, { mirror: debina, suite: y, comp: z }, two/x, two/x]",
      8: "",
      10: "    aliases: [daedalus]\n    release: { Date: x }\npolicy: { ban: [x] }",
    }),
  );
  assert.deepEqual(
    messages.map((message) => message.replace(/^aptmerge\.yaml:(\d+:\d+): Cannot (.*?): .*$/, "$1 $2")),
    [
      "1:8 use state",
      `2:9 fill in "\${NOWHERE}"`,
      "4:18 use mirrors.debian.url",
      '4:43 use key "pol" of mirrors.debian',
      "5:34 use mirrors.two.signed-by",
      "6:45 use mirrors.three.pool",
      "8:3 use suites.daedalus",
      "9:12 use suites.daedalus.from[0]",
      "9:29 use suites.daedalus.from[1]",
      '9:57 use key "comp" of suites.daedalus.from[1]',
      "9:75 use suites.daedalus.from[3]",
      "12:15 use suites.daedalus.aliases[0]",
      '13:16 use key "Date" of suites.daedalus.release',
      "14:17 use policy.ban[0]",
    ],
  );
});
