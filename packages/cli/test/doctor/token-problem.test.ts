import { ApiResponse, ForbiddenException, NetworkException, ServiceException } from "@kunji/client";
import { KeeperError, LoginRequired } from "@kunji/keeper";
import { describe, expect, it } from "vitest";
import { tokenProblem } from "../../src/doctor/token-problem.ts";

// What a broker writes may name the customer.
const message = "customer K008NH";
const busy = new ApiResponse({ status: 503, statusText: "busy", headers: [], text: message }, undefined);

describe("what the doctor says of a kept token that did not work", () => {
  it.each([
    ["a refused token", new LoginRequired({ broker: "upstox", account: "family" }), "bad", /does not accept/],
    ["a wrong address", new ForbiddenException({ message, wrongStaticIp: true }), "bad", /not the problem/],
    ["a broker that is busy", new ServiceException({ message, response: busy }), "warn", /answered 503/],
    ["a broker that does not answer", new NetworkException({ message }), "warn", /no answer/],
    ["a vault that is gone", new KeeperError("VAULT_UNAVAILABLE", "/home/somebody"), "warn", /VAULT_UNAVAILABLE/],
    ["anything else", new TypeError(message), "warn", /unexpected/],
  ] as const)("tells %s", (_, error, state, text) => {
    const finding = tokenProblem(error, "upstox");
    expect(finding).toMatchObject({ check: "session", state, text: expect.stringMatching(text) });
    expect(JSON.stringify(finding)).not.toMatch(/K008NH|family|somebody/);
  });
});
