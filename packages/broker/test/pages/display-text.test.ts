import { describe, expect, it } from "vitest";
import { displayHost, displayName, displayNameLimit } from "../../src/pages/display-text.ts";

describe("displayName (S-56)", () => {
  it.each(["Demo App 1", "कुंजी ट्रेडर", "Kite & <Co>", "Ünïcode – Café", "取引 📈"])("leaves %s as it is", (name) => {
    expect(displayName(name)).toBe(name);
  });

  it.each([
    ["control characters", "De\u0000mo\u0007\u009F App\u007F", "Demo App"],
    ["line breaks and tabs, as spaces", "Demo\r\n\tApp", "Demo App"],
    ["line and paragraph separators, as spaces", "Demo\u2028App\u2029One", "Demo App One"],
    [
      "bidi overrides, embeddings and isolates",
      "\u202Aa\u202Bb\u202Cc\u202Dd\u202Ee\u2066f\u2067g\u2068h\u2069i",
      "abcdefghi",
    ],
    ["bidi marks", "a\u200Eb\u200Fc\u061Cd", "abcd"],
    ["zero-width characters and the byte-order mark", "De\u200Bmo\u200C\u200D\u2060\uFEFF App", "Demo App"],
    ["letters that show as nothing", "Demo\u3164\u2800\uFFA0\u115F App", "Demo App"],
    ["tag and private-use characters", "Demo\u{E0041}\uE000 App", "Demo App"],
    ["lone surrogates", "De\uD800mo App", "Demo App"],
    ["runs of spaces", "  Demo \u00A0\u2003  App  ", "Demo App"],
  ])("removes %s", (_what, name, expected) => {
    expect(displayName(name)).toBe(expected);
  });

  it("keeps a name of 60 characters and cuts a longer one to 60 with an ellipsis", () => {
    expect(displayName("x".repeat(60))).toBe("x".repeat(60));
    expect(displayName("x".repeat(61))).toBe(`${"x".repeat(59)}…`);
    expect(Array.from(displayName("📈".repeat(80)))).toHaveLength(displayNameLimit);
  });

  it("does not let marks pile up over the text around them", () => {
    expect(displayName(`a${"\u0301".repeat(50)}b`)).toBe(`a${"\u0301".repeat(4)}b`);
  });

  it.each(["", "   ", "\u202E\u200B", "\u0000"])("calls a name of which nothing is left Unnamed (%j)", (name) => {
    expect(displayName(name)).toBe("Unnamed");
  });

  it("copes with a megabyte", () => {
    expect(displayName("ab".repeat(500_000))).toHaveLength(60);
  });
});

describe("displayHost", () => {
  it("keeps the longest possible host and port", () => {
    const host = `${"a".repeat(253)}:65535`;
    expect(displayHost(host)).toBe(host);
  });

  it("removes bidi characters", () => {
    expect(displayHost("example\u202E.test")).toBe("example.test");
  });
});
