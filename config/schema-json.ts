/**
 * The JSON Schema of the config, for editors: `node config/schema-json.ts` prints it, with --write it replaces config/aptmerge.schema.json.
 * It knows forms and words; what needs a look at more than one key is only found by aptmerge itself.
 */
import { writeFileSync } from "node:fs";
import { z } from "zod";
import { ConfigSchema } from "./schema.ts";

/** The text of config/aptmerge.schema.json. */
export function schemaText(): string {
  const { $schema, ...rest } = z.toJSONSchema(ConfigSchema, { target: "draft-2020-12", io: "input" });
  return `${JSON.stringify({ $schema, title: "aptmerge.yaml", ...rest }, undefined, 2)}\n`;
}

if (import.meta.main) {
  if (process.argv.includes("--write")) writeFileSync(new URL("aptmerge.schema.json", import.meta.url), schemaText());
  else process.stdout.write(schemaText());
}
