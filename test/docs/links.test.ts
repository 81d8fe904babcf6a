/** Links of the pages lead somewhere, files that they name are there, and no real host is named. */
import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { codeIn, PAGES, proseOf, ROOT, readPage } from "./pages.ts";

/** As forges make anchors of headings. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

const anchorsOf = (page: string): ReadonlySet<string> =>
  new Set([...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading]) => slug(heading ?? "")));

/** A path of the project as pages write it: below one of its folders, perhaps with stars. */
const PATH = /^(?:bin|lib|config|indices|test)\/[A-Za-z0-9_./*-]+$/;

for (const page of PAGES) {
  test(`${page}: every relative link leads to a file, and to a heading of it`, () => {
    for (const [, target = ""] of proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : join(dirname(page), path);
      assert.ok(existsSync(join(ROOT, file)), `${target} is not there`);
      if (anchor !== undefined) assert.ok(anchorsOf(file).has(anchor), `${file} has no heading for #${anchor}`);
    }
  });

  test(`${page}: every file of the project that it names is there`, () => {
    for (const path of codeIn(proseOf(page)).filter((code) => PATH.test(code))) {
      assert.ok(globSync(path, { cwd: ROOT }).length > 0, `${path} is not there`);
    }
  });

  test(`${page}: hosts are made up`, () => {
    const hosts = [...readPage(page).matchAll(/\b(?:https?|ftp):\/\/([^/\s)`"',\]}]+)/g)].map(([, host]) => host ?? "");
    assert.deepEqual(
      hosts.filter((host) => !host.endsWith(".example")),
      [],
    );
  });
}
