import { describe, expect, it } from "vitest";
import { KeeperError } from "../../src/keeper-error.ts";
import { ConnectionLost, isPassing, postgresFailure } from "../../src/vault/postgres-failure.ts";

const PLACE = "postgres://kunji@db.example/kunji";

/** As Node and the driver throw it. */
function failed(message: string, facts: object = {}): Error {
  return Object.assign(new Error(message), facts);
}

describe("a failure of a team's database", () => {
  it.each([
    ["nobody listens", failed("connect ECONNREFUSED", { code: "ECONNREFUSED" }), true, /could not be reached \(ECONN/],
    ["a statement took too long", failed("Query read timeout"), true, /could not be reached$/],
    ["it starts", failed("starting", { severity: "FATAL", code: "57P03" }), true, /starting or stopping \(57P03\)/],
    ["connections are used up", failed("sorry", { severity: "FATAL", code: "53300" }), true, /no connection left/],
    ["the password is wrong", failed("no", { severity: "FATAL", code: "28P01" }), false, /password is wrong/],
    ["no password is given", failed("SASL: client password must be a string"), false, /or there is none$/],
    [
      "its certificate is its own",
      failed("self-signed", { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }),
      false,
      /not trusted/,
    ],
    ["its certificate is old", failed("expired", { code: "CERT_HAS_EXPIRED" }), false, /not trusted/],
    ["it knows no TLS", failed("The server does not support SSL connections"), false, /no encrypted connections/],
    ["it is a standby", failed("no", { severity: "ERROR", code: "25006" }), false, /is read-only/],
    ["its disk is full", failed("no", { severity: "ERROR", code: "53100" }), false, /no room left/],
    ["something else", failed("no", { severity: "ERROR", code: "XX000" }), false, /answered with an error \(XX000\)/],
  ])("names what to do when %s, and is tried again only when that may help", (_name, error, passing, words) => {
    const failure = postgresFailure(error, PLACE);
    expect(failure).toMatchObject({ code: "VAULT_UNAVAILABLE", message: expect.stringMatching(words) });
    expect(failure.message).toContain(PLACE);
    expect(failure.nextStep).toMatch(/^[A-Z].+/);
    expect(isPassing(error)).toBe(passing);
  });

  it("keeps nothing of the driver's error but its text: the rest may hold the connection", () => {
    const { cause } = postgresFailure(failed("no", { client: { password: "canary" } }), PLACE);
    expect(Object.keys(cause as object)).toEqual([]);
    expect((cause as Error).message).toBe("no");
  });

  it("leaves the keeper's own errors alone", () => {
    const own = new KeeperError("VAULT_LOCKED", "no key");
    expect(postgresFailure(own, PLACE)).toBe(own);
    expect(isPassing(own)).toBe(false);
    expect(isPassing(new ConnectionLost(PLACE))).toBe(true);
  });
});
