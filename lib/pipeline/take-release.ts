/** Brings in the trusted Release of one mirror's suite: fetched, or stored and verified again. */
import { sha256Of } from "../archive/digests.ts";
import type { Floor, ReleaseFiles, TrustedRelease } from "../archive/trusted.ts";
import { redacted } from "../archive/urls.ts";
import { MergeError, type Problem } from "../errors.ts";
import { fetchRelease } from "../fetch/release-files.ts";
import type { Validator } from "../ports.ts";
import type { MirrorSuite } from "../settings.ts";
import { type FloorRecord, type InputsRecord, releasesOf } from "../state/inputs-record.ts";
import type { Store } from "../state/store.ts";
import { readTrust, type TrustRecord, writeTrust } from "../state/trust.ts";
import { readLastCheck, writeLastCheck } from "../state/validators.ts";
import { verifyRelease } from "../verify/release.ts";
import { checkIdentity, identityOf } from "../verify/upstream-change.ts";
import type { RunRequest, World } from "./world.ts";

export interface TakenRelease {
  readonly from: MirrorSuite;
  readonly release: TrustedRelease;
  /** URL that delivered it; its indices are asked for there first. */
  readonly base: string | undefined;
  readonly state: "new" | "changed" | "unchanged";
  readonly via: readonly ("full" | "not-modified")[];
  readonly bytes: number;
  /** The Release that was accepted last, as it is stored: what it lists is a hint at what the store holds. */
  readonly before: ReleaseFiles | undefined;
  readonly problems: readonly Problem[];
  /** What to remember once the Release's indices were verified too. */
  readonly validator: Validator | undefined;
  readonly asked: boolean;
  /** Time that verifying took. */
  readonly verifyMs: number;
}

export interface TakeOptions {
  /** Take what is stored, ask nobody. */
  readonly stored?: boolean;
  /** Ask past proxies and unconditionally, and after a moment: a mirror in the middle of an update gets the chance to end it. */
  readonly fresh?: boolean;
}

/** Two seconds of the usual 30 of `timeout`. */
const PAUSES_PER_TIMEOUT = 15;

/** @throws MergeError whatever fetching and verifying throw; RELEASE_CHANGED, TRUST_DAMAGED */
export async function takeRelease(
  from: MirrorSuite,
  world: World,
  request: RunRequest,
  published: InputsRecord | undefined,
  options: TakeOptions = {},
): Promise<TakenRelease> {
  const { mirror, suite } = from;
  const record = await readTrust(world.state, mirror.name, suite);
  const floor = floorOf(from, record, published);
  const accept = request.acceptOlder.has(`${mirror.name}/${suite}`);
  const stored = record === undefined ? undefined : await storedFiles(world.store, record);
  const check = await readLastCheck(world.state, mirror.name, suite);
  const verify = async (files: ReleaseFiles): Promise<Pick<TakenRelease, "release" | "problems" | "verifyMs">> => {
    const started = performance.now();
    const verified = await verifyRelease(files, from, floor, world, accept);
    return { ...verified, verifyMs: performance.now() - started };
  };

  const fromStore = async (files: ReleaseFiles): Promise<TakenRelease> => {
    const verified = await verify(files);
    const facts = { base: record?.url, state: "unchanged", via: [], bytes: 0, validator: check?.validator, asked: false } as const;
    return { from, ...verified, ...facts, before: undefined };
  };
  if (options.stored || request.offline) {
    if (stored !== undefined) return fromStore(stored);
    const text = `Cannot read suite "${suite}" of mirror "${mirror.name}" without asking it: no verified Release of it is stored, one must be there`;
    throw new MergeError("STORE_LACKS", text, { mirror: mirror.name, suite });
  }
  const asksAnyway = request.suites !== undefined || request.full || options.fresh;
  if (stored !== undefined && !asksAnyway && check !== undefined && !isDue(Date.parse(check.checked), mirror.pollMs, world.now)) {
    try {
      return await fromStore(stored);
    } catch (error) {
      if (!(error instanceof MergeError)) throw error;
      // It has expired, or its key is no longer trusted: the mirror may have a better one.
    }
  }

  const known = stored !== undefined && check?.sha256 === record?.sha256 && !request.full && !options.fresh ? check?.validator : undefined;
  const pauseMs = options.fresh ? mirror.timeoutMs / PAUSES_PER_TIMEOUT : 0;
  const fetched = await fetchRelease(from, world.downloader, known, options.fresh, pauseMs);
  if (fetched.kind === "not-modified") {
    if (stored === undefined) throw new Error("A conditional request was made without a stored Release");
    const verified = await verify(stored);
    const facts = { base: fetched.base, state: "unchanged", via: ["not-modified"], bytes: 0, validator: known, asked: true } as const;
    return { from, ...verified, ...facts, before: undefined };
  }
  const verified = await verify(fetched.files);
  if (!request.acceptReleaseChange)
    checkIdentity(record?.identity, verified.release.release, { mirror: mirror.name, suite, file: fetched.files.form });
  const state = floor === undefined ? "new" : verified.release.sha256 === floor.sha256 ? "unchanged" : "changed";
  const bytes = bytesOf(fetched.files).reduce((sum, file) => sum + file.length, 0);
  return { from, ...verified, base: fetched.base, state, via: ["full"], bytes, before: stored, validator: fetched.validator, asked: true };
}

