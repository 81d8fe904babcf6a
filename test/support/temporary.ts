/** Folders that go away with the test file that made them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

const made: string[] = [];
/** An agent of gpg that is ending still removes its sockets meanwhile. */
const PATIENTLY = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 };
after(() => Promise.all(made.map((folder) => rm(folder, PATIENTLY))));

/** A new, empty folder with mode 0700. The name stays short: gpg puts sockets there. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "amt-"));
  made.push(folder);
  return folder;
}
