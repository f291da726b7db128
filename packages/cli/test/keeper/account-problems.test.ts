import { describe, expect, it } from "vitest";
import { accountProblems } from "../../src/keeper/account-problems.ts";
import { createStyle } from "../../src/terminal/style.ts";

const style = createStyle(false);
const fine = { broker: "upstox", account: "default", problem: undefined };

describe("what stands below a table of accounts", () => {
  it("is nothing when all of them can be used", () => {
    expect(accountProblems([fine, fine], style)).toBe("");
  });

  it("names each account that cannot be used, why, and what to do", () => {
    const problem = { code: "VAULT_DAMAGED", message: "a newer Kunji wrote it", nextStep: "Update Kunji." } as const;
    const newer = { broker: "upstox", account: "newer", problem };
    const other = { broker: "tomorrow", account: "default", problem: { ...problem, nextStep: undefined } };
    expect(accountProblems([fine, newer, other], style)).toBe(
      "\n\n  upstox/newer: a newer Kunji wrote it.\n  Update Kunji.\n\n  tomorrow/default: a newer Kunji wrote it.",
    );
  });
});
