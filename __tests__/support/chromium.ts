import { existsSync } from "node:fs";
import { execa } from "execa";
import { chromium, type Browser } from "playwright-core";

const CANDIDATES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Flags under which Chromium talks to nobody but the page. */
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Starts headless Chromium. CI installs it; elsewhere its absence is a reason to skip.
 * @returns undefined, after saying so, where there is none
 */
export async function openChromium(): Promise<Browser | undefined> {
  if (!CANDIDATES.some(existsSync) && process.env["CI"] === "true") {
    await execa("apt-get", ["update", "-q"]);
    await execa("apt-get", ["install", "-qy", "--no-install-recommends", "chromium"], { env: { DEBIAN_FRONTEND: "noninteractive" } });
  }
  const executablePath = CANDIDATES.find(existsSync);
  if (executablePath === undefined) {
    console.warn("Chromium is not installed, so the pages were not looked at.");
    return undefined;
  }
  return chromium.launch({ executablePath, args: QUIET });
}
