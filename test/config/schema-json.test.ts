import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { z } from "zod";
import { schemaText } from "../../config/schema-json.ts";

const Node = z.looseObject({ properties: z.record(z.string(), z.unknown()).optional(), description: z.string().optional() });

/** Every `properties` entry, with its path. */
function* keysOf(value: unknown, path = ""): Generator<readonly [path: string, description: string | undefined]> {
  if (typeof value !== "object" || value === null) return;
  const { properties = {} } = Array.isArray(value) ? {} : Node.parse(value);
  for (const [key, part] of Object.entries(properties)) yield [`${path}.${key}`, Node.parse(part).description];
  for (const [key, part] of Object.entries(value)) yield* keysOf(part, `${path}.${key}`);
}

test("aptmerge.schema.json is what the schema says (else: node config/schema-json.ts --write)", () => {
  assert.equal(readFileSync(new URL("../../config/aptmerge.schema.json", import.meta.url), "utf8"), schemaText());
});

test("every key is described by sentences that give default, need or unit", () => {
  const keys = [...keysOf(JSON.parse(schemaText()))];
  assert.ok(keys.length > 40, `${keys.length} keys`);
  const without = keys.filter(([, description]) => description === undefined || !description.endsWith("."));
  assert.deepEqual(without, []);
});

test("required keys and refused ones are known to editors", () => {
  const schema = z
    .looseObject({ $schema: z.string(), required: z.array(z.string()), additionalProperties: z.boolean() })
    .parse(JSON.parse(schemaText()));
  assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
  assert.deepEqual(schema.required, ["state", "output", "mirrors", "suites"]);
  assert.equal(schema.additionalProperties, false);
});
