/** Looks into the schema from outside: which keys a place knows, and what of a faulty config can still be checked. */
import { z } from "zod";

/** A part of the config of which anything may be missing because it was faulty. */
export type Draft<Value> = unknown extends Value
  ? Value
  : Value extends string | number | boolean | undefined
    ? Value
    : Value extends readonly (infer Element)[]
      ? readonly (Draft<Element> | undefined)[]
      : { readonly [Key in keyof Value]?: Draft<Value[Key]> | undefined };

type Schema = z.core.$ZodType;

function bare(schema: Schema): Schema {
  if (schema instanceof z.core.$ZodOptional || schema instanceof z.core.$ZodPrefault) return bare(schema._zod.def.innerType);
  return schema;
}

/** Keys that may stand at a path; those of every alternative where there are several. */
export function knownKeys(schema: Schema, path: readonly PropertyKey[]): readonly string[] {
  const here = bare(schema);
  if (here instanceof z.core.$ZodUnion) return here._zod.def.options.flatMap((option) => knownKeys(option, path));
  const [first, ...rest] = path;
  if (here instanceof z.core.$ZodObject) {
    const { shape } = here._zod.def;
    if (first === undefined) return Object.keys(shape);
    const inner = Object.hasOwn(shape, first) ? shape[String(first)] : undefined;
    return inner === undefined ? [] : knownKeys(inner, rest);
  }
  if (first === undefined) return [];
  if (here instanceof z.core.$ZodRecord) return knownKeys(here._zod.def.valueType, rest);
  if (here instanceof z.core.$ZodArray) return knownKeys(here._zod.def.element, rest);
  return [];
}

export const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * What can be had of a value that the schema refuses: its sound parts, at their places. So one run can report a misspelt key and, two
 * suites on, a mirror that does not exist.
 */
export function salvage<S extends Schema>(schema: S, value: unknown): Draft<z.output<S>> | undefined {
  return salvaged(schema, value) as Draft<z.output<S>> | undefined;
}

function salvaged(schema: Schema, value: unknown): unknown {
  const whole = z.safeParse(schema, value);
  if (whole.success) return whole.data;
  const inner = bare(schema);
  if (inner instanceof z.core.$ZodUnion) {
    return inner._zod.def.options.map((option) => salvaged(option, value)).find((part) => part !== undefined);
  }
  if (inner instanceof z.core.$ZodArray) {
    const { element } = inner._zod.def;
    return Array.isArray(value) ? value.map((part) => salvaged(element, part)) : undefined;
  }
  if (!isMap(value)) return undefined;
  if (inner instanceof z.core.$ZodObject) {
    return Object.fromEntries(Object.entries(inner._zod.def.shape).map(([key, part]) => [key, salvaged(part, value[key])]));
  }
  if (inner instanceof z.core.$ZodRecord) {
    const { valueType } = inner._zod.def;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, salvaged(valueType, part)]));
  }
  return undefined;
}
