/**
 * A real browser without a screen, for the length of one test. It is spoken to over two pipes, so it listens nowhere.
 *
 *     const page = await openBrowser(t);
 *     if (page === undefined) return;                      // no browser here: the test was skipped
 *     await page.open(pathToFileURL(path).href);
 *     await page.click("th.package button");
 *     assert.equal(await page.evaluate("document.title"), "…");
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { needs, whereIs } from "../support/needs.ts";
import { type DevTools, devTools } from "./dev-tools.ts";

const LIFETIME_MS = 120_000;

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--remote-debugging-pipe",
];

export interface Look {
  readonly scheme?: "light" | "dark";
  readonly medium?: "screen" | "print";
  /** In CSS pixels. */
  readonly width?: number;
  readonly height?: number;
  readonly scripts?: boolean;
}

export interface Page {
  /** Opens it anew; what was complained of and asked for before is forgotten. */
  open(url: string, look?: Look): Promise<void>;
  /** Value of an expression in the page, by value. */
  evaluate(expression: string): Promise<unknown>;
  /** A real click in the middle of the first element that fits, which is scrolled to before. */
  click(selector: string): Promise<void>;
  /** Real text, into what has the focus. */
  type(text: string): Promise<void>;
  press(key: "Enter" | "Tab"): Promise<void>;
  /** PNG of what is seen, or of the whole page. */
  screenshot(whole?: boolean): Promise<Buffer>;
  /** Errors and warnings of the console, exceptions, what the page's own policy refused. */
  readonly complaints: readonly string[];
  /** Every address that was asked for after the page's own. */
  readonly requests: readonly string[];
}

/** @returns undefined when there is no browser: the test was skipped, or failed when it must be there */
export async function openBrowser(t: TestContext): Promise<Page | undefined> {
  if (!needs(t, "chromium")) return undefined;
  const profile = await mkdtemp(join(tmpdir(), "chromium-"));
  const child = spawn(whereIs("chromium") ?? "chromium", [...FLAGS, `--user-data-dir=${profile}`], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", HOME: profile, TMPDIR: profile, LC_ALL: "C.UTF-8" },
    // A group of its own: all its processes end with it.
    detached: true,
  });
  const gone = once(child, "exit").catch(() => {});
  const kill = (): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGKILL");
  };
  const limit = setTimeout(kill, LIFETIME_MS).unref();
  t.after(async () => {
    clearTimeout(limit);
    kill();
    await gone;
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  });
  const { 3: input, 4: output } = child.stdio;
  if (input === null || input === undefined || !("write" in input) || output === null || output === undefined || !("read" in output))
    throw new Error("Cannot speak to the browser: it has no pipes");
  return await attach(devTools(input, output));
}

async function attach(browser: DevTools): Promise<Page> {
  const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method: string, params: object = {}) => browser.send(method, params, String(sessionId));
  const complaints: string[] = [];
  const requests: string[] = [];
  const told: Readonly<Record<string, (event: string, type: unknown) => void>> = {
    "Runtime.consoleAPICalled": (event, type) => void (type === "error" || type === "warning" ? complaints.push(event) : 0),
    "Runtime.exceptionThrown": (event) => void complaints.push(event),
    "Log.entryAdded": (event) => void complaints.push(event),
    "Network.requestWillBeSent": (event) => void requests.push(event),
  };
  browser.on((method, params) => told[method]?.(JSON.stringify(params), params["type"]));
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);

  const evaluate = async (expression: string): Promise<unknown> => {
    const answer = await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (answer["exceptionDetails"] !== undefined) throw new Error(`${expression}: ${JSON.stringify(answer["exceptionDetails"])}`);
    const { result } = answer;
    return typeof result === "object" && result !== null && "value" in result ? result.value : undefined;
  };

  return {
    complaints,
    requests,
    evaluate,
    async open(url, { scheme = "light", medium = "screen", width = 1280, height = 900, scripts = true } = {}) {
      await send("Emulation.setEmulatedMedia", { media: medium, features: [{ name: "prefers-color-scheme", value: scheme }] });
      await send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 });
      await send("Emulation.setScriptExecutionDisabled", { value: !scripts });
      complaints.length = 0;
      const loaded = browser.next("Page.loadEventFired");
      await send("Page.navigate", { url });
      await loaded;
      const own = requests.findIndex((one) => one.includes(JSON.stringify(url)));
      requests.splice(0, own + 1);
    },
    async click(selector) {
      const spot = await evaluate(`(() => {
        const element = document.querySelector(${JSON.stringify(selector)});
        element.scrollIntoView({ block: "center" });
        const { left, top, width, height } = element.getBoundingClientRect();
        return [left + width / 2, top + height / 2];
      })()`);
      const [x, y] = Array.isArray(spot) ? spot : [];
      for (const type of ["mousePressed", "mouseReleased"])
        await send("Input.dispatchMouseEvent", { type, x, y, button: "left", clickCount: 1 });
    },
    type: async (text) => void (await send("Input.insertText", { text })),
    async press(key) {
      const [code, text] = key === "Enter" ? [13, "\r"] : [9, ""];
      for (const type of ["keyDown", "keyUp"])
        await send("Input.dispatchKeyEvent", { type, key, code: key, windowsVirtualKeyCode: code, text });
    },
    async screenshot(whole = false) {
      const { data } = await send("Page.captureScreenshot", { format: "png", captureBeyondViewport: whole });
      return Buffer.from(String(data), "base64");
    },
  };
}
