/** Faults of mirrors. */
import { refuses } from "./config-file.ts";

const MIRROR_URL = "Cannot use mirrors.debian.url";
const CHARACTERS = "letters, digits and . _ + ~ -, starting with a letter or digit";
const mirror = (more: string): Record<number, string> => ({ 4: `  debian: { url: http://c.example/debian, signed-by: a.gpg, ${more} }` });
const url = (written: string): Record<number, string> => ({ 4: `  debian: { url: ${written}, signed-by: debian.gpg }` });
const second = (more: string): Record<number, string> => ({
  4: `  debian: { url: http://c.example/debian, signed-by: a, pool: A }\n  two: { url: http://d.example, signed-by: a, ${more} }`,
});

refuses([
  // Mirrors
  [
    "the name of a mirror goes into paths",
    { 4: "  'de bian': { url: http://c.example/debian, signed-by: a }", 7: "    from: ['de bian/x']" },
    `4:3: Cannot use key "de bian" of mirrors: it must be ${CHARACTERS}`,
  ],
  [
    "other schemes are refused without showing the password",
    url("'ftp://u:secret@c.example/debian'"),
    `4:18: ${MIRROR_URL}: it is "ftp://u:***@c.example/debian", it must be an http, https or file URL or a folder; a folder with a colon is written ./NAME`,
  ],
  [
    "a URL has no query, and its token is not shown",
    url("'http://token@c.example/debian?x=1'"),
    `4:18: ${MIRROR_URL}: it is "http://***@c.example/debian?x=1", it must be a URL without ? and #, because paths are put behind it`,
  ],
  [
    "a URL has a host",
    url("'http:/c.example'"),
    `4:18: ${MIRROR_URL}: it is "http:/c.example", it must be a URL with a host, such as http://host.example/debian`,
  ],
  [
    "a file URL has no host",
    url("file://c.example/debian"),
    `4:18: ${MIRROR_URL}: it is "file://c.example/debian", it must be a file URL with an absolute path, such as file:///srv/debian`,
  ],
  ["a list of URLs is not empty", url("[]"), `4:18: ${MIRROR_URL}: it is an empty list, it must be a URL or a list of URLs of one archive`],
  [
    "a URL is listed once",
    url("[http://c.example, http://c.example]"),
    `4:37: ${MIRROR_URL}[1]: it is "http://c.example", it must be listed only once`,
  ],
  [
    "a faulty URL in a list is named by its place",
    url("[http://c.example, 12]"),
    `4:37: ${MIRROR_URL}[1]: it is 12, it must be an http, https or file URL or a folder`,
  ],
  [
    "a pool prefix is one path segment",
    mirror("pool: a/b"),
    `4:67: Cannot use mirrors.debian.pool: it is "a/b", it must be one path segment: ${CHARACTERS}`,
  ],
  [
    "the pool prefix _ is taken",
    mirror("pool: _"),
    `4:67: Cannot use mirrors.debian.pool: it is "_", it must be one path segment: ${CHARACTERS}`,
  ],
  [
    "two mirrors do not share a pool prefix",
    second("pool: A"),
    '5:53: Cannot use mirrors.two.pool: mirror "debian" has the prefix "A" too, each needs its own',
  ],
  [
    "a fingerprint has 40 digits",
    { 4: "  debian: { url: http://c.example, signed-by: { keyring: a, fingerprints: [ABC] } }" },
    '4:76: Cannot use mirrors.debian.signed-by.fingerprints[0]: it is "ABC", it must be a fingerprint of 40 hexadecimal digits, with ! behind it for exactly that subkey',
  ],
  [
    "an empty list of fingerprints pins nothing and is refused",
    { 4: "  debian: { url: http://c.example, signed-by: { keyring: a, fingerprints: [] } }" },
    "4:75: Cannot use mirrors.debian.signed-by.fingerprints: it is an empty list, it must be a list of fingerprints",
  ],
  [
    "on-failure is one of three",
    mirror("on-failure: stop"),
    '4:73: Cannot use mirrors.debian.on-failure: it is "stop", it must be hold, cached or skip',
  ],
  [
    "a duration has a unit",
    mirror("poll: 15"),
    "4:67: Cannot use mirrors.debian.poll: it is 15, it must be a duration such as 15m, 0 or never",
  ],
  [
    "a timeout is not 0",
    mirror("timeout: 0s"),
    '4:70: Cannot use mirrors.debian.timeout: it is "0s", it must be a duration from 1ms to 1d, such as 30s',
  ],
  [
    "a timeout is bounded",
    mirror("timeout: 25d"),
    '4:70: Cannot use mirrors.debian.timeout: it is "25d", it must be a duration from 1ms to 1d, such as 30s',
  ],
  [
    "retries are a count",
    mirror("retries: -1"),
    "4:70: Cannot use mirrors.debian.retries: it is -1, it must be a whole number from 0 to 100",
  ],
  [
    "a size is not 0",
    mirror("max-index-size: 0"),
    "4:77: Cannot use mirrors.debian.max-index-size: it is 0, it must be a size such as 512M or 4G",
  ],
  [
    "no is text, not false",
    mirror("check-valid-until: no"),
    '4:80: Cannot use mirrors.debian.check-valid-until: it is "no", it must be true or false',
  ],
]);
