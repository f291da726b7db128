import { describe, expect, it } from "vitest";
import { errorsByStatus } from "../../../src/pages/api-reference/errors-by-status.ts";
import { profileRoute } from "../_views.ts";

const catalogue = {
  E1: { status: 400, message: "one" },
  E2: { status: 423, message: "two" },
  E3: { status: 400, message: "three" },
};

describe("errorsByStatus", () => {
  it("groups codes under their status, lowest first, and leaves successes out", () => {
    const route = {
      ...profileRoute,
      responses: { 200: { description: "Fine" }, 400: { description: "Bad" } },
      errors: ["E2", "E1", "E3"],
    };
    expect(errorsByStatus(route, catalogue)).toEqual([
      {
        status: 400,
        description: "Bad",
        codes: [
          { code: "E1", message: "one" },
          { code: "E3", message: "three" },
        ],
      },
      { status: 423, description: "", codes: [{ code: "E2", message: "two" }] },
    ]);
  });

  it("prefers the operation's own text", () => {
    const route = { ...profileRoute, errors: ["E1"], errorTexts: { E1: "its own" } };
    expect(errorsByStatus(route, catalogue)[0]?.codes).toEqual([{ code: "E1", message: "its own" }]);
  });

  it("keeps a declared status without codes", () => {
    const route = { ...profileRoute, responses: { 500: { description: "Failure" } } };
    expect(errorsByStatus(route, catalogue)).toEqual([{ status: 500, description: "Failure", codes: [] }]);
  });
});
