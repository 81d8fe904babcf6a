/** How much is tried, and from which number the trials come: more and others by the environment, as CONTRIBUTING.md says. */

/** Shares of this are what each test tries. */
const USUAL = 2_000;

function numberOf(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined || text === "") return otherwise;
  if (!/^[1-9][0-9]{0,8}$/.test(text)) throw new Error(`Cannot use ${name}="${text}": it must be a number above 0`);
  return Number(text);
}

const ROUNDS = numberOf("FUZZ_ROUNDS", USUAL);

/** Named in every message, so that a failure can be seen again. */
export const SEED = numberOf("FUZZ_SEED", 20_261_128);

/** @param usual how many when nothing is asked for */
export const rounds = (usual: number): number => Math.ceil((usual * ROUNDS) / USUAL);
