/** What a world knows of packages that cannot be installed, as its file has it. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sealed, unsealed } from "../../lib/archive/sealed.ts";
import type { TestWorld } from "./world.ts";

const pathIn = (world: TestWorld): string => join(world.state, "cache/breakage/merged/amd64.json");

export const readBreakageRecord = async (world: TestWorld): Promise<Record<string, unknown>> =>
  JSON.parse(unsealed(await readFile(pathIn(world)))?.toString() ?? "{}");

export const writeBreakageRecord = (world: TestWorld, record: string): Promise<void> =>
  writeFile(pathIn(world), sealed(Buffer.from(record)));
