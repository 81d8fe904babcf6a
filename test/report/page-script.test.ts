import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { pageScript } from "../../lib/report/page-script.ts";

test("pageScript: it is a script by itself, which does nothing on a page without rows", () => {
  const asked: string[] = [];
  const querySelector = (selector: string): null => {
    asked.push(selector);
    return null;
  };
  runInNewContext(pageScript(), { window: { document: { querySelector } } });
  assert.deepEqual(asked, ["#plain"]);
});

test("pageScript: no type and no import is left in it, and it cannot end its element", () => {
  assert.doesNotMatch(pageScript(), /\breadonly\b|\bimport\b|\bexport\b|: string|<\/script|<!--/);
});
