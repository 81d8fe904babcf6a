/** Signs our Release with every key of the config, and believes no signature that it has not verified itself. */
import { isUtf8 } from "node:buffer";
import { enums, readKeys, readSignature } from "openpgp";
import { formatInstant } from "../archive/dates.ts";
import type { Fingerprint } from "../archive/names.ts";
import { MergeError, type Problem, problem } from "../errors.ts";
import type { SignedRelease, Signer } from "../ports.ts";
import type { SigningKey } from "../settings.ts";
import { dearmor, enarmor } from "./openpgp-armor.ts";
import { judgeSignatures } from "./openpgp-checker.ts";
import { loadFileKey, type ReadyKey } from "./openpgp-file-key.ts";
import { fingerprintOf, type Keyring, messageOf } from "./openpgp-keyring.ts";

const DAY_MS = 24 * 3600 * 1000;
const WARN_BEFORE_MS = 30 * DAY_MS;
/** A smart card takes seconds; nobody is there to type a PIN. Of one call: the first that hangs ends the run. */
const GPG_TIMEOUT_MS = 10_000;

/**
 * Makes every key ready, before anything is fetched or written.
 *
 * @param gpgTimeoutMs for one call of gpg
 * @throws MergeError SIGNING_KEY_UNUSABLE
 */
export async function loadSigner(keys: readonly SigningKey[], now: Date, gpgTimeoutMs: number = GPG_TIMEOUT_MS): Promise<Signer> {
  const ready: ReadyKey[] = [];
  for (const key of keys) {
    ready.push(
      key.kind === "file"
        ? await loadFileKey(key.path, key.passphrase, now)
        : await (await import("./gpg-key.ts")).loadGpgKey(key.fingerprint, key.homedir, now, gpgTimeoutMs),
    );
  }
  const fingerprints = ready.map((key) => key.fingerprint);
  const twice = ready.find((key, position) => fingerprints.indexOf(key.fingerprint) !== position);
  if (twice !== undefined) {
    throw new MergeError("SIGNING_KEY_UNUSABLE", `Cannot sign with key ${twice.label}: ${twice.fingerprint} is named twice under sign:`);
  }
  // One block: apt reads no further than the first.
  const publicKeys = ready.length === 0 ? "" : enarmor("PUBLIC KEY BLOCK", Buffer.concat(ready.map((key) => key.publicKey)));
  const keyring = await keyringOf(ready);
  return {
    fingerprints,
    publicKeys: Buffer.from(publicKeys),
    async publicKeysBeside(older) {
      const read = dearmor(older, "text");
      const blocks = read.kind === "fault" ? [] : read.blocks.filter(({ label }) => label === "PUBLIC KEY BLOCK");
      const keys = ready.map((key) => key.publicKey);
      for (const { bytes } of blocks) {
        // Published by us, and perhaps spoiled by hand since: then there is nothing to take over.
        const old = await readKeys({ binaryKeys: bytes }).catch(() => []);
        for (const key of old) if (!keyring.has(fingerprintOf(key))) keys.push(Buffer.from(key.write()));
      }
      return keys.length === 0 ? Buffer.alloc(0) : Buffer.from(enarmor("PUBLIC KEY BLOCK", Buffer.concat(keys)));
    },
    problems: problemsOf(ready, now),
    sign: (release, at) => signWithAll(ready, keyring, release, at),
  };
}

/** The keys as they will be published, read back from their bytes. */
async function keyringOf(ready: readonly ReadyKey[]): Promise<Keyring> {
  const keyring = new Map<Fingerprint, Awaited<ReturnType<typeof readKeys>>[number]>();
  for (const { publicKey } of ready) for (const key of await readKeys({ binaryKeys: publicKey })) keyring.set(fingerprintOf(key), key);
  return keyring;
}

function problemsOf(ready: readonly ReadyKey[], now: Date): readonly Problem[] {
  if (ready.length === 0) return [problem("warning", "TREE_UNSIGNED", "No signing key is named under sign:, the tree stays unsigned")];
  return ready.flatMap(({ expires, label, fingerprint }) => {
    if (expires === undefined || expires.getTime() - now.getTime() > WARN_BEFORE_MS) return [];
    return [problem("warning", "SIGNING_KEY_EXPIRES", `Signing key ${label} (${fingerprint}) expires on ${formatInstant(expires)}`)];
  });
}

