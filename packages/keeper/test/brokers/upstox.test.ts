import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { readCallback } from "@kunji/client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { upstoxBroker } from "../../src/brokers/upstox.ts";
import { type AccountProfile, Secret } from "../../src/index.ts";
import { failure, MORNING } from "../_kept.ts";

let far: TestBroker;
beforeAll(async () => {
  far = await startBroker({ settings: { KUNJI_PUSH_NUMBER_MATCH: true } });
});
afterAll(() => far.close());
beforeEach(() => far.clock.freeze(MORNING));

const upstox = upstoxBroker({ now: () => far.clock.now() });
const never = new AbortController().signal;

function profile(changes: Partial<AccountProfile> = {}): AccountProfile {
  const { clientId, clientSecret, redirectUri } = far.upstox.app;
  return {
    broker: "upstox",
    account: "default",
    way: "browser",
    clientId,
    clientSecret: new Secret(clientSecret),
    redirectUri,
    userId: undefined,
    host: far.url,
    notifierKey: undefined,
    ...changes,
  };
}

async function logIn(): Promise<ReturnType<typeof readCallback>> {
  const { callbackUrl } = await far.login("upstox", { state: "the-state" });
  return readCallback(callbackUrl, { state: "the-state" });
}

describe("upstox: exchange", () => {
  it.each([
    ["in the evening", "2026-11-24T20:00:00+05:30", "2026-11-25T03:30:00+05:30"],
    ["an hour before the cut-off", "2026-11-25T02:30:00+05:30", "2026-11-25T03:30:00+05:30"],
    ["at the cut-off", "2026-11-25T03:30:00+05:30", "2026-11-26T03:30:00+05:30"],
    ["at the end of a year", "2026-12-31T23:59:00+05:30", "2027-01-01T03:30:00+05:30"],
  ])("gives a token that ends at the next 03:30 IST: %s", async (_name, at, end) => {
    far.clock.freeze(Date.parse(at));
    const token = await upstox.exchange(profile(), await logIn(), { pkce: undefined }, never);
    expect(new Date(token.expiresAt * 1000)).toEqual(new Date(end));
    expect(token.issuedAt).toBe(Date.parse(at) / 1000);
    const identity = await upstox.identify(profile(), token.accessToken, never);
    expect(identity).toMatchObject({ userId: token.userId, serverTime: Date.parse(at) / 1000 });
    await upstox.logout(profile(), token.accessToken, never);
    expect(upstox.judge(await failure(upstox.identify(profile(), token.accessToken, never)))).toBe("dead");
  });

  it("goes by the broker's clock where this machine's is wrong (S-74)", async () => {
    const wrong = upstoxBroker({ now: () => far.clock.now() + 86_400_000 });
    const token = await wrong.exchange(profile(), await logIn(), { pkce: undefined }, never);
    expect(token.issuedAt).toBe(MORNING / 1000);
  });

  it("is never sent twice (S-15)", async () => {
    const callback = await logIn();
    const route = "POST /v2/login/authorization/token";
    const count = () => far.requests().filter(({ path }) => path === "/v2/login/authorization/token").length;
    const before = count();
    far.faults.inject({ route, drop: true, times: 1 });
    await failure(upstox.exchange(profile(), callback, { pkce: undefined }, never));
    expect(count() - before).toBe(1);
  });

  it("refuses an answer without a token, or with one that no header can carry", async () => {
    for (const access_token of [undefined, "", "two words", "line\nbreak", 42]) {
      far.faults.inject({ route: "POST /v2/login/authorization/token", body: { access_token }, times: 1 });
      const error = await failure(upstox.exchange(profile(), await logIn(), { pkce: undefined }, never));
      expect(error).toMatchObject({ code: "LOGIN_FAILED" });
    }
  });

  it("says what the account lacks", async () => {
    const bare = profile({ clientSecret: undefined });
    const error = await failure(upstox.exchange(bare, await logIn(), { pkce: undefined }, never));
    expect(error).toMatchObject({ code: "USAGE" });
    expect(() => upstox.authorizationUrl(profile({ redirectUri: undefined }), "s", { pkce: undefined })).toThrow(
      /redirect URL/,
    );
  });
});

describe("upstox: approval", () => {
  it("asks for a token, and passes on when the request ends and which number is shown (D6)", async () => {
    const pending = await upstox.requestApproval?.(profile(), never);
    expect(pending).toEqual({
      expiresAt: Date.parse("2026-11-20T03:30:00+05:30") / 1000,
      notifierUrl: far.upstox.app.notifierUrl,
      matchNumber: expect.stringMatching(/^\d\d$/),
    });
  });

  const message = {
    client_id: "app-1",
    user_id: "7KAB12",
    access_token: "some-token",
    token_type: "Bearer",
    expires_at: "1795644000000",
    issued_at: "1795577700000",
    message_type: "access_token",
  };

  it("reads the notifier's message", () => {
    const read = upstox.readNotification?.(message);
    expect(read).toMatchObject({
      clientId: "app-1",
      userId: "7KAB12",
      issuedAt: 1_795_577_700,
      expiresAt: 1_795_644_000,
    });
    expect(read?.accessToken.reveal()).toBe("some-token");
  });

  it("believes no end after the cut-off", () => {
    expect(upstox.readNotification?.({ ...message, expires_at: "1895644000000" })?.expiresAt).toBe(1_795_644_000);
  });

  it.each([
    ["another type", { message_type: "order" }],
    ["no token", { access_token: undefined }],
    ["a token that no header can carry", { access_token: "two words" }],
    ["no app", { client_id: "" }],
    ["no user", { user_id: null }],
    ["times that are numbers", { issued_at: 1_795_577_700_000 }],
    ["times that are words", { expires_at: "soon" }],
  ])("reads nothing out of a message with %s", (_name, change) => {
    expect(upstox.readNotification?.({ ...message, ...change })).toBeUndefined();
  });

  it.each([undefined, null, "text", 1, []])("reads nothing out of %j", (body) => {
    expect(upstox.readNotification?.(body)).toBeUndefined();
  });
});

describe("upstox: addresses", () => {
  it.each([
    ["https://api.upstox.com", true],
    ["https://api-hft.upstox.com", true],
    ["https://api.upstox.com.example.in", false],
    ["https://notupstox.com", false],
    ["http://127.0.0.1:8080", false],
  ])("%s: the vendor's own: %s", (host, isVendor) => {
    expect(upstox.isVendorHost(host)).toBe(isVendor);
  });

  it("takes the account's host, else the vendor's", () => {
    expect(upstox.host(profile())).toBe(far.url);
    expect(upstox.isVendorHost(upstox.host(profile({ host: undefined })))).toBe(true);
  });
});
