import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker();
});
afterAll(() => broker.close());

describe("a first login, end to end", () => {
  it("leads from the dialog over the real pages to token, profile, funds and logout", async () => {
    broker.clock.freeze(Date.parse("2026-11-25T09:05:00+05:30"));
    const { app, customers } = broker.upstox;
    const result = await broker.login("upstox", { state: "a b&c" });
    expect(result.state).toBe("a b&c");
    expect(result.iss).toBe(broker.url);
    const response = await fetch(`${broker.url}/v2/login/authorization/token`, {
      method: "POST",
      body: new URLSearchParams({
        code: result.code ?? "",
        client_id: app.clientId,
        client_secret: app.clientSecret,
        redirect_uri: app.redirectUri,
        grant_type: "authorization_code",
      }),
    });
    const token = (await response.json()) as Record<string, unknown>;
    expect(response.status, JSON.stringify(token)).toBe(200);
    expect(token).toMatchObject({ user_id: customers[0]?.userId, broker: "UPSTOX", expires_in: 66_300 });
    const headers = { authorization: `Bearer ${token.access_token}` };
    const profile = await fetch(`${broker.url}/v2/user/profile`, { headers });
    expect(await profile.json()).toMatchObject({ status: "success", data: { user_name: "Demo Customer 1" } });
    const funds = await fetch(`${broker.url}/v3/user/get-funds-and-margin`, { headers });
    expect(await funds.json()).toMatchObject({ status: "success" });
    const logout = await fetch(`${broker.url}/v2/logout`, { method: "DELETE", headers });
    expect(await logout.json()).toEqual({ status: "success", data: true });
    expect((await fetch(`${broker.url}/v2/user/profile`, { headers })).status).toBe(401);
  });
});
