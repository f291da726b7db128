import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import chromium from "@sparticuz/chromium";
import { type Browser, chromium as launcher, type Page } from "playwright-core";

const require = createRequire(import.meta.url);
export const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** A headless Chromium from the npm registry. One process would end with its first closed context, hence the filter. */
export async function launchBrowser(): Promise<Browser> {
  return launcher.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args.filter((flag) => flag !== "--single-process" && flag !== "--no-zygote"),
  });
}

/** The policy the broker sends with every page (S-53). */
const contentSecurityPolicy =
  "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/** Serves documents, the stylesheet and the icon to one browser page, without a port. */
export async function servePages(page: Page, documents: Readonly<Record<string, string>>): Promise<string> {
  const asset = (name: string) => readFileSync(new URL(`../../src/pages/${name}`, import.meta.url), "utf8");
  const assets: Readonly<Record<string, { contentType: string; body: string }>> = {
    "/assets/0a1b2c/pages.css": { contentType: "text/css", body: asset("pages.css") },
    "/assets/0a1b2c/icon.svg": { contentType: "image/svg+xml", body: asset("icon.svg") },
  };
  const origin = "http://broker.test";
  await page.route(`${origin}/**`, (route) => {
    const { pathname } = new URL(route.request().url());
    const found = assets[pathname];
    const body = documents[pathname.slice(1)];
    if (found !== undefined) return route.fulfill(found);
    if (body === undefined) return route.fulfill({ status: 404, body: "" });
    const headers = { "content-security-policy": contentSecurityPolicy };
    return route.fulfill({ contentType: "text/html; charset=utf-8", headers, body });
  });
  return origin;
}
