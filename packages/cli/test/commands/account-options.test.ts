import { requireAccountName } from "@kunji/keeper";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { accountName } from "../../src/commands/account-options.ts";

function accepts(check: (text: string) => unknown, text: string): boolean {
  try {
    check(text);
    return true;
  } catch {
    return false;
  }
}

describe("--account", () => {
  it("takes the names that the keeper takes, and no others", () => {
    const near = fc.stringMatching(/^[a-zA-Z0-9._\- ~/]{0,66}$/);
    fc.assert(
      fc.property(fc.oneof(near, fc.string(), fc.constant("a".repeat(65))), (text) => {
        expect(accepts(accountName, text)).toBe(accepts(requireAccountName, text));
      }),
    );
  });
});
