import type { AxeResults, RunOptions } from "axe-core";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axeSource, launchBrowser, servePages } from "./_browser.ts";
import { everyPage } from "./_views.ts";

declare const axe: { run(context: Document, options?: RunOptions): Promise<AxeResults> };

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});

describe.each([
  { colorScheme: "light", viewport: { width: 320, height: 640 } },
  { colorScheme: "dark", viewport: { width: 1280, height: 800 } },
] as const)("every page, $colorScheme, $viewport.width px wide", ({ colorScheme, viewport }) => {
  it("has nothing that axe objects to, nothing to scroll sideways, no small target, no blocked resource", async () => {
    const context = await browser.newContext({ colorScheme, viewport, reducedMotion: "reduce" });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on("console", (message) => problems.push(`console: ${message.text()}`));
    const origin = await servePages(page, everyPage);
    for (const name of Object.keys(everyPage)) {
      await page.goto(`${origin}/${name}`);
      problems.push(...(await page.evaluate(layoutProblems)).map((problem) => `${name}: ${problem}`));
      await page.evaluate(axeSource);
      const { violations } = await page.evaluate(() => axe.run(document));
      problems.push(...violations.map((each) => `${name}: ${each.impact} ${each.id} ${each.nodes[0]?.html}`));
    }
    await context.close();
    expect(problems).toEqual([]);
  }, 120_000);
});

/** Runs in the page. */
function layoutProblems(): string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  const wide = scrollWidth > clientWidth ? [`${scrollWidth} px wide in ${clientWidth}`] : [];
  const targets = [...document.querySelectorAll("button, input:not([type=hidden]), a.button, a.quiet, summary")];
  const small = targets.filter((target) => target.getBoundingClientRect().height < 44);
  const inputs = [...document.querySelectorAll("input:not([type=hidden])")];
  const zooming = inputs.filter((input) => Number.parseFloat(getComputedStyle(input).fontSize) < 16);
  return [
    ...wide,
    ...small.map((target) => `less than 44 px high: ${target.outerHTML}`),
    ...zooming.map((input) => `a phone zooms in on ${input.outerHTML}`),
  ];
}
