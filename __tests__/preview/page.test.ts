import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { renderHtml } from "../../preview/render/html";
import { openChromium } from "../support/chromium";
import { aChange, aReport, aStack } from "../support/reports";

const folder = mkdtempSync(join(tmpdir(), "drydock-page-"));
const file = join(folder, "report.html");
let browser: Browser | undefined;

beforeAll(async () => {
  const changes = [
    aChange({ kind: "replace", danger: "stateful", reason: "lost with it: <b>everything</b>", construct: "vpc/vpc" }),
    aChange({
      construct: `calm/${"very-long-name-".repeat(20)}`,
      differences: [{ path: "a", kind: "changed", before: "x".repeat(300), after: "y", forces: false }],
    }),
  ];
  writeFileSync(file, renderHtml(aReport({ stacks: [aStack({ changes })] })));
  browser = await openChromium();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

it("the page opens without a network, fits a phone, and is read by keyboard alone", async ({ skip }) => {
  if (!browser) return skip("Chromium is not installed, so the page was not looked at.");
  const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  expect(requests).toEqual([pathToFileURL(file).href]);
  expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true);
  // Values are text, never markup.
  expect(await page.locator("li b").count()).toBe(0);
  // What is dangerous is open, what is calm is folded; Enter opens it.
  expect(await page.locator("details[open]").count()).toBe(1);
  const summaries = await page.locator("summary").count();
  const focused = () => page.evaluate<string>("document.activeElement.tagName === 'SUMMARY' ? document.activeElement.textContent : ''");
  for (let presses = 0; presses < summaries + 3 && !(await focused()).includes("that delete nothing"); presses += 1)
    await page.keyboard.press("Tab");
  expect(await focused()).toContain("that delete nothing");
  await page.keyboard.press("Enter");
  expect(await page.locator("details[open]").count()).toBe(2);
  expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true);
  await page.close();
});
