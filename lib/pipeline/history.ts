/** The generations that are there, and what each was made of. Reads only; a run may be at work meanwhile. */
import { MergeError } from "../errors.ts";
import type { Folder } from "../ports.ts";
import { type Generation, listGenerations } from "../publish/generations.ts";
import type { GenerationHistory, SuiteHistory } from "../report/history.ts";
import { type InputsRecord, readInputs, type SuiteRecord } from "../state/inputs-record.ts";
import { type LastSuite, suiteFault } from "./last-generation.ts";

/** Newest first. */
export async function readHistory(output: Folder, live: Generation | undefined): Promise<readonly GenerationHistory[]> {
  const generations: GenerationHistory[] = [];
  for (const one of (await listGenerations(output)).toSorted((left, right) => right.number - left.number)) {
    const read = await readGeneration(output, one, one.number === live?.number);
    // A run that prunes may take it away meanwhile.
    if ((await output.list(one.path)) !== undefined) generations.push(read);
  }
  return generations;
}

async function readGeneration(output: Folder, { number, path }: Generation, live: boolean): Promise<GenerationHistory> {
  let inputs: InputsRecord;
  try {
    inputs = await readInputs(output, path);
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    return { generation: number, live, damage: [error.message], suites: [] };
  }
  const signed = (await output.stat(`${path}/key.asc`)) !== undefined;
  const suites = Object.entries(inputs.suites);
  const damage = [];
  for (const [name, record] of suites) {
    const fault = await faultOf({ record, path: `${path}/dists/${name}` }, output, signed);
    if (fault !== undefined) damage.push(fault);
  }
  const { published, version, rollbackOf } = inputs;
  const origin = rollbackOf === undefined ? {} : { rollbackOf };
  return { generation: number, live, published, version, ...origin, damage, suites: suites.map(([name, record]) => told(name, record)) };
}

async function faultOf(suite: LastSuite, output: Folder, signed: boolean): Promise<string | undefined> {
  try {
    return await suiteFault(suite, output, signed);
  } catch (error) {
    if (!(error instanceof MergeError)) throw error;
    return error.message;
  }
}

function told(name: string, { date, validUntil, mirrors, indices, rolledBack }: SuiteRecord): SuiteHistory {
  const sum = (of: (index: SuiteRecord["indices"][number]) => number): number => indices.reduce((total, index) => total + of(index), 0);
  return {
    name,
    date,
    ...(validUntil === undefined ? {} : { validUntil }),
    mirrors: mirrors.map((mirror) => ({ name: mirror.mirror, suite: mirror.suite, date: mirror.date })),
    indices: indices.length,
    stanzas: sum(({ stanzas }) => stanzas),
    bytes: sum(({ bytes }) => bytes),
    ...(rolledBack === undefined ? {} : { contentOf: rolledBack.generation }),
  };
}
