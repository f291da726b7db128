import { startBroker } from "@kunji/broker/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Broker, Verdict } from "../../src/brokers/broker.ts";
import { openBrokers } from "../../src/brokers/brokers.ts";
import { type AccountProfile, Secret } from "../../src/index.ts";
import { failure } from "../_kept.ts";

let far: Awaited<ReturnType<typeof startBroker>>;
beforeAll(async () => {
  far = await startBroker();
});
afterAll(() => far.close());
beforeEach(() => far.faults.clear());

const brokers = openBrokers({ now: Date.now });
const profile = (broker: string): AccountProfile => ({
  broker,
  account: "default",
  way: "browser",
  clientId: "app-1",
  clientSecret: new Secret("secret"),
  redirectUri: "http://127.0.0.1:7475/callback",
  userId: undefined,
  host: far.url,
  notifierKey: undefined,
});

/** What a broker makes of its profile call's failure. */
async function verdict(
  name: string,
  fault: { status?: number; body?: unknown; drop?: boolean } | undefined,
): Promise<Verdict> {
  const broker = brokers.get(name) as Broker;
  const route = name === "upstox" ? "GET /v2/user/profile" : "GET /v2/api/account/details";
  if (fault !== undefined) far.faults.inject({ route, ...fault });
  const call = broker.identify(profile(name), new Secret("some-token"), new AbortController().signal);
  return broker.judge(await failure(call));
}

const udapi = (errorCode: string) => ({ status: "error", errors: [{ errorCode, message: "words" }] });

describe("what a failed call means for the token", () => {
  it.each<[string, Parameters<typeof verdict>[1], Verdict]>([
    ["the broker's own answer to a token it does not know", undefined, "dead"],
    ["UDAPI100050", { status: 401, body: udapi("UDAPI100050") }, "dead"],
    [
      "UDAPI100050 in the new spelling",
      { status: 401, body: { status: "error", errors: [{ error_code: "UDAPI100050", message: "" }] } },
      "dead",
    ],
    [
      "401 in the shape of the OpenAPI, without codes",
      { status: 401, body: { message: "OAuthClientException" } },
      "dead",
    ],
    ["UDAPI1221: an analytics token from another address", { status: 401, body: udapi("UDAPI1221") }, "wrong-ip"],
    ["UDAPI1154", { status: 403, body: udapi("UDAPI1154") }, "wrong-ip"],
    ["UDAPI100069: a wrong app", { status: 401, body: udapi("UDAPI100069") }, "refused"],
    ["UDAPI100073: an inactive app", { status: 401, body: udapi("UDAPI100073") }, "refused"],
    ["UDAPI100067: an extended token", { status: 401, body: udapi("UDAPI100067") }, "refused"],
    ["403 with another code", { status: 403, body: udapi("UDAPI100049") }, "refused"],
    ["423: the nightly closure", { status: 423, body: udapi("UDAPI100072") }, "closed"],
    ["UDAPI100072, whatever the status", { status: 400, body: udapi("UDAPI100072") }, "closed"],
    ["429", { status: 429, body: udapi("UDAPI10005") }, "busy"],
    ["Cloudflare's own 429 page", { status: 429, body: "<html>error 1015</html>" }, "busy"],
    ["Cloudflare's 403 page", { status: 403, body: "<html>error 1010</html>" }, "unreachable"],
    ["a captive portal's 401", { status: 401, body: "<html>Wi-Fi login</html>" }, "unreachable"],
    ["500", { status: 500, body: udapi("UDAPI100500") }, "unreachable"],
    ["a cut connection", { drop: true }, "unreachable"],
  ])("upstox: %s", async (_name, fault, expected) => {
    expect(await verdict("upstox", fault)).toBe(expected);
  });

  const says = (msg: string) => ({ s: "error", msg });
  it.each<[string, Parameters<typeof verdict>[1], Verdict]>([
    ["the broker's own answer to a token it does not know", undefined, "dead"],
    ["401 Unauthorized", { status: 401, body: says("Unauthorized") }, "dead"],
    ["401 with message instead of msg", { status: 401, body: { s: "error", message: "Unauthorized" } }, "dead"],
    ["403 Forbidden", { status: 403, body: says("Forbidden") }, "wrong-ip"],
    ["429", { status: 429, body: says("Too many requests") }, "busy"],
    ["400 Bad request", { status: 400, body: says("Bad request") }, "refused"],
    [
      "400 that asks to try again",
      { status: 400, body: says("Internal Error occurred. Kindly try again.") },
      "unreachable",
    ],
    ["502", { status: 502, body: says("Bad gateway") }, "unreachable"],
    ["a page with status 401", { status: 401, body: "<html>Wi-Fi login</html>" }, "unreachable"],
    ["a cut connection", { drop: true }, "unreachable"],
  ])("tradejini: %s", async (_name, fault, expected) => {
    expect(await verdict("tradejini", fault)).toBe(expected);
  });

  it("is nothing when the failure is no broker's", () => {
    for (const broker of brokers.values()) expect(broker.judge(new TypeError("a bug"))).toBe("refused");
  });
});
