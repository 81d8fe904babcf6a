/** Signed Release files of every kind that verifiers disagree about, and damage to them. */
import { enums } from "openpgp";
import { clearsign, newKey, type SignatureOptions, signatureBlock, type TestKey } from "../support/keys.ts";
import { mutate } from "../support/mutate.ts";
import { ACCEPTED_FORMS, REFUSED_FORMS, REFUSED_SIGNATURES } from "../verify/forms.ts";

type Pick = (below: number) => number;

export interface SignedFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const HOUR_MS = 3_600_000;
const DAY_S = 86_400;

/** The time of the machine: apt and gpgv know no other. */
export const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);
const before = (hours: number): Date => new Date(NOW.getTime() - hours * HOUR_MS);
const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** Of an archive without packages. A line each starts with a dash and with the word that mbox files escape. */
export const TEXT = [
  "Origin: Example",
  "Label: Example",
  "Suite: stable",
  "Codename: stable",
  `Date: ${before(2).toUTCString().replace("GMT", "UTC")}`,
  "Architectures: amd64",
  "Components: main",
  "Description: a test",
  " From here on nothing is said",
  "SHA256:",
  ` ${EMPTY_SHA256} 0 main/binary-amd64/Packages`,
  "",
].join("\n");

const good = await newKey();
const second = await newKey();
const rsa = await newKey({ rsaBits: 2048 });
const subkey = await newKey({ subkey: true });
const expired = await newKey({ at: before(240), lifeSeconds: 5 * DAY_S });
const revoked = await newKey({ revokedAt: before(24) });
const short = await newKey({ rsaBits: 1024 });
const notForSigning = await newKey({ rsaBits: 2048, subkey: "for-encryption" });
const young = await newKey({ at: before(1) });
const foreign = await newKey();

/** All that stand in the keyring. */
export const KNOWN: readonly TestKey[] = [good, second, rsa, subkey, expired, revoked, short, notForSigning, young];

/** All signatures stand in one block. */
const SIGNATURES: readonly (readonly [name: string, keys: readonly TestKey[], options?: SignatureOptions])[] = [
  ["a good key", [good]],
  ["an RSA key", [rsa]],
  ["a subkey", [subkey]],
  ["a good key, SHA256", [good], { hash: enums.hash.sha256 }],
  ["a good key, SHA384", [good], { hash: enums.hash.sha384 }],
  ["an RSA key, SHA224", [rsa], { hash: enums.hash.sha224 }],
  ["two good keys", [good, second]],
  ["a good key twice", [good, good]],
  ["a good and an unknown key", [good, foreign]],
  ["an unknown and a good key", [foreign, good]],
  ["an unknown key", [foreign]],
  ["an expired key, while it was valid", [expired], { at: before(200) }],
  ["an expired key, after its end", [expired]],
  ["a good and an expired key", [good, expired]],
  ["a revoked key", [revoked]],
  ["a good and a revoked key", [good, revoked]],
  ["an RSA key, SHA1", [rsa], { hash: enums.hash.sha1 }],
  ["an RSA key, RIPEMD160", [rsa], { hash: enums.hash.ripemd }],
  ["an RSA key, MD5", [rsa], { hash: enums.hash.md5 }],
  ["an RSA key of 1024 bits", [short]],
  ["a good and an RSA key of 1024 bits", [good, short]],
  ["a subkey that is not for signing", [notForSigning]],
  ["a good key, the signature expired", [good], { lifeSeconds: 60 }],
  ["a good key, the signature not yet expired", [good], { lifeSeconds: 100 * DAY_S }],
  ["a good key, an hour ahead", [good], { at: before(-1) }],
  ["a key younger than its signature", [young], { at: before(20) }],
  ["a good key, with a notation that must be understood", [good], { criticalNotation: "test@mirror.example" }],
  ["a good key, as a signature of bytes", [good], { type: enums.signature.binary }],
  ["a good key, as a signature that stands alone", [good], { type: enums.signature.standalone }],
];