/** A check that lies ahead was noted by a wrong clock. */
function isDue(checkedMs: number, pollMs: number, now: Date): boolean {
  const sinceMs = now.getTime() - checkedMs;
  return sinceMs < 0 || sinceMs >= pollMs;
}

/** @see acceptRelease */
export async function acceptReleases(
  intakes: readonly { readonly taken: TakenRelease }[],
  { request, world }: { readonly request: RunRequest; readonly world: World },
): Promise<void> {
  for (const { taken } of intakes) await acceptRelease(taken, request, world);
}

/** Raises the floor: called only when all that the run needs of the Release was verified, and before anything is switched. */
async function acceptRelease(taken: TakenRelease, request: RunRequest, world: World): Promise<void> {
  const { release, from } = taken;
  if (!taken.asked) return;
  const files = bytesOf(release.files).map(sha256Of);
  const record = await readTrust(world.state, from.mirror.name, from.suite);
  // Another suite of this run may have met a newer one, when the mirror moved on meanwhile.
  const accepted = request.acceptOlder.has(`${from.mirror.name}/${from.suite}`);
  if (record !== undefined && new Date(record.date) > release.date && !accepted) return;
  const known = record?.sha256 === release.sha256 && record.files.join() === files.join() && record.identity !== undefined;
  // Also when the record is right: the store may have lost what it names.
  if (!known || (await storedFiles(world.store, record)) === undefined)
    for (const bytes of bytesOf(release.files)) await world.store.put(bytes);
  if (!known) {
    const url = redacted(taken.base ?? from.mirror.urls[0] ?? "");
    const identity = identityOf(release.release);
    const facts = { date: release.date.toISOString(), sha256: release.sha256, signedBy: release.signedBy, url, identity, files };
    await writeTrust(world.state, from.mirror.name, from.suite, facts);
  }
  const validator = taken.validator === undefined ? {} : { validator: taken.validator };
  await writeLastCheck(world.state, from.mirror.name, from.suite, {
    checked: world.now.toISOString(),
    sha256: release.sha256,
    ...validator,
  });
}

/** Whether the mirror's suite was ever part of a published tree or accepted. */
export async function everContributed(from: MirrorSuite, world: World, published: InputsRecord | undefined): Promise<boolean> {
  const record = await readTrust(world.state, from.mirror.name, from.suite);
  return floorOf(from, record, published) !== undefined;
}

/** The later of what STATE remembers and what the published tree was made of: STATE may be new, gone, or restored from an older backup. */
function floorOf(from: MirrorSuite, record: TrustRecord | undefined, published: InputsRecord | undefined): Floor | undefined {
  const floors = record === undefined ? [] : [{ date: new Date(record.date), sha256: record.sha256 }];
  return newest([...floors, ...publishedFloors(from, published)]);
}

/** Whether the published tree still says that the mirror has been further, which the operator no longer wants to be asked for. */
export function lowersFloor({ from, release }: TakenRelease, { request, last }: IntakeFloors): boolean {
  if (!request.acceptOlder.has(`${from.mirror.name}/${from.suite}`)) return false;
  return publishedFloors(from, last?.inputs).some(({ date }) => date > release.date);
}

interface IntakeFloors {
  readonly request: RunRequest;
  readonly last: { readonly inputs: InputsRecord } | undefined;
}

function publishedFloors(from: MirrorSuite, published: InputsRecord | undefined): readonly Floor[] {
  const own = (records: readonly FloorRecord[]): readonly Floor[] =>
    records
      .filter(({ mirror, suite }) => mirror === from.mirror.name && suite === from.suite)
      .map(({ date, sha256 }) => ({ date: new Date(date), sha256 }));
  const { suites = {}, floors = [] } = published ?? {};
  const known = own([...releasesOf(suites, false), ...floors]);
  // What a suite was rolled back to counts for mirrors only that nothing else is known of: it may be newer than what was accepted since.
  return known.length > 0 ? known : own(releasesOf(suites, true));
}

const newest = (floors: readonly Floor[]): Floor | undefined =>
  floors.toSorted((left, right) => right.date.getTime() - left.date.getTime())[0];

async function storedFiles(store: Store, record: TrustRecord): Promise<ReleaseFiles | undefined> {
  const [first, second] = record.files;
  const bytes = first === undefined ? undefined : await store.get(first);
  if (bytes === undefined) return undefined;
  if (second === undefined) return { form: "InRelease", inRelease: bytes };
  const signature = await store.get(second);
  return signature === undefined ? undefined : { form: "Release.gpg", release: bytes, signature };
}

const bytesOf = (files: ReleaseFiles): readonly Buffer[] =>
  files.form === "InRelease" ? [files.inRelease] : [files.release, files.signature];
