import { readFileSync } from "node:fs";
import { join } from "node:path";
import MarkdownIt from "markdown-it";
import { chromium } from "playwright-core";

// npm run pictures: photographs the golden preview for docs/previews.md; CHROMIUM names the browser.
const root = process.cwd();
const golden = (name: string): string => readFileSync(join(root, "__tests__", "preview", "golden", name), "utf8");

/** Looks of a comment on GitHub, so far as a picture needs them. */
const COMMENT = `body { margin: 16px; font: 14px/1.5 system-ui, sans-serif; color: #1f2328; background: #fff; }
code { background: #eff1f3; border-radius: 4px; padding: .1em .35em; font: 85% ui-monospace, monospace; }
h2 { border-bottom: 1px solid #d1d9e0; padding-bottom: .3em; } table { border-collapse: collapse; } th, td { border: 1px solid #d1d9e0; padding: 4px 10px; }
summary { cursor: pointer; }`;

async function main(): Promise<void> {
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  const comment = new MarkdownIt({ html: true }).render(golden("cidr.md"));
  const pictures = [
    { file: "preview-page.png", html: golden("cidr.html"), width: 1100, height: 760 },
    { file: "preview-phone.png", html: golden("cidr.html"), width: 390, height: 760 },
    { file: "preview-comment.png", html: `<style>${COMMENT}</style>${comment}`, width: 1000, height: 760 },
  ];
  for (const { file, html, width, height } of pictures) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme: "light" });
    await page.setContent(html);
    await page.screenshot({ path: join(root, "docs", file) });
    await page.close();
    process.stdout.write(`Wrote docs/${file}\n`);
  }
  await browser.close();
}

void main();
