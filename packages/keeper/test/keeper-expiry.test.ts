import { describe, expect, it } from "vitest";
import { type Keeper, type KeeperEvent, type KeeperEventType, LoginRequired } from "../src/index.ts";
import { clockOf, demoAccount, failure, type Kept, startKept } from "./_kept.ts";

const EVENTS: readonly KeeperEventType[] = ["renewed", "expiring", "expired", "loginRequired"];

/** Everything a keeper tells, in order, and a promise of the next of a type. */
function listen(keeper: Keeper) {
  const told: string[] = [];
  const waiting: { type: KeeperEventType; resolve: (event: KeeperEvent) => void }[] = [];
  for (const type of EVENTS) {
    keeper.on(type, (event) => {
      told.push(type);
      for (const each of waiting.filter((one) => one.type === type)) each.resolve(event);
    });
  }
  return {
    told,
    next: (type: KeeperEventType) => new Promise<KeeperEvent>((resolve) => waiting.push({ type, resolve })),
  };
}

function istTime(time: string): number {
  return Date.parse(`2026-11-${time}+05:30`);
}

function profileCalls({ broker }: Kept) {
  return broker.requests().filter(({ path }) => path === "/v2/user/profile");
}

describe("a running bot", () => {
  it("notices 03:30 IST before its first failing call, waits, and loses no call (issue 4, must hold 3)", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const desk = await kept.keeper({ person });
    await desk.accounts.add(demoAccount(broker, "upstox"));
    await desk.login("upstox");

    const bot = await kept.keeper({ wait: true });
    const heard = listen(bot);
    const { userApi, loginApi } = await bot.upstox();
    expect(loginApi.apiClient).toBe(userApi.apiClient);
    const before = await userApi.getProfile("2.0");

    const expiring = heard.next("expiring");
    broker.clock.set(istTime("20T03:16:00"));
    await expiring;
    expect((await bot.status())[0]?.state).toBe("expiring");
    const expired = heard.next("expired");
    // 59 s before the end: no call may start with a token that dies under way.
    broker.clock.set(istTime("20T03:29:01"));
    await expired;
    expect((await bot.status())[0]).toMatchObject({ state: "expired", secondsLeft: 0 });
    broker.clock.set(istTime("20T03:30:00"));

    const required = heard.next("loginRequired");
    const calls = [userApi.getProfile("2.0"), userApi.getProfile("2.0"), userApi.getProfile("2.0")];
    await required;
    broker.clock.set(istTime("20T08:30:00"));
    const renewed = heard.next("renewed");
    await desk.login("upstox");
    await renewed;
    for (const call of calls) expect((await call).data.userId).toBe(before.data.userId);
    expect(profileCalls(kept).map(({ status }) => status)).not.toContain(401);
    expect(heard.told).toEqual(["expiring", "expired", "loginRequired", "renewed"]);
  });

  it("learns of the end although it asks for nothing", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const keeper = await kept.keeper({ person });
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    const heard = listen(keeper);
    await keeper.token("upstox");
    const expired = heard.next("expired");
    broker.clock.set(istTime("20T09:00:00"));
    expect(await expired).toMatchObject({ expiresAt: istTime("20T03:30:00") / 1000 });
    // Not "expiring" as well: it is over.
    expect(heard.told).toEqual(["renewed", "expired"]);
  });

  it("sets its alarm anew when the clock goes back", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const keeper = await kept.keeper({ person, expiringMinutes: 60 });
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    const heard = listen(keeper);
    await keeper.token("upstox");
    broker.clock.set(istTime("20T02:00:00"));
    broker.clock.set(istTime("19T12:00:00"));
    expect((await keeper.status())[0]?.state).toBe("valid");
    const expiring = heard.next("expiring");
    broker.clock.set(istTime("20T02:31:00"));
    await expiring;
  });
});

describe("a clock that was ahead and is set back", () => {
  it("brings the token back, and its real end is told as well", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const keeper = await kept.keeper({ person });
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    const heard = listen(keeper);
    const token = await keeper.token("upstox");
    const ended = heard.next("expired");
    broker.clock.set(istTime("21T09:00:00"));
    await ended;
    broker.clock.set(istTime("19T12:00:00"));
    expect(await keeper.token("upstox")).toBe(token);
    const endedAgain = heard.next("expired");
    broker.clock.set(istTime("20T03:29:30"));
    await endedAgain;
    expect(heard.told).toEqual(["renewed", "expired", "renewed", "expired"]);
  });
});