/** One file for each way of signing. */
export async function signedFiles(): Promise<readonly SignedFile[]> {
  const files: SignedFile[] = [];
  for (const [name, keys, options = {}] of SIGNATURES) {
    files.push({ name, bytes: await clearsign(TEXT, keys, { at: before(1.5), ...options }) });
  }
  const block = (keys: readonly TestKey[], text = TEXT): Promise<string> =>
    signatureBlock(Buffer.from(text.trimEnd()), keys, { at: before(1.5), type: enums.signature.text });
  const body = (await clearsign(TEXT, [good], before(1.5))).toString("latin1").replace(/-----BEGIN PGP SIGNATURE[\s\S]*/, "");
  const joined = async (name: string, ...blocks: readonly Promise<string>[]): Promise<void> => {
    files.push({ name, bytes: Buffer.from(body + (await Promise.all(blocks)).join(""), "latin1") });
  };
  await joined("two blocks, an unknown key first", block([foreign]), block([good]));
  await joined("two blocks, a good key first", block([good]), block([foreign]));
  await joined("two blocks, the second of another text", block([good]), block([second], "Origin: Evil\n"));
  await joined("two blocks, the first of another text by an unknown key", block([foreign], "Origin: Evil\n"), block([good]));
  await joined("one block of another text", block([good], "Origin: Evil\n"));
  return files;
}

/** Every form that the splitter's own tests know, made of one sound file. */
export function formsOf(sound: SignedFile): readonly SignedFile[] {
  const inText = (bytes: Buffer): Buffer => Buffer.from(bytes.toString("latin1"), "latin1");
  return [...ACCEPTED_FORMS, ...REFUSED_FORMS, ...REFUSED_SIGNATURES].map(([name, change]) => ({
    name,
    bytes: change(inText(sound.bytes)),
  }));
}

/** Lines that mean something to a reader of signed text. */
const LINES = [
  "-----BEGIN PGP SIGNED MESSAGE-----",
  "-----BEGIN PGP SIGNATURE-----",
  "-----END PGP SIGNATURE-----",
  "-----END PGP SIGNATURE----- ",
  " -----END PGP SIGNATURE-----",
  "-----BEGIN PGP MESSAGE-----",
  "-----END PGP MESSAGE-----",
  "-----BEGIN PGP PUBLIC KEY BLOCK-----",
  "- -----BEGIN PGP SIGNATURE-----",
  "-----BEGIN PGP SIGNATURE----",
  "Hash: SHA512",
  "Hash: SHA1",
  "Hash: MD5, SHA256",
  "Hash:",
  "Hash: ",
  "hash: SHA512",
  "Charset: UTF-8",
  "Comment: a comment",
  "Version: GnuPG v2",
  "NotDashEscaped: You need GnuPG to verify this message",
  "",
  " ",
  "\t",
  "\f",
  "\v",
  "\r",
  "\0",
  "-",
  "--",
  "- ",
  "- -",
  "From somebody",
  "Origin: Evil",
  "Package: evil",
  "Origin: Evil\rLabel: Evil",
  "=",
  "==",
  "=AAAA",
  "wg==",
  "AAAA",
  "Origin: caf\xe9",
  "\xe2\x80\xa8Origin: Evil",
];

