/**
 * The building blocks of the schema. Every `error` text of the schema says what is wanted and completes the sentence "it must be …";
 * config/findings.ts puts the place and the value found before it.
 */
import { z } from "zod";
import { type Fingerprint, parseFingerprint, type SuitePath } from "../lib/archive/names.ts";
import { MergeError } from "../lib/errors.ts";
import { DURATION, parseDuration, parseShare, parseSize, SHARE, SIZE } from "./units.ts";

export const text = (wanted: string) => z.string({ error: wanted });
/** Text that often looks like a number to YAML, such as the version 5.0. */
export const label = (wanted: string) =>
  z.string({ error: ({ input }) => (typeof input === "number" || typeof input === "boolean" ? `${wanted}, in quotes` : wanted) });

export const flag = () => z.boolean({ error: "true or false" });

export function count(least: number, most: number) {
  const wanted = `a whole number from ${least} to ${most}`;
  return z.int({ error: wanted }).min(least, wanted).max(most, wanted);
}

/** A list in which nothing stands twice. */
export function list<Element extends z.ZodType>(element: Element, wanted: string, least = 1) {
  return z
    .array(element, { error: wanted })
    .min(least, wanted)
    .superRefine((elements, context) => {
      const seen = new Set<unknown>();
      for (const [position, value] of elements.entries()) {
        if (seen.has(value)) context.addIssue({ code: "custom", message: "listed only once", path: [position] });
        seen.add(value);
      }
    });
}

export const oneOrMore = <Element extends z.ZodType>(element: Element, wanted: string) =>
  z.union([element, list(element, wanted)], { error: wanted });

/** Text that a parser turns into a value, or answers by undefined. */
export function parsed<Value>(form: z.ZodType<string, string>, parse: (text: string) => Value | undefined, wanted: string) {
  return form.transform((value, context): Value => {
    const result = parse(value);
    if (result !== undefined) return result;
    context.addIssue({ code: "custom", message: wanted });
    return z.NEVER;
  });
}

/** Undefined instead of the name parsers' own refusal, which cannot know where in the config the name stands. */
export function orUndefined<Name>(parse: (text: string) => Name): (text: string) => Name | undefined {
  return (value) => {
    try {
      return parse(value);
    } catch (thrown) {
      if (thrown instanceof MergeError) return undefined;
      throw thrown;
    }
  };
}

export const name = <Name>(parse: (text: string) => Name, wanted: string) => parsed(label(wanted), orUndefined(parse), wanted);

/** The key of a map; it stays a string, its parser says only whether it will do. */
export const keyName = (parse: (text: string) => unknown, wanted: string) =>
  label(wanted).refine((value) => orUndefined(parse)(value) !== undefined, wanted);

/** One line of printable text. */
export const line = (wanted: string) => label(wanted).regex(/^(?! )[^\p{Cc}\u2028\u2029]{1,1000}(?<! )$/u, wanted);

/** Path of a file or folder; relative ones start at the folder of the config. */
export const path = (wanted: string) =>
  text(wanted)
    .min(1, wanted)
    .max(4000, wanted)
    .regex(/^[^\p{Cc}]*$/u, `${wanted}, without control characters`);

/** Milliseconds; 0 also as a number, because nobody writes a unit there. */
export function duration(least: number, most: number, wanted: string) {
  const form = text(wanted).regex(DURATION, wanted);
  const within = (ms: number | undefined) => (ms !== undefined && ms >= least && ms <= most ? ms : undefined);
  const written = parsed(form, (value) => within(parseDuration(value)), wanted);
  return least > 0 ? written : z.union([written, z.literal(0, { error: wanted })], { error: wanted });
}

export function size(wanted: string) {
  return parsed(text(wanted).regex(SIZE, wanted), (value) => parseSize(value) || undefined, wanted);
}

export function share(wanted: string) {
  return parsed(text(wanted).regex(SHARE, wanted), parseShare, wanted);
}

export const fingerprint = (wanted: string) => parsed(label(wanted), parseFingerprint, wanted);

export interface Pin {
  readonly fingerprint: Fingerprint;
  readonly exact: boolean;
}

/** `FPR` pins a primary key, `FPR!` exactly one signing key or subkey, as apt's Signed-By has it. */
export function pin(wanted: string) {
  return parsed(
    label(wanted),
    (value): Pin | undefined => {
      const exact = value.endsWith("!");
      const found = parseFingerprint(exact ? value.slice(0, -1) : value);
      return found && { fingerprint: found, exact };
    },
    wanted,
  );
}

/** `mirror/suite/path`, split at the first slash. */
export function splitFrom(value: string, parse: (text: string) => SuitePath): { mirror: string; suite: SuitePath } | undefined {
  const slash = value.indexOf("/");
  const suite = slash > 0 ? orUndefined(parse)(value.slice(slash + 1)) : undefined;
  return suite && { mirror: value.slice(0, slash), suite };
}

/** One of several words. */
export function word<const Words extends readonly string[]>(words: Words) {
  return z.enum(words, { error: `${words.slice(0, -1).join(", ")} or ${words.at(-1)}` });
}