describe("a token that died before its time", () => {
  async function refusedToken(kept: Kept) {
    const { broker, person } = kept;
    const desk = await kept.keeper({ person });
    await desk.accounts.add(demoAccount(broker, "upstox"));
    const session = await desk.login("upstox");
    const bot = await kept.keeper({ wait: true });
    const apis = await bot.upstox();
    await apis.userApi.getProfile("2.0");
    // Ended behind the keeper's back.
    const headers = { authorization: `Bearer ${session.accessToken.reveal()}`, accept: "application/json" };
    expect((await fetch(`${broker.url}/v2/logout`, { method: "DELETE", headers })).status).toBe(200);
    return { desk, bot, ...apis };
  }

  it("is given up by every keeper after one refused call, and a GET is made once more with the new one", async () => {
    await using kept = await startKept();
    const { desk, bot, userApi } = await refusedToken(kept);
    const heard = listen(bot);
    const elsewhere = listen(desk);
    const noticed = [elsewhere.next("expired"), heard.next("loginRequired")];
    const call = userApi.getProfile("2.0");
    await Promise.all(noticed);
    await desk.login("upstox");
    expect((await call).data.broker).toBe("UPSTOX");
    expect(heard.told).toEqual(["expired", "loginRequired", "renewed"]);
    // Prove, first call, refused call, prove, repeated call.
    expect(profileCalls(kept).map(({ status }) => status)).toEqual([200, 200, 401, 200, 200]);
  });

  it("tells a callback as well, once", async () => {
    await using kept = await startKept();
    const { desk, bot, userApi } = await refusedToken(kept);
    const required = listen(bot).next("loginRequired");
    const told: unknown[] = [];
    const done = new Promise<void>((resolve) => {
      void userApi.getProfile("2.0", (error, data, response) => {
        told.push([error, data?.data.broker, response?.status]);
        resolve();
      });
    });
    await required;
    await desk.login("upstox");
    await done;
    expect(told).toEqual([[null, "UPSTOX", 200]]);
  });

  it("is not hidden from a call that changes something: that one is never sent twice (S-15)", async () => {
    await using kept = await startKept();
    const { desk, userApi } = await refusedToken(kept);
    const error = await failure(userApi.updateUserIp({ primaryIp: "203.0.113.7" }));
    expect(error).toMatchObject({ name: "UnauthorizedException", code: "UDAPI100050" });
    expect(kept.broker.requests().filter(({ method }) => method === "PUT")).toHaveLength(1);
    expect((await desk.status())[0]?.state).toBe("expired");
    expect(await failure(desk.token("upstox", { signal: AbortSignal.abort(new Error("no time")) }))).toMatchObject({
      message: "no time",
    });
  });

  it("is not assumed when the address is wrong, the service is closed or the broker is busy", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const keeper = await kept.keeper({ person });
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    const token = await keeper.token("upstox");
    const { userApi } = await keeper.upstox();
    const wrongIp = { status: "error", errors: [{ errorCode: "UDAPI1221", message: "static IP" }] };
    for (const fault of [{ status: 401, body: wrongIp }, { status: 423 }, { status: 429 }, { status: 503 }]) {
      broker.faults.inject({ route: "GET /v2/user/profile", ...fault, times: 1 });
      await failure(userApi.getProfile("2.0"));
      expect(await keeper.token("upstox")).toBe(token);
    }
    expect(person.asked()).toBe(1);
  });
});

describe("the corrected clock (S-74)", () => {
  it.each([
    ["an hour behind", -3600],
    ["ten minutes ahead", 600],
  ])("ends a token by the broker's clock on a machine that is %s", async (_name, offset) => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const right = clockOf(broker);
    const clock = { ...right, now: () => right.now() + offset * 1000 };
    const keeper = await kept.keeper({ person, clock });
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    const session = await keeper.session("upstox");
    expect(Math.abs(session.clockOffset + offset)).toBeLessThanOrEqual(2);
    expect(session.expiresAt).toBe(istTime("20T03:30:00") / 1000);
    broker.clock.freeze(istTime("20T03:28:50"));
    expect(await keeper.token("upstox")).toBe(session.accessToken.reveal());
    // Another process on the same machine starts with what was measured.
    const other = await kept.keeper({ clock });
    expect(await other.token("upstox")).toBe(session.accessToken.reveal());
    broker.clock.freeze(istTime("20T03:29:10"));
    for (const each of [keeper, other]) {
      expect((await each.status())[0]?.state).toBe("expired");
    }
    expect(await failure(other.token("upstox"))).toBeInstanceOf(LoginRequired);
  });

  it("learns from any answer that the broker's clock has moved, and gives the token up in time", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const start = broker.clock.now();
    // A process of its own: nobody tells it of the jump.
    const keeper = await kept.keeper({ person, clock: { now: () => start } });
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    const token = await keeper.token("upstox");
    const { userApi } = await keeper.upstox();
    broker.clock.set(istTime("20T03:29:30"));
    await userApi.getProfile("2.0");
    expect((await keeper.status())[0]?.state).toBe("expired");
    broker.clock.set(istTime("20T08:30:00"));
    expect(await keeper.token("upstox")).not.toBe(token);
  });
});
