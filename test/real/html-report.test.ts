/** The HTML report in a real browser: it loads nothing, says nothing wrong, is quick with very many changes, and its controls do what they say. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pathToFileURL } from "node:url";
import { formatHtml } from "../../lib/report/html.ts";
import type { Report } from "../../lib/report/report.ts";
import { type Look, openBrowser, type Page } from "../report/browser.ts";
import { HOSTILE, reportFilledWith } from "../report/hostile.ts";
import { madeUpReport } from "../report/made-up.ts";
import { change, report, suite } from "../report/reports.ts";
import { temporaryFolder } from "../support/temporary.ts";

const CHANGES = 10_000;
/** Of 10,000 changes; a hundred times what it takes on a fast machine. */
const FIRST_PAINT_LIMIT_MS = 5000;
const ALL_ROWS_LIMIT_MS = 20_000;

const folder = await temporaryFolder();
let pages = 0;

async function fileOf(one: Report): Promise<string> {
  const path = join(folder, `report-${++pages}.html`);
  await writeFile(path, formatHtml(one));
  return pathToFileURL(path).href;
}

/** Two suites with changes, so that every control shows. */
function twoSuites(): Report {
  const other = suite({
    name: "other",
    mirrors: madeUpReport(1).suites[0]?.mirrors ?? [],
    changes: [change("added", "only-here", { architecture: "riscv64", component: "contrib" })],
  });
  const [first] = madeUpReport(40).suites;
  assert.ok(first);
  return report([first, other]);
}

const shown = (page: Page): Promise<unknown> => page.evaluate('document.querySelector("#shown").textContent');
const names = async (page: Page): Promise<readonly string[]> => {
  const found = await page.evaluate('[...document.querySelectorAll("#rows tbody td.name b")].map((one) => one.textContent)');
  assert.ok(Array.isArray(found));
  return found.map(String);
};
const allRows = (page: Page): Promise<unknown> =>
  page.evaluate(`(async () => {
    const wanted = Number(/in ([0-9,]+) row/.exec(document.querySelector("#shown").textContent)[1].replaceAll(",", ""));
    const limit = performance.now() + ${ALL_ROWS_LIMIT_MS};
    const count = () => document.querySelectorAll("#rows tbody tr").length;
    while (count() < wanted && performance.now() < limit) await new Promise((resolve) => setTimeout(resolve, 20));
    return [count(), wanted];
  })()`);
const choose = (page: Page, control: string, value: string): Promise<unknown> =>
  page.evaluate(`(() => {
    const control = document.querySelector(${JSON.stringify(control)});
    control.value = ${JSON.stringify(value)};
    control.dispatchEvent(new Event("input", { bubbles: true }));
  })()`);

