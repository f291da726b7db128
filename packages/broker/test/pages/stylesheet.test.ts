import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("../../src/pages/pages.css", import.meta.url), "utf8");

/** Custom properties with a hex colour; the dark scheme overrides the light one. */
function colours(source: string): Map<string, string> {
  return new Map(
    [...source.matchAll(/--([a-z-]+): (#[0-9a-f]{3,6});/g)].map(([, name = "", value = ""]) => [name, value]),
  );
}

const darkAt = css.indexOf("@media (prefers-color-scheme: dark)");
const light = colours(css.slice(0, darkAt));
const dark = new Map([...light, ...colours(css.slice(darkAt, css.indexOf("*,", darkAt)))]);

/** Relative luminance and contrast ratio, WCAG 2.2. */
function luminance(hex: string): number {
  const digits = hex.length === 4 ? hex.replace(/[0-9a-f]/g, "$&$&") : hex;
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(digits.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(scheme: ReadonlyMap<string, string>, one: string, other: string): number {
  const [first = "", second = ""] = [scheme.get(one), scheme.get(other)];
  expect([one, first, other, second]).not.toContain("");
  const [lighter = 0, darker = 0] = [luminance(first), luminance(second)].sort((a, b) => b - a);
  return (lighter + 0.05) / (darker + 0.05);
}

describe.each([
  ["light", light],
  ["dark", dark],
])("%s colours", (_name, scheme) => {
  it.each([
    ["ink", "card"],
    ["ink", "tint"],
    ["soft", "card"],
    ["soft", "tint"],
    ["soft", "paper"],
    ["accent", "card"],
    ["accent", "tint"],
    ["accent-strong", "card"],
    ["on-accent", "accent"],
    ["on-accent", "accent-strong"],
    ["error", "error-ground"],
    ["error", "card"],
    ["info", "info-ground"],
    ["success", "success-ground"],
    ["warning", "warning-ground"],
    ["warning", "card"],
  ])("%s on %s can be read (4.5:1)", (text, ground) => {
    expect(contrast(scheme, text, ground)).toBeGreaterThanOrEqual(4.5);
  });

  it("outlines of fields and focus can be seen (3:1)", () => {
    for (const outline of ["edge", "accent", "error"])
      expect(contrast(scheme, outline, "card")).toBeGreaterThanOrEqual(3);
  });
});

it("loads nothing (S-53)", () => {
  expect(css).not.toMatch(/@import|url\(|@font-face/);
});

it("respects reduced motion and forced colours", () => {
  expect(css).toContain("@media (prefers-reduced-motion: reduce)");
  expect(css).toContain("@media (forced-colors: active)");
});
