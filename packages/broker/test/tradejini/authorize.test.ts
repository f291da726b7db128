import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { tradejiniRoutes } from "@kunji/contract/tradejini";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { setAppStatus } from "../_app-status.ts";
import { call, expectError, formOf } from "./_api.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker();
});
afterAll(() => broker.close());

const parameters = (changes: Readonly<Record<string, string | undefined>> = {}) => ({
  client_id: broker.tradejini.userApp.clientId,
  redirect_uri: broker.tradejini.userApp.redirectUri,
  response_type: "code",
  scope: "general",
  state: "s",
  ...changes,
});

const authorize = (changes?: Readonly<Record<string, string | undefined>>, accept = "application/json") =>
  call(broker, "GET", `${tradejiniRoutes.authorize.path}?${formOf(parameters(changes))}`, { headers: { accept } });

describe("GET /v2/api-gw/oauth/authorize", () => {
  it("leads to the login page under an opaque handle, whether a browser or the SDK asks", async () => {
    for (const accept of ["text/html", "application/json", "*/*"]) {
      const answer = await authorize({}, accept);
      expect(answer.status).toBe(302);
      expect(answer.headers.get("location")).toMatch(/^\/login\/tradejini\/[0-9a-f]{24}$/);
      expect(answer.headers.get("cache-control")).toBe("no-store");
    }
  });

  it("accepts an empty state, as the vendor's sample sends it", async () => {
    expect((await authorize({ state: "" })).status).toBe(302);
  });

  it("takes a query quoted by Python, with bare slashes, like one of URLSearchParams", async () => {
    const { clientId, redirectUri } = broker.tradejini.userApp;
    const query = `client_id=${clientId}&redirect_uri=${redirectUri.replaceAll(":", "%3A")}&response_type=code&scope=general&state=`;
    expect((await call(broker, "GET", `${tradejiniRoutes.authorize.path}?${query}`)).status).toBe(302);
  });

  it.each([
    ["no client_id", { client_id: undefined }],
    ["an empty client_id", { client_id: "" }],
    ["no redirect_uri", { redirect_uri: undefined }],
    ["no response_type", { response_type: undefined }],
    ["another response_type", { response_type: "token" }],
    ["no scope", { scope: undefined }],
    ["another scope", { scope: "General" }],
    ["no state", { state: undefined }],
    ["a plain PKCE challenge", { code_challenge: "a".repeat(43), code_challenge_method: "plain" }],
  ])("refuses %s with 400", async (_name, changes) => {
    expectError(await authorize(changes), "VALIDATION", "Unauthorized");
  });

  it.each([
    ["an unknown app", { client_id: "0".repeat(32) }],
    ["an app of another broker", { client_id: "upstox" }],
    ["another redirect URI", { redirect_uri: "http://127.0.0.1:7475/callback2" }],
    ["a redirect URI with another port", { redirect_uri: "http://127.0.0.1:7476/callback" }],
    ["a redirect URI in capitals", { redirect_uri: "HTTP://127.0.0.1:7475/callback" }],
  ])("refuses %s with 401 and never redirects (S-01, S-05)", async (_name, changes) => {
    expectError(await authorize(changes), "UNAUTHORIZED");
  });

  it("refuses an individual app: it has no such flow (S-25)", async () => {
    expectError(await authorize({ client_id: broker.tradejini.individualApp.clientId }), "UNAUTHORIZED");
  });

  it("shows a person a page instead of JSON, with the same status", async () => {
    for (const [changes, status] of [
      [{ scope: "x" }, 400],
      [{ client_id: "x" }, 401],
    ] as const) {
      const answer = await authorize(changes, "text/html");
      expect(answer.status).toBe(status);
      expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
      expect(answer.headers.get("location")).toBeNull();
      expect(answer.text).toContain("This login link does not work");
    }
  });

  it("refuses an app that was switched off", async () => {
    await using other = await startBroker();
    const { clientId, redirectUri } = other.tradejini.userApp;
    await setAppStatus(other, clientId, "inactive");
    const query = formOf({ ...parameters(), client_id: clientId, redirect_uri: redirectUri });
    expectError(await call(other, "GET", `${tradejiniRoutes.authorize.path}?${query}`), "UNAUTHORIZED");
  });

  it("refuses a repeated parameter and a broken escape in the vendor's shape (S-16, S-101)", async () => {
    const query = formOf(parameters());
    for (const broken of [`${query}&state=t`, `${query.replace("state=s", "state=%zz")}`, `${query}&x=%ff`]) {
      expectError(await call(broker, "GET", `${tradejiniRoutes.authorize.path}?${broken}`), "BAD_REQUEST");
    }
  });
});

describe("paths of Tradejini that do not exist", () => {
  it("answers 404 and 405 in the vendor's shape", async () => {
    expectError(await call(broker, "GET", "/v2/api/nothing"), "NOT_FOUND");
    expectError(await call(broker, "GET", "/v2/api-gw/oauth/Token"), "NOT_FOUND");
    const wrongMethod = await call(broker, "POST", tradejiniRoutes.authorize.path);
    expectError(wrongMethod, "METHOD_NOT_ALLOWED");
    expect(wrongMethod.headers.get("allow")).toBe("GET");
    expectError(await call(broker, "GET", tradejiniRoutes.getAccessToken.path), "METHOD_NOT_ALLOWED");
    expectError(await call(broker, "GET", tradejiniRoutes.getLogoutWebResponse.path), "METHOD_NOT_ALLOWED");
  });

  it("answers what an operator injected in the vendor's shape (500)", async () => {
    broker.faults.inject({ route: "getUserDetails", status: 500, times: 1 });
    const answer = await call(broker, "GET", tradejiniRoutes.getUserDetails.path);
    expect([answer.status, answer.json]).toEqual([500, { s: "error", msg: "Internal server error" }]);
  });
});
