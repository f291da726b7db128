import { expect, it } from "vitest";
import { istDay } from "../../src/pages/ist-day.ts";

it("changes at midnight in India, wherever the host is", () => {
  const midnight = Date.UTC(2026, 10, 20, 18, 30) / 1000;
  expect([istDay(midnight - 1), istDay(midnight)]).toEqual(["Fri, 20 Nov", "Sat, 21 Nov"]);
});
