import { describe, expect, it } from "vitest";
import { type Keeper, LoginRequired } from "../src/index.ts";
import { demoAccount, failure, type Kept, MORNING, startKept } from "./_kept.ts";

const END = Date.parse("2026-11-20T03:30:00+05:30") / 1000;
const PROFILE = "GET /v2/user/profile";

/** Logged in a minute ago, and nobody has asked the broker since. */
async function loggedIn(kept: Kept, keeper: Keeper) {
  kept.broker.clock.freeze(MORNING);
  await keeper.accounts.add(demoAccount(kept.broker, "upstox"));
  const session = await keeper.login("upstox", { person: kept.person });
  await kept.person.done();
  kept.broker.clock.freeze(MORNING + 60_000);
  return session;
}

/** Ends the session behind the keeper's back. */
async function endAtBroker({ broker }: Kept, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, accept: "application/json" };
  expect((await fetch(`${broker.url}/v2/logout`, { method: "DELETE", headers })).status).toBe(200);
}

function profileStatuses({ broker }: Kept) {
  return broker
    .requests()
    .filter(({ path }) => path === "/v2/user/profile")
    .map(({ status }) => status);
}

describe("keeper.check()", () => {
  it("says that the token lives, and when the broker said so", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper();
    const session = await loggedIn(kept, keeper);
    expect(await keeper.check("upstox")).toEqual({
      broker: "upstox",
      account: "default",
      state: "valid",
      askedAt: MORNING / 1000 + 60,
      expiresAt: END,
      failure: undefined,
    });
    expect(await keeper.token("upstox")).toBe(session.accessToken.reveal());
    expect(profileStatuses(kept)).toEqual([200, 200]);
  });

  it("finds a token dead, and nobody who shares the vault gets it again", async () => {
    await using kept = await startKept();
    const [keeper, other] = [await kept.keeper(), await kept.keeper()];
    const session = await loggedIn(kept, keeper);
    expect(await other.token("upstox")).toBe(session.accessToken.reveal());
    await endAtBroker(kept, session.accessToken.reveal());
    const check = await keeper.check("upstox");
    expect(check).toMatchObject({ state: "ended", askedAt: MORNING / 1000 + 60, expiresAt: undefined });
    expect(check.failure).toBeInstanceOf(LoginRequired);
    expect(check.failure?.nextStep).toBe("Run: kunji login upstox");
    expect(await failure(other.token("upstox"))).toBeInstanceOf(LoginRequired);
    expect((await other.status())[0]?.state).toBe("expired");
  });

  it("asks nobody when there is no token", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper();
    await keeper.accounts.add(demoAccount(kept.broker, "upstox"));
    expect(await keeper.check("upstox")).toMatchObject({ state: "ended", askedAt: undefined });
    expect(await failure(keeper.check("upstox", { account: "other" }))).toMatchObject({ code: "UNKNOWN_ACCOUNT" });
    expect(profileStatuses(kept)).toEqual([]);
  });

  it("says of an account that logs in by itself that asking for its token is enough", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper();
    await keeper.accounts.add(demoAccount(kept.broker, "tradejini-totp"));
    const check = await keeper.check("tradejini", { account: "own" });
    expect(check.failure?.nextStep).toBe("Ask for the token: this account logs in by itself.");
  });

  it.each([
    [
      "WRONG_IP",
      { status: 401, body: { status: "error", errors: [{ errorCode: "UDAPI1221", message: "static IP" }] } },
    ],
    ["CLOSED", { status: 423 }],
    ["BROKER_UNREACHABLE", { status: 429 }],
    ["BROKER_UNREACHABLE", { status: 503 }],
    [
      "LOGIN_FAILED",
      { status: 401, body: { status: "error", errors: [{ errorCode: "UDAPI100016", message: "app" }] } },
    ],
  ])("takes %s for no word on the token: it stays, and the answer says why (%j)", async (code, fault) => {
    await using kept = await startKept();
    const keeper = await kept.keeper();
    const session = await loggedIn(kept, keeper);
    kept.broker.faults.inject({ route: PROFILE, ...fault, times: 1 });
    const check = await keeper.check("upstox");
    expect(check).toMatchObject({ state: "unknown", expiresAt: END, failure: { code } });
    expect(check.failure?.message).toMatch(/^asking Upstox about the token failed: /);
    expect(check.failure?.nextStep).not.toMatch(/log in again/i);
    expect(await keeper.token("upstox")).toBe(session.accessToken.reveal());
  });

  it("asks the broker once for everybody who asks at once, and once in five seconds for a bot in a loop", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper();
    await loggedIn(kept, keeper);
    kept.broker.faults.inject({ route: PROFILE, status: 503, times: 1 });
    const checks = await Promise.all(Array.from({ length: 20 }, () => keeper.check("upstox")));
    expect(new Set(checks.map(({ state }) => state))).toEqual(new Set(["unknown"]));
    kept.broker.clock.freeze(MORNING + 64_999);
    expect(await keeper.check("upstox")).toEqual(checks[0]);
    expect(profileStatuses(kept)).toEqual([200, 503]);
    kept.broker.clock.freeze(MORNING + 65_000);
    expect(await keeper.check("upstox")).toMatchObject({ state: "valid", askedAt: MORNING / 1000 + 65 });
    expect(profileStatuses(kept)).toEqual([200, 503, 200]);
  });

  it("holds nothing that was said of the last token against the next one", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper();
    const session = await loggedIn(kept, keeper);
    await endAtBroker(kept, session.accessToken.reveal());
    expect((await keeper.check("upstox")).state).toBe("ended");
    const other = await kept.keeper();
    await other.login("upstox", { person: kept.person });
    await kept.person.done();
    // Proven by its login, within the five seconds: nobody has to be asked.
    expect(await keeper.check("upstox")).toMatchObject({ state: "valid", askedAt: MORNING / 1000 + 60 });
    expect(profileStatuses(kept)).toEqual([200, 401, 200]);
  });

  it("goes on asking when the caller has given up, so that a loop of impatient ones asks once", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper();
    await loggedIn(kept, keeper);
    const enough = new AbortController();
    const impatient = failure(keeper.check("upstox", { signal: enough.signal }));
    enough.abort(new RangeError("enough"));
    expect(await impatient).toBeInstanceOf(RangeError);
    expect((await keeper.check("upstox")).state).toBe("valid");
    expect(profileStatuses(kept)).toEqual([200, 200]);
  });
});
