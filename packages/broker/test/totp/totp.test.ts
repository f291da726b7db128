import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { Secret, URI } from "otpauth";
import { describe, expect, it } from "vitest";
import { matchTotpStep, newTotpSecret, totpCode, totpStep, totpUri } from "../../src/totp/totp.ts";

// RFC 6238 appendix B, SHA1 rows; the RFC prints eight digits, six-digit codes are their last six.
const rfcSecret = Secret.fromUTF8("12345678901234567890").base32;
const rfcRows = [
  [59, "94287082"],
  [1_111_111_109, "07081804"],
  [1_111_111_111, "14050471"],
  [1_234_567_890, "89005924"],
  [2_000_000_000, "69279037"],
  [20_000_000_000, "65353130"],
] as const;

describe("TOTP (S-45)", () => {
  it.each(rfcRows)("makes and matches the code of RFC 6238 at second %i", (seconds, eightDigits) => {
    const code = eightDigits.slice(-6);
    expect(totpCode(rfcSecret, seconds)).toBe(code);
    expect(matchTotpStep(rfcSecret, code, seconds)).toBe(Math.floor(seconds / 30));
  });

  it("counts steps of 30 seconds from the epoch", () => {
    expect([0, 29, 30, 59.9, 60].map(totpStep)).toEqual([0, 0, 1, 1, 2]);
  });

  it("accepts the step before and after, and returns the step the code belongs to", () => {
    const now = 1_795_577_700; // the first second of a step
    for (const offset of [-1, 0, 1]) {
      const code = totpCode(rfcSecret, now + offset * 30);
      expect(matchTotpStep(rfcSecret, code, now)).toBe(totpStep(now) + offset);
    }
  });

  it("refuses codes two steps away", () => {
    const now = 1_795_577_700;
    for (const offset of [-2, 2]) {
      expect(matchTotpStep(rfcSecret, totpCode(rfcSecret, now + offset * 30), now)).toBeUndefined();
    }
  });

  it("keeps one code good from the step before it to the step after it", () => {
    const start = 1_795_577_700;
    const code = totpCode(rfcSecret, start);
    expect(matchTotpStep(rfcSecret, code, start - 31)).toBeUndefined();
    expect(matchTotpStep(rfcSecret, code, start - 30)).toBe(totpStep(start));
    expect(matchTotpStep(rfcSecret, code, start + 59)).toBe(totpStep(start));
    expect(matchTotpStep(rfcSecret, code, start + 60)).toBeUndefined();
  });

  it("refuses another account's code", () => {
    const other = newTotpSecret((size) => Buffer.alloc(size, 1));
    expect(matchTotpStep(rfcSecret, totpCode(other, 59), 59)).toBeUndefined();
  });

  it.each([
    ["empty", ""],
    ["five digits", "28708"],
    ["seven digits", "4287082"],
    ["a space around", " 287082"],
    ["a space inside", "287 082"],
    ["a line feed after", "287082\n"],
    ["a sign", "+87082"],
    ["hexadecimal", "0x7082"],
    ["Devanagari digits", "२८७०८२"],
    ["full-width digits", "２８７０８２"],
    ["NUL", "28708\0"],
  ])("matches nothing for %s", (_name, code) => {
    expect(matchTotpStep(rfcSecret, code, 59)).toBeUndefined();
  });

  it("throws nothing for any string that is typed", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (code) => matchTotpStep(rfcSecret, code, 59) === undefined));
  });

  it("refuses a secret that is not Base32 as the caller's mistake", () => {
    expect(() => matchTotpStep("not base32!", "287082", 59)).toThrow(TypeError);
  });

  it("makes secrets of 160 bits from the randomness handed in", () => {
    expect(newTotpSecret((size) => Buffer.from("12345678901234567890").subarray(0, size))).toBe(rfcSecret);
    const made = newTotpSecret(randomBytes);
    expect(made).toMatch(/^[A-Z2-7]{32}$/);
    expect(newTotpSecret(randomBytes)).not.toBe(made);
  });

  it("writes a URI that an authenticator app reads back, with reserved characters in the names", () => {
    const uri = totpUri({ issuer: "Kunji & Co/demo", accountName: "7KAB12/मेरा", secret: rfcSecret });
    expect(uri.startsWith("otpauth://totp/Kunji%20%26%20Co%2Fdemo:7KAB12%2F")).toBe(true);
    const read = URI.parse(uri);
    expect(read).toMatchObject({
      issuer: "Kunji & Co/demo",
      label: "7KAB12/मेरा",
      algorithm: "SHA1",
      digits: 6,
      period: 30,
    });
    expect(read.secret.base32).toBe(rfcSecret);
  });

  it("refuses a colon in the names, since an app would split them elsewhere", () => {
    expect(() => totpUri({ issuer: "Kunji", accountName: "a:b", secret: rfcSecret })).toThrow(TypeError);
    expect(() => totpUri({ issuer: "Kunji:", accountName: "a", secret: rfcSecret })).toThrow(TypeError);
  });
});
