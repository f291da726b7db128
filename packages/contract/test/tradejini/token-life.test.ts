import { TRADEJINI_TOKEN_LIFE, tradejiniTokenExpiry } from "@kunji/contract/tradejini";
import { describe, expect, it } from "vitest";

describe("tradejiniTokenExpiry", () => {
  it.each([
    [1_795_530_600, 86_400, 1_795_617_000],
    [1_795_530_600.9, 60, 1_795_530_660],
    [1_795_530_600, 0, 1_795_530_600],
  ])("is issue time plus expires_in: %d + %d", (issuedAt, expiresIn, expiresAt) => {
    expect(tradejiniTokenExpiry(issuedAt, expiresIn)).toBe(expiresAt);
  });

  it.each([undefined, Number.NaN, -1, Number.POSITIVE_INFINITY, "3600" as unknown as number])(
    "is a day after issue when expires_in is %s",
    (expiresIn) => {
      expect(tradejiniTokenExpiry(1000, expiresIn)).toBe(1000 + TRADEJINI_TOKEN_LIFE);
    },
  );
});