async function signWithAll(ready: readonly ReadyKey[], keyring: Keyring, release: Buffer, at: Date): Promise<SignedRelease> {
  if (ready.length === 0) throw failed("no key is named under sign:");
  checkSignable(release);
  const text = textToSign(release);
  const [inText, beside] = [await signaturesOf(ready, text, "text", at), await signaturesOf(ready, release, "detached", at)];
  await prove(ready, keyring, text, inText, "text", at);
  await prove(ready, keyring, release, beside, "detached", at);
  const head = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: ${await digestNames(inText)}\n\n`;
  return {
    inRelease: Buffer.concat([Buffer.from(head), escaped(release), Buffer.from(enarmor("SIGNATURE", inText))]),
    releaseGpg: Buffer.from(enarmor("SIGNATURE", beside)),
  };
}

/** What no reader can take in two ways. Our own Release is always so: anything else is a fault before this step. */
function checkSignable(release: Buffer): void {
  if (release.at(-1) !== 0x0a) throw failed("Release does not end in a line end");
  if (release.includes(0x0d) || release.includes(0) || !isUtf8(release)) throw failed("Release is not UTF-8 text with LF line ends");
}

const linesOf = (release: Buffer): readonly string[] => release.toString("latin1").slice(0, -1).split("\n");

/** The text as OpenPGP signs it: blanks before line ends and the last line end do not count. */
function textToSign(release: Buffer): Buffer {
  return Buffer.from(
    linesOf(release)
      .map((line) => line.replace(/[ \t]+$/, ""))
      .join("\n"),
    "latin1",
  );
}

/** Lines that start with a dash could pass for the end of the text. Release has none, so its bytes stay as they are. */
function escaped(release: Buffer): Buffer {
  return Buffer.from(
    linesOf(release)
      .map((line) => (line.startsWith("-") ? `- ${line}\n` : `${line}\n`))
      .join(""),
    "latin1",
  );
}

async function signaturesOf(ready: readonly ReadyKey[], bytes: Buffer, kind: "text" | "detached", at: Date): Promise<Buffer> {
  const packets: Buffer[] = [];
  for (const key of ready) {
    try {
      packets.push(await key.sign(bytes, kind, at));
    } catch (error) {
      if (error instanceof MergeError) throw error;
      throw failed(`key ${key.label} does not sign (${messageOf(error)})`);
    }
  }
  return Buffer.concat(packets);
}

/** gpg may end with status 0 and have written nothing, something else, or with another key. */
async function prove(
  ready: readonly ReadyKey[],
  keyring: Keyring,
  bytes: Buffer,
  signatures: Buffer,
  kind: "text" | "detached",
  at: Date,
): Promise<void> {
  // A program with its own clock dates its signatures after the start of this run.
  const now = ready.some((key) => key.ownClock) ? new Date(Math.max(at.getTime(), Date.now())) : at;
  const verdicts = await judgeSignatures(bytes, signatures, kind, keyring, now).catch((error: unknown) => {
    throw failed(`the signatures cannot be read back (${messageOf(error)})`);
  });
  for (const [position, key] of ready.entries()) {
    const verdict = verdicts[position];
    if (verdict?.kind === "good" && verdict.primary === key.fingerprint) continue;
    const because = verdict?.kind === "refused" ? ` (${verdict.because})` : "";
    throw failed(`the signature of key ${key.label} came out ${verdict?.kind ?? "absent"}${because}`);
  }
  if (verdicts.length !== ready.length) throw failed(`there are ${verdicts.length} signatures of ${ready.length} keys`);
}

/** For the `Hash:` line, by which gpg knows what to compute. */
async function digestNames(signatures: Buffer): Promise<string> {
  const { packets } = await readSignature({ binarySignature: signatures });
  const names = [...packets].map(
    ({ hashAlgorithm }) => Object.entries(enums.hash).find(([, value]) => value === hashAlgorithm)?.[0] ?? "sha512",
  );
  return [...new Set(names.map((name) => name.toUpperCase().replace("_", "-")))].sort().join(", ");
}

const failed = (found: string): MergeError => new MergeError("SIGNING_FAILED", `Cannot sign Release: ${found}`);
