import { describe, expect, it } from "vitest";
import { safeHref, safeOtpauthUri } from "../../src/pages/safe-href.ts";

describe("safeHref (S-56)", () => {
  it.each(["/", "/inbox", "/a?b=c#d", "#upstox-token", "http://127.0.0.1:7475/callback", "https://example.test/x"])(
    "keeps %s",
    (href) => {
      expect(safeHref(href)).toBe(href);
    },
  );

  it.each([
    "javascript:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/hosts",
    "//elsewhere.test",
    "/\\elsewhere.test",
    "\\\\elsewhere.test",
    "inbox",
    "",
    "https://",
  ])("leads nowhere for %j", (href) => {
    expect(safeHref(href)).toBe("#");
  });
});

describe("safeOtpauthUri", () => {
  it("keeps a TOTP key and nothing else", () => {
    expect(safeOtpauthUri("otpauth://totp/Kunji:x?secret=A")).toBe("otpauth://totp/Kunji:x?secret=A");
    expect(safeOtpauthUri("otpauth://hotp/x")).toBe("#");
    expect(safeOtpauthUri("javascript:alert(1)//otpauth://totp/")).toBe("#");
  });
});