test("the HTML report in a real browser", async (t) => {
  const browser = await openBrowser(t);
  if (browser === undefined) return;
  const large = await fileOf(madeUpReport(CHANGES));
  const small = await fileOf(twoSuites());

  /** One behaviour, on a page that was opened anew; whatever it is, the page asks for nothing and complains of nothing. */
  const behaviour = (name: string, url: string, look: Look, check: (page: Page, t: TestContext) => Promise<void>) =>
    t.test(name, async (own) => {
      await browser.open(url, look);
      await check(browser, own);
      assert.deepEqual(browser.complaints, []);
      assert.deepEqual(
        browser.requests.filter((one) => !one.includes('"url":"data:,"')),
        [],
      );
    });

  await behaviour("ten thousand changes are shown at once, and all rows are there soon after", large, {}, async (page, own) => {
    const [count, wanted] = (await allRows(page)) as readonly [number, number];
    const times = await page.evaluate(
      '[performance.getEntriesByName("first-contentful-paint")[0].startTime, performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd]',
    );
    const [paint, ready] = times as readonly [number, number];
    own.diagnostic(`first rows after ${Math.round(ready)} ms, first paint after ${Math.round(paint)} ms, ${count} rows`);
    assert.ok(Math.max(paint, ready) < FIRST_PAINT_LIMIT_MS, String(times));
    assert.equal(count, wanted);
    assert.ok(count > CHANGES / 2);
    assert.match(String(await shown(page)), /^10,011 of 10,011 in /);
    assert.match(String(await page.evaluate("document.title")), /^Published generation 42 in part/);
  });

  await behaviour(
    "a click on a heading orders the rows, a second one turns them around, a third one undoes it",
    large,
    {},
    async (page) => {
      const asReported = await names(page);
      const order = new Intl.Collator("en", { numeric: true });
      for (const [state, direction] of [
        ["ascending", 1],
        ["descending", -1],
      ] as const) {
        await page.click("th.package button");
        assert.equal(await page.evaluate('document.querySelector("th.package").ariaSort'), state);
        await allRows(page);
        const found = await names(page);
        assert.ok(found.length > CHANGES / 2);
        assert.deepEqual(
          found,
          found.toSorted((left, right) => direction * order.compare(left, right)),
        );
      }
      await page.click("th.package button");
      assert.equal(await page.evaluate('document.querySelectorAll("#rows th:not([aria-sort=none])").length'), 0);
      assert.deepEqual((await names(page)).slice(0, 100), asReported.slice(0, 100));
    },
  );

  await behaviour("every heading can be reached and pressed with the keyboard", small, {}, async (page) => {
    await page.evaluate('document.querySelector("#filters button").focus()');
    for (const column of ["kind", "suite", "package", "version", "mirror", "where", "why"]) {
      await page.press("Tab");
      await page.press("Enter");
      assert.equal(await page.evaluate('document.querySelector("th[aria-sort=ascending]").dataset.column'), column);
    }
  });

  await behaviour("typing finds rows by any of their parts and the counts follow; reset shows all again", large, {}, async (page) => {
    await page.click("#search");
    await page.type("libpam SYSTEMD-sysv");
    assert.equal(await shown(page), "2 of 10,011 in 2 rows");
    assert.deepEqual(await names(page), ["gnome-shell", "libpam-systemd"]);
    const counts = await page.evaluate('[...document.querySelectorAll(".chips .count")].map((one) => one.textContent).join(" ")');
    assert.equal(counts, "0 0 0 0 0 0 0 0 2 0 0 0 0 0");
    await page.type(" nobody");
    assert.equal(await shown(page), "0 of 10,011 in 0 rows");
    assert.equal(await page.evaluate('document.querySelector("#nothing").hidden'), false);
    await page.click("#filters button");
    assert.match(String(await shown(page)), /^10,011 of 10,011 in /);
  });

  await behaviour("kinds, suites and architectures narrow the rows, each with its own count", small, {}, async (page) => {
    await page.click("button.removed");
    assert.equal(await page.evaluate('document.querySelector("button.removed").ariaPressed'), "true");
    assert.equal(await shown(page), "2 of 52 in 2 rows");
    await page.click("button.orphaned");
    assert.equal(await shown(page), "3 of 52 in 3 rows");
    await page.click("#filters button");
    await choose(page, "#suite", "1");
    assert.deepEqual([await shown(page), await names(page)], ["1 of 52 in 1 row", ["only-here"]]);
    await choose(page, "#suite", "");
    await choose(page, "#architecture", "riscv64");
    assert.deepEqual([await shown(page), await names(page)], ["1 of 52 in 1 row", ["only-here"]]);
    // Of a row for two architectures only the one that is asked for counts.
    await choose(page, "#architecture", "arm64");
    await page.click("button.banned");
    assert.equal(await shown(page), "1 of 52 in 1 row");
  });

  await behaviour("the headings stay in sight", large, {}, async (page) => {
    await allRows(page);
    await page.evaluate("scrollTo(0, 100000)");
    assert.equal(await page.evaluate("scrollY > 50000"), true);
    const tops = await page.evaluate('["#filters", "#rows thead"].map((one) => document.querySelector(one).getBoundingClientRect().top)');
    assert.ok(Array.isArray(tops) && tops[0] === 0 && tops[1] > 30 && tops[1] < 80, String(tops));
  });

  for (const [medium, width] of [
    ...[320, 400, 700, 961, 1000, 1280, 1900].map((wide) => ["screen", wide] as const),
    ["print", 700] as const,
  ]) {
    await behaviour(`nothing sticks out of a page on ${medium} that is ${width} wide`, small, { medium, width }, async (page) => {
      await allRows(page);
      assert.equal(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
      const out = await page.evaluate(
        '[...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 80))',
      );
      assert.deepEqual(out, []);
    });
  }

  const screens: Buffer[] = [];
  for (const scheme of ["light", "dark"] as const) {
    await behaviour(`in the ${scheme} every text has a contrast of 4.5 to 1 or more`, small, { scheme }, async (page) => {
      await allRows(page);
      await page.click("button.added");
      await page.click("button.added");
      assert.deepEqual(await page.evaluate(FAINT), []);
      screens.push(await page.screenshot());
    });
  }
  await t.test("light and dark differ", () => {
    assert.equal(screens.length, 2);
    assert.notDeepEqual(screens[0], screens[1]);
  });

  await behaviour("every control has a name, the page a language and one main heading", small, {}, async (page) => {
    const nameless = await page.evaluate(
      '[...document.querySelectorAll("input, select")].filter((one) => one.labels.length !== 1 || one.labels[0].textContent.trim() === "").length + [...document.querySelectorAll("button:not([hidden])")].filter((one) => one.textContent.trim() === "").length',
    );
    assert.equal(nameless, 0);
    assert.deepEqual(await page.evaluate('[document.documentElement.lang, document.querySelectorAll("h1").length]'), ["en", 1]);
  });

  await behaviour("without scripts the rows stand in plain tables", large, { scripts: false }, async (page) => {
    const found = await page.evaluate(
      '[document.querySelectorAll("#plain tbody tr").length, document.querySelector("#explorer").offsetHeight]',
    );
    assert.ok(Array.isArray(found) && found[0] > CHANGES / 2 && found[1] === 0, String(found));
  });

  await behaviour(
    "of very many rows some wait until they are asked for, or printed",
    await fileOf(madeUpReport(33_000)),
    {},
    async (page) => {
      const count = () => page.evaluate('document.querySelectorAll("#rows tbody tr").length');
      const waitFor = (rows: number) =>
        page.evaluate(`(async () => { const limit = performance.now() + ${ALL_ROWS_LIMIT_MS};
        while (document.querySelector("#more").hidden && performance.now() < limit) await new Promise((resolve) => setTimeout(resolve, 50));
        return document.querySelectorAll("#rows tbody tr").length === ${rows}; })()`);
      assert.equal(await waitFor(20_000), true);
      await page.evaluate('dispatchEvent(new Event("beforeprint"))');
      assert.ok(Number(await count()) > 20_000);
      assert.equal(await page.evaluate('document.querySelector("#more").hidden'), true);
    },
  );

  for (const text of HOSTILE) {
    await behaviour(
      `hostile text is text: ${JSON.stringify(text).slice(0, 40)}`,
      await fileOf(reportFilledWith(text)),
      {},
      async (page) => {
        await allRows(page);
        const elements = await page.evaluate(
          'document.querySelectorAll("script, img, iframe, object, [onclick], [onerror], [onmouseover]").length',
        );
        assert.equal(elements, 1, "the page's own script");
        assert.equal(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), true);
        await choose(page, "#search", "upgraded");
        assert.match(String(await shown(page)), /^[1-9][0-9]* of /);
      },
    );
  }
});

/** Texts that are seen and stand out too little from what is behind them, as WCAG 2 counts it. */
const FAINT = `(() => {
  const channels = (colour) => colour.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, position) => sum + one * [0.2126, 0.7152, 0.0722][position], 0);
  const behind = (element) => {
    for (let one = element; one !== null; one = one.parentElement) {
      const colour = channels(getComputedStyle(one).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "");
    if (!own || element.getClientRects().length === 0) continue;
    const [one, other] = [light(channels(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) faint.push(element.outerHTML.slice(0, 100) + " " + ratio.toFixed(2));
  }
  return faint;
})()`;
