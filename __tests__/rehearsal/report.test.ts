import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StepReport } from "../../rehearsal/life-cycle";
import { renderHtml } from "../../rehearsal/report/html";
import { reportOf, type ClusterReport } from "../../rehearsal/report/model";
import { renderTerminal } from "../../rehearsal/report/terminal";
import { openChromium } from "../support/chromium";

const counts = { create: 12, update: 1, replace: 0, delete: 0 };
const prediction = {
  median: 640,
  p90: 900,
  path: [
    { address: "dev-blue-cluster: aws_eks_cluster.main", seconds: 562, basis: "observed" },
    { address: "dev-network: aws_vpc_endpoint.s3", seconds: 60, basis: "estimate" },
  ],
} as const;
const step = (overrides: Partial<StepReport>): StepReport => ({
  id: "create",
  title: "create blue at 1.36",
  ok: true,
  problems: [],
  counts,
  wallSeconds: 4,
  prediction,
  stacks: [
    { name: "dev-network", status: "done", counts, startedAt: 0.2, seconds: 1.5, prediction },
    { name: "dev-blue-cluster", status: "failed", counts, startedAt: 1.7, seconds: 2.1, prediction },
  ],
  ...overrides,
});
const cluster: ClusterReport = {
  cluster: "dev",
  ok: false,
  steps: [step({}), step({ id: "destroy", title: "destroy everything", ok: false, problems: ["dev-data: <b>kept</b> a bucket"] })],
  fingerprint: "0123456789abcdef",
  excluded: ["aws_vpc.id"],
  faults: [
    {
      fault: "create-fails:dev-network/aws_vpc#1",
      converged: false,
      problem: "the plain run fails",
      reproduce: "npx drydock rehearse dev --fault create-fails:dev-network/aws_vpc#1",
    },
  ],
};
const report = reportOf(new Date("2026-11-23T10:00:00Z"), "1.11.4", [cluster]);

describe("the report on a terminal", () => {
  it("says what failed, what decides the time, what a fault needs to happen again, and what was not proven", () => {
    const text = renderTerminal(report);
    expect(text).toContain("dev: FAILED");
    expect(text).toContain("11 min (15 min)");
    expect(text).toContain("aws_eks_cluster.main 9 min, then dev-network: aws_vpc_endpoint.s3 60 s (estimated)");
    expect(text).toContain("!! destroy everything: dev-data");
    expect(text).toContain("again: npx drydock rehearse dev --fault create-fails:dev-network/aws_vpc#1");
    expect(text).toContain("IAM denials");
  });
});

describe("the report as a page", () => {
  let browser: Browser | undefined;
  const folder = mkdtempSync(join(tmpdir(), "drydock-report-"));
  const file = join(folder, "report.html");

  beforeAll(async () => {
    writeFileSync(file, renderHtml(report));
    browser = await openChromium();
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  it("opens without a network, at phone width and by keyboard alone", async ({ skip }) => {
    if (!browser) return skip();
    const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    expect(requests).toEqual([pathToFileURL(file).href]);
    expect(await page.locator("h1").innerText()).toBe("Rehearsal failed");
    expect(await page.locator("tbody tr").count()).toBe(2);
    // What a stack printed must be text, not markup.
    expect(await page.locator("section b").count()).toBe(0);
    expect(await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")).toBe(true);
    const focused = () => page.evaluate("document.activeElement.tagName");
    for (let presses = 0; presses < 4 && (await focused()) !== "SUMMARY"; presses += 1) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.locator("details[open] svg").count()).toBe(1);
    expect(await page.locator("details[open] svg rect.failed").count()).toBe(1);
    await page.close();
  });
});