/** Changes after which a file may still be good: what careful and careless readers disagree about. Each is done to a random line of its kind. */
const GENTLE: readonly (readonly [name: string, change: (file: string, pick: Pick) => string])[] = [
  [
    "blanks behind a line",
    (file, pick) => atLine(file, pick, /^.*$/, (line) => line + one(pick, [" ", "\t", " \t ", "\r", " \r", "\r\r", "\f", "\v"])),
  ],
  ["blanks behind every line", (file, pick) => file.replaceAll("\n", `${one(pick, [" ", "\t", "\r", " \r"])}\n`)],
  ["a line is escaped", (file, pick) => atLine(file, pick, /^[A-Z ].*[a-z]/, (line) => `- ${line}`)],
  ["a further Hash header", (file, pick) => atLine(file, pick, /^Hash: /, (line) => `${line}\n${one(pick, LINES)}`)],
  ["another Hash header", (file, pick) => atLine(file, pick, /^Hash: /, () => one(pick, LINES))],
  ["no Hash header", (file) => file.replace(/^Hash: .*\n/m, "")],
  ["a header in the signature", (file, pick) => atLine(file, pick, /^-----BEGIN PGP SIGNATURE/, (line) => `${line}\n${one(pick, LINES)}`)],
  ["no checksum", (file) => file.replace(/^=[A-Za-z0-9+/]{4}\n/m, "")],
  ["another checksum", (file) => file.replace(/^=[A-Za-z0-9+/]{4}$/m, "=AAAA")],
  [
    "shorter lines in the signature",
    (file, pick) => atLine(file, pick, /^[A-Za-z0-9+/]{60,}$/, (line) => `${line.slice(0, 20)}\n${line.slice(20)}`),
  ],
  ["joined lines in the signature", (file) => file.replace(/^([A-Za-z0-9+/]{60,})\n/m, "$1")],
  ["an empty line", (file, pick) => atLine(file, pick, /^[A-Za-z0-9+/=]+$/, (line) => `${line}\n${one(pick, ["", " ", "\t", "\r"])}`)],
  ["the last block again", (file) => file + file.slice(file.lastIndexOf("-----BEGIN PGP SIGNATURE"))],
  ["a line between blocks", (file, pick) => `${file}${one(pick, LINES)}\n${file.slice(file.lastIndexOf("-----BEGIN PGP SIGNATURE"))}`],
  ["a line behind the end", (file, pick) => `${file}${one(pick, LINES)}`],
  ["no line end at the end", (file) => file.trimEnd()],
  [
    "an odd byte in the signature",
    (file, pick) =>
      atLine(
        file,
        pick,
        /^[A-Za-z0-9+/=]+$/,
        (line) => `${line.slice(0, 9)}${one(pick, ["\0", " ", "-", "=", "\xff", "\f"])}${line.slice(9)}`,
      ),
  ],
];

const one = (pick: Pick, choices: readonly string[]): string => choices[pick(choices.length)] ?? "";

function atLine(file: string, pick: Pick, kind: RegExp, change: (line: string) => string): string {
  const lines = file.split("\n");
  const places = [...lines.keys()].filter((place) => kind.test(lines[place] ?? ""));
  const place = places[pick(Math.max(1, places.length))];
  if (place !== undefined) lines[place] = change(lines[place] ?? "");
  return lines.join("\n");
}

/** The beginning, the signature, and the whole file. */
const PARTS: readonly (readonly [from: number, to: number])[] = [
  [0, 0.2],
  [0.62, 1],
  [0, 1],
];

/** @param files to damage; more often those that come first */
export function damaged(files: readonly SignedFile[], count: number, pick: Pick): readonly SignedFile[] {
  return Array.from({ length: count }, (_, number) => {
    const { name, bytes } = files[pick(1 + pick(files.length))] ?? { name: "none", bytes: Buffer.alloc(0) };
    if (pick(3) === 0) {
      const mutant = mutate(bytes, pick, LINES, PARTS[pick(PARTS.length)]);
      return { name: `mutant ${number} of ${name}: ${mutant.name}`, bytes: mutant.bytes };
    }
    const done: string[] = [];
    let text = bytes.toString("latin1");
    for (let times = 1 + pick(2); times > 0; times--) {
      const [what, change] = GENTLE[pick(GENTLE.length)] ?? ["nothing", (same: string) => same];
      text = change(text, pick);
      done.push(what);
    }
    return { name: `mutant ${number} of ${name}: ${done.join(", ")}`, bytes: Buffer.from(text, "latin1") };
  });
}
