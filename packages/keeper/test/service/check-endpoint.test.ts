import { describe, expect, it } from "vitest";
import { connectKeeper } from "../../src/service/index.ts";
import { demoAccount, MORNING } from "../_kept.ts";
import { startKeptService, type TestService } from "./_service.ts";

const CHECK = "/v1/accounts/upstox/default/check";
const ACCOUNT = { broker: "upstox", account: "default" };

async function loggedIn() {
  const it = await startKeptService();
  const { broker, person } = it.kept;
  broker.clock.freeze(MORNING);
  await it.service.keeper.accounts.add(demoAccount(broker, "upstox"));
  const { accessToken } = await it.service.keeper.login("upstox", { person });
  await person.done();
  return { it, broker, token: accessToken.reveal(), [Symbol.asyncDispose]: () => it[Symbol.asyncDispose]() };
}

function check(service: TestService) {
  return service.ask(CHECK, { method: "POST" });
}

describe("POST /v1/accounts/{broker}/{account}/check", () => {
  it("says that the broker takes the token", async () => {
    await using test = await loggedIn();
    const answer = await check(test.it.service);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      ...ACCOUNT,
      state: "valid",
      askedAt: MORNING / 1000,
      expiresAt: Date.parse("2026-11-20T03:30:00+05:30") / 1000,
      expiresAtIst: "2026-11-20T03:30:00+05:30",
    });
    expect(answer.text).not.toContain(test.token);
  });

  it("ends a dead token: the bot that was refused gets it from the service no more", async () => {
    await using test = await loggedIn();
    const { service } = test.it;
    const headers = { authorization: `Bearer ${test.token}`, accept: "application/json" };
    await fetch(`${test.broker.url}/v2/logout`, { method: "DELETE", headers });
    // Nobody has told the service yet.
    expect((await service.ask("/v1/tokens/upstox/default")).json.accessToken).toBe(test.token);
    const answer = await check(service);
    expect([answer.status, answer.json]).toEqual([
      200,
      {
        ...ACCOUNT,
        state: "ended",
        askedAt: MORNING / 1000,
        failure: {
          code: "LOGIN_REQUIRED",
          message: "upstox/default needs a login",
          nextStep: "Run: kunji login upstox",
        },
      },
    ]);
    expect((await service.ask("/v1/tokens/upstox/default")).status).toBe(409);
  });

  it("answers why it could not ask, and keeps the token", async () => {
    await using test = await loggedIn();
    const { service } = test.it;
    test.broker.faults.inject({ route: "GET /v2/user/profile", status: 423, times: 1 });
    const answer = await check(service);
    expect([answer.status, answer.json]).toMatchObject([200, { state: "unknown", failure: { code: "CLOSED" } }]);
    expect((await service.ask("/v1/tokens/upstox/default")).json.accessToken).toBe(test.token);
  });

  it("is in the short client", async () => {
    await using test = await loggedIn();
    const client = connectKeeper({ socket: test.it.service.socket });
    expect(await client.check("upstox")).toMatchObject({ ...ACCOUNT, state: "valid" });
    await expect(client.check("upstox", { account: "other" })).rejects.toMatchObject({ code: "UNKNOWN_ACCOUNT" });
    client.close();
  });
});
