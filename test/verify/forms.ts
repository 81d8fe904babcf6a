/** Clear-signed files that careless readers take for signed in full: each is one sound file with one thing done to it. */

const EVIL = "Origin: Evil\n";
const BEGIN = "-----BEGIN PGP SIGNATURE-----";
const END = "-----END PGP SIGNATURE-----";
const HEAD = "-----BEGIN PGP SIGNED MESSAGE-----\n";

const edit = (change: (text: string) => string) => (file: Buffer) => Buffer.from(change(file.toString("latin1")), "latin1");
const inside = (where: string, text: string) => edit((file) => file.replace(where, () => text));
const headers = (line: string) => inside("Hash: SHA512\n", `Hash: SHA512\n${line}\n`);

/** What each does to a sound file. */
export const REFUSED_FORMS: readonly (readonly [name: string, change: (file: Buffer) => Buffer])[] = [
  ["an unsigned stanza before it", edit((file) => `${EVIL}\n${file}`)],
  ["an unsigned line before it, without an empty one", edit((file) => EVIL + file)],
  ["an empty line before it", edit((file) => `\n${file}`)],
  ["a byte order mark before it", edit((file) => `\xef\xbb\xbf${file}`)],
  ["an unsigned stanza after it", edit((file) => `${file}\n${EVIL}`)],
  ["an unsigned line right after it", edit((file) => file + EVIL)],
  ["an empty line after it", edit((file) => `${file}\n`)],
  ["a second message after it", edit((file) => file + file)],
  ["an unsigned line between the text and a second signature block", edit((file) => `${file}${EVIL}${file.slice(file.indexOf(BEGIN))}`)],
  ["a blank line of blanks in the signature and text after it", edit((file) => `${file.replace(`${BEGIN}\n\n`, `${BEGIN}\n  \n`)}${EVIL}`)],
  ["an indented end of the signature and text after it", edit((file) => `${file.replace(END, ` ${END}`)}${EVIL}`)],
  ["an indented end of the signature", inside(END, ` ${END}`)],
  ["a signature that is never closed", edit((file) => file.replace(`${END}\n`, ""))],
  ["a signature cut off in the middle", edit((file) => file.slice(0, file.indexOf(END) - 20))],
  ["no signature", edit((file) => file.slice(0, file.indexOf(BEGIN)))],
  ["no text", edit((file) => `${HEAD}Hash: SHA512\n\n${file.slice(file.indexOf(BEGIN))}`)],
  ["a line over gpg's limit that hides a stanza", inside("Origin: Example\n", `Origin: Example${" ".repeat(20_100)}\r${EVIL.trim()}\n`)],
  ["a line that is too long", inside("Origin: Example\n", `Origin: ${"x".repeat(17_000)}\n`)],
  ["trailing blanks over the limit", inside("Origin: Example\n", `Origin: Example${" ".repeat(20_100)}\n`)],
  ["a carriage return inside a line", inside("Origin: Example\n", `Origin: Example\r${EVIL}`)],
  ["two carriage returns before a line end", inside("Origin: Example\n", "Origin: Example\r\r\n")],
  ["a NUL byte in the text", inside("Origin: Example\n", "Origin: Exam\0ple\n")],
  ["a form feed in the text", inside("Origin: Example\n", "Origin: Example\f\n")],
  ["a vertical tab in the text", inside("Origin: Example\n", "Origin: Example\v\n")],
  ["text among the armor headers", headers("Origin: Evil")],
  ["a comment among the armor headers", headers("Comment: hello")],
  ["NotDashEscaped among the armor headers", headers("NotDashEscaped: You need GnuPG to verify this message")],
  ["a form feed among the armor headers", headers("\f")],
  ["a vertical tab among the armor headers", headers("\v")],
  ["a NUL byte among the armor headers", headers("\0")],
  ["a dash among the armor headers", headers("- Hash: SHA256")],
  ["no line between headers and text", inside("Hash: SHA512\n\n", "Hash: SHA512\n")],
  ["a line of the text that starts with an unescaped dash", inside("Origin: Example\n", "-Origin: Example\n")],
  ["another first line", inside("SIGNED MESSAGE-----", "SIGNED MESSAGE----")],
  ["an indented first line", inside("-----BEGIN PGP SIGNED", " -----BEGIN PGP SIGNED")],
  ["a message inside the text", inside("Origin: Example\n", `${HEAD}Origin: Example\n`)],
  ["a dash inside the signature", inside(`${BEGIN}\n\n`, `${BEGIN}\n\n-\n`)],
  ["an unsigned line that is closed like a signature", edit((file) => `${file}${EVIL}${END}\n`)],
  ["more signature blocks than any archive has", edit((file) => file + file.slice(file.indexOf(BEGIN)).repeat(16))],
  [
    "a public key block behind the signature",
    edit((file) => file + file.slice(file.indexOf(BEGIN)).replaceAll("SIGNATURE", "PUBLIC KEY BLOCK")),
  ],
];

/** Refused by the reader of signatures: the split leaves to it what stands inside a block. */
export const REFUSED_SIGNATURES: readonly (readonly [name: string, change: (file: Buffer) => Buffer])[] = [
  ["text inside the signature", inside(`${BEGIN}\n\n`, `${BEGIN}\n\nOrigin: Evil\n`)],
  ["text for an armor header of the signature", inside(`${BEGIN}\n\n`, `${BEGIN}\nhello\n\n`)],
  ["no empty line in the signature", inside(`${BEGIN}\n\n`, `${BEGIN}\n`)],
  ["an empty signature", edit((file) => `${file.slice(0, file.indexOf(BEGIN))}${BEGIN}\n\n${END}\n`)],
  ["base64 that ends twice", inside(`${BEGIN}\n\n`, `${BEGIN}\n\nwg==\n`)],
  ["a checksum of the signature that is wrong", edit((file) => file.replace(/^=[A-Za-z0-9+/]{4}$/m, "=AAAA"))],
  ["a signature that is random bytes", edit((file) => `${file.slice(0, file.indexOf(BEGIN))}${BEGIN}\n\n////\n${END}\n`)],
];

/** The same text in forms that apt accepts too. */
export const ACCEPTED_FORMS: readonly (readonly [name: string, change: (file: Buffer) => Buffer])[] = [
  ["as it was written", edit((file) => file)],
  [
    "every line escaped",
    edit((file) => {
      const [start, end] = [file.indexOf("\n\n") + 2, file.indexOf(BEGIN)];
      return file.slice(0, start) + file.slice(start, end).replace(/^/gm, "- ").slice(0, -2) + file.slice(end);
    }),
  ],
  ["blanks after armor lines", edit((file) => file.replace(/^(-----.*|Hash: .*)$/gm, "$1 \t"))],
  ["blanks after lines of the text", inside("Origin: Example\n", "Origin: Example \t \n")],
  ["CR LF line ends", edit((file) => file.replaceAll("\n", "\r\n"))],
  ["no line end at the end", edit((file) => file.trimEnd())],
  ["two signature blocks", edit((file) => file + file.slice(file.indexOf(BEGIN)))],
];
