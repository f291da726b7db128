import { describe, expect, it } from "vitest";
import { nodeSupportNotice } from "../src/node-support.ts";

const on = (date: string) => Date.parse(`${date}T12:00:00Z`);

describe("the notice about an unsupported Node (S-131)", () => {
  it("names the date and what to use instead", () => {
    expect(nodeSupportNotice("20.19.4", on("2026-11-20"))).toBe(
      "Node 20.19.4 has had no security fixes since 2026-04-30. Use Node 22, 24 or 26.",
    );
  });

  it("is silent up to and including the last day", () => {
    expect(nodeSupportNotice("20.19.4", on("2026-04-30"))).toBeUndefined();
    expect(nodeSupportNotice("20.19.4", on("2026-05-01"))).toBeDefined();
  });

  it("says nothing about a Node it does not know", () => {
    expect(nodeSupportNotice("99.0.0", on("2026-11-20"))).toBeUndefined();
  });

  it("names no version when it knows of none that is still supported", () => {
    expect(nodeSupportNotice("22.0.0", on("2040-01-01"))).toContain("Use a newer one.");
  });
});
