import { describe, expect, it, vi } from "vitest";
import { KeeperError, type KeeperEvent, type KeeperLogEntry, LoginRequired } from "../src/index.ts";
import { first, freeRedirectUri, scriptedPerson } from "./_customer.ts";
import { demoAccount, failure, type Kept, startKept } from "./_kept.ts";

const EXCHANGE = "/v2/login/authorization/token";

function exchanges({ broker }: Kept): number {
  return broker.requests().filter(({ path }) => path === EXCHANGE).length;
}

describe("keeper.token()", () => {
  it("logs in through the broker's pages, and gives the same token from then on, to other keepers as well", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const keeper = await kept.keeper({ person });
    await keeper.accounts.add(demoAccount(broker, "upstox"));

    const token = await keeper.token("upstox");
    await person.done();
    expect(await keeper.token("upstox")).toBe(token);
    expect(person.asked()).toBe(1);
    const another = await kept.keeper();
    expect(await another.token("upstox")).toBe(token);
    expect(exchanges(kept)).toBe(1);
  });

  it("gives a session that says whose it is and when it ends, and shows no token when printed", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const keeper = await kept.keeper({ person });
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    const session = await keeper.session("upstox");
    const customer = first(broker.upstox.customers);
    expect(session).toMatchObject({ userId: customer.userId, userName: customer.userName, obtainedBy: "browser" });
    expect(new Date(session.expiresAt * 1000).toISOString()).toBe("2026-11-19T22:00:00.000Z");
    expect(JSON.stringify(session)).not.toContain(session.accessToken.reveal());
    // Learnt at the first login.
    expect((await keeper.accounts.load(session)).userId).toBe(customer.userId);
  });

  it("logs in once for everybody who asks at the same time", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const keeper = await kept.keeper({ person });
    const second = await kept.keeper({ person });
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    const asks = [keeper, second].flatMap((one) => Array.from({ length: 10 }, () => one.token("upstox")));
    expect(new Set(await Promise.all(asks)).size).toBe(1);
    expect(person.asked()).toBe(1);
    expect(exchanges(kept)).toBe(1);
  });

  it("says what to do when nobody can be asked, and tells listeners once", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper();
    const told: KeeperEvent[] = [];
    keeper.on("loginRequired", (event) => told.push(event));
    await keeper.accounts.add(demoAccount(kept.broker, "upstox"));
    for (let time = 0; time < 2; time++) {
      const error = await failure(keeper.token("upstox"));
      expect(error).toBeInstanceOf(LoginRequired);
      expect(error.nextStep).toBe("Run: kunji login upstox");
    }
    expect(told).toEqual([{ type: "loginRequired", broker: "upstox", account: "default", expiresAt: undefined }]);
  });

  it("waits in line for a login in another process, also when nobody can be asked here", async () => {
    await using kept = await startKept();
    const { broker } = kept;
    let goOn = (): void => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let isAsked = (): void => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const slow = scriptedPerson(broker, {
      when() {
        isAsked();
        return gate;
      },
    });
    const there = await kept.keeper({ person: slow });
    const here = await kept.keeper();
    await there.accounts.add(demoAccount(broker, "upstox"));
    const login = there.token("upstox");
    await asked;
    const waiting = here.token("upstox");
    expect((await here.status())[0]?.state).toBe("logging-in");
    goOn();
    expect(await waiting).toBe(await login);
  });

  it("tells a person who has to wait for somebody else's login", async () => {
    await using kept = await startKept();
    const { broker } = kept;
    let isAsked = (): void => {};
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    const stays = scriptedPerson(broker, {
      when() {
        isAsked();
        return new Promise(() => {});
      },
    });
    const there = await kept.keeper({ person: stays });
    const here = await kept.keeper();
    await there.accounts.add(demoAccount(broker, "upstox"));
    const leaves = new AbortController();
    const login = failure(there.login("upstox", { signal: leaves.signal }));
    await asked;
    const waiting = new Promise<void>((waitInLine) => {
      void here.login("upstox", { person: { ...kept.person, waitInLine } });
    });
    await waiting;
    expect(kept.person.asked()).toBe(0);
    leaves.abort(new Error("gone to lunch"));
    expect((await login).message).toBe("gone to lunch");
    // Now it is this person's turn.
    expect(await here.token("upstox", { wait: true })).toMatch(/^\S{20,}$/);
    expect(kept.person.asked()).toBe(1);
    await kept.person.done();
  });

  it("serves many at once without a word about too many listeners", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on("warning", note);
    try {
      await using kept = await startKept();
      const bot = await kept.keeper({ wait: true });
      await bot.accounts.add(demoAccount(kept.broker, "upstox"));
      const asks = Array.from({ length: 50 }, () => bot.token("upstox"));
      const desk = await kept.keeper({ person: kept.person });
      const token = await desk.token("upstox");
      expect(new Set(await Promise.all(asks))).toEqual(new Set([token]));
      // Warnings are given in a turn of their own.
      await new Promise(setImmediate);
      expect(warnings).toEqual([]);
    } finally {
      process.off("warning", note);
    }
  });

  it("waits for whoever logs in later, when told to", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const bot = await kept.keeper({ wait: true });
    await bot.accounts.add(demoAccount(broker, "upstox"));
    const required = new Promise((resolve) => bot.on("loginRequired", resolve));
    const waiting = bot.token("upstox");
    await required;
    const desk = await kept.keeper({ person });
    const session = await desk.login("upstox");
    expect(await waiting).toBe(session.accessToken.reveal());
  });

  it("ends the login when the last who waited has given up", async () => {
    await using kept = await startKept();
    const { broker } = kept;
    const never = scriptedPerson(broker, { when: () => new Promise(() => {}) });
    const keeper = await kept.keeper({ person: never });
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    const one = new AbortController();
    const other = new AbortController();
    const asks = [one, other].map(({ signal }) => failure(keeper.token("upstox", { signal })));
    one.abort(new Error("one went"));
    expect((await asks[0])?.message).toBe("one went");
    other.abort(new Error("the other went"));
    expect((await asks[1])?.message).toBe("the other went");
    // The port of the redirect URI is free again, and so is the account.
    const second = await kept.keeper({ person: kept.person });
    expect(await second.token("upstox")).toMatch(/^\S{20,}$/);
  });

  it("names what is missing: the broker, the account, the app", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper();
    expect(await failure(keeper.token("zerodha"))).toMatchObject({
      code: "USAGE",
      nextStep: "Choose one of: upstox, tradejini",
    });
    expect(await failure(keeper.token("upstox", { account: "family" }))).toMatchObject({
      code: "UNKNOWN_ACCOUNT",
      nextStep: "Run: kunji accounts add upstox --account family",
    });
    expect(await failure(keeper.token("upstox", { account: "../family" }))).toBeInstanceOf(TypeError);
  });

  it("follows accounts that are there, and no name for long that was only asked for", async () => {
    await using kept = await startKept();
    const vault = await kept.home.open();
    const followed: string[] = [];
    const watch = vault.watch.bind(vault);
    vi.spyOn(vault, "watch").mockImplementation((name, changed) => {
      const stop = watch(name, changed);
      followed.push(name.account);
      return () => {
        stop();
        followed.splice(followed.indexOf(name.account), 1);
      };
    });
    const keeper = await kept.keeper({ vault });
    const stop = keeper.on("renewed", () => {});
    await keeper.accounts.add(demoAccount(kept.broker, "upstox"));
    await keeper.status();
    for (const account of ["defualt", "old", "defualt"]) {
      expect(await failure(keeper.token("upstox", { account }))).toMatchObject({ code: "UNKNOWN_ACCOUNT" });
      expect(await failure(keeper.upstox(account))).toMatchObject({ code: "UNKNOWN_ACCOUNT" });
      expect(await failure(keeper.login("upstox", { account }))).toMatchObject({ code: "UNKNOWN_ACCOUNT" });
    }
    expect(followed).toEqual(["default"]);
    // A name that becomes an account's is followed like any other.
    await keeper.accounts.add({ ...demoAccount(kept.broker, "upstox"), account: "old" });
    expect(await failure(keeper.token("upstox", { account: "old" }))).toBeInstanceOf(LoginRequired);
    expect(followed).toEqual(["default", "old"]);
    stop();
  });

  it("keeps two brokers and several accounts apart", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const keeper = await kept.keeper({ person });
    // One loopback port each: both logins run at the same time.
    await keeper.accounts.add({ ...demoAccount(broker, "upstox") });
    await keeper.accounts.add(demoAccount(broker, "tradejini-totp"));
    const [upstox, tradejini] = await Promise.all([
      keeper.session("upstox"),
      keeper.session("tradejini", { account: "own" }),
    ]);
    expect(upstox.userId).toBe(first(broker.upstox.customers).userId);
    expect(tradejini.userId).toBe(broker.tradejini.individualApp.clientCode);
    expect(tradejini.expiresAt - tradejini.issuedAt).toBe(86_400);
    await person.done();

    await keeper.accounts.add(demoAccount(broker, "tradejini"));
    expect((await keeper.session("tradejini")).obtainedBy).toBe("browser");
    expect((await keeper.status()).map(({ broker: name, account, state }) => `${name}/${account} ${state}`)).toEqual([
      "tradejini/default valid",
      "tradejini/own valid",
      "upstox/default valid",
    ]);
  });
});

describe("keeper.login()", () => {
  it("gets a new token although there is one, and every keeper switches to it", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const keeper = await kept.keeper({ person });
    const other = await kept.keeper();
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    const before = await keeper.token("upstox");
    expect(await other.token("upstox")).toBe(before);
    const renewed = new Promise<KeeperEvent>((resolve) => other.on("renewed", resolve));
    const { accessToken, expiresAt } = await keeper.login("upstox");
    expect(accessToken.reveal()).not.toBe(before);
    expect(await renewed).toMatchObject({ broker: "upstox", account: "default", expiresAt });
    expect(await other.token("upstox")).toBe(accessToken.reveal());
  });

  it("refuses somebody else than the account belongs to, and keeps what was there", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const keeper = await kept.keeper({ person });
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    const token = await keeper.token("upstox");
    const stranger = scriptedPerson(broker, { upstox: broker.upstox.customers[1] });
    expect(await failure(keeper.login("upstox", { person: stranger }))).toMatchObject({ code: "WRONG_USER" });
    expect(await keeper.token("upstox")).toBe(token);
  });

  it.each([
    ["answers 503", { status: 503 }],
    ["closes the connection", { drop: true }],
    ["is a page of somebody else's", { status: 403, body: "<html>Access denied</html>" }],
  ])("stores nothing when the proof %s, and says that the code is spent (S-82)", async (_name, fault) => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const keeper = await kept.keeper({ person });
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    broker.faults.inject({ route: "GET /v2/user/profile", ...fault, times: 1 });
    const error = await failure(keeper.login("upstox"));
    expect(error).toMatchObject({ code: "BROKER_UNREACHABLE" });
    expect(error.nextStep).toMatch(/nothing was stored.*spent/);
    expect((await keeper.status())[0]).toMatchObject({ state: "none", expiresAt: undefined });
    expect(exchanges(kept)).toBe(1);
  });

  it("tells a wrong secret from a broker that cannot be reached", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const keeper = await kept.keeper({ person });
    await keeper.accounts.add({ ...demoAccount(broker, "upstox"), clientSecret: "not-the-secret" });
    expect(await failure(keeper.login("upstox"))).toMatchObject({ code: "LOGIN_FAILED" });
  });
});

describe("keeper.status()", () => {
  it("takes nobody who looks or asks at the same time for a login", async () => {
    await using kept = await startKept();
    const [one, other] = [await kept.keeper(), await kept.keeper()];
    await one.accounts.add(demoAccount(kept.broker, "upstox"));
    for (let round = 0; round < 10; round++) {
      const bot = failure(other.token("upstox"));
      const looks = await Promise.all([one, one, other, other].map((keeper) => keeper.status()));
      expect(looks.flat().map(({ state }) => state)).toEqual(["none", "none", "none", "none"]);
      expect(await bot).toBeInstanceOf(LoginRequired);
    }
  });
});

describe("keeper.logout()", () => {
  it("ends the session at the broker and forgets it, for everybody", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const keeper = await kept.keeper({ person });
    const other = await kept.keeper();
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    await keeper.token("upstox");
    await other.token("upstox");
    const { userApi } = await other.upstox();
    const expired = new Promise((resolve) => other.on("expired", resolve));

    expect(await keeper.logout("upstox")).toBe(true);
    expect(await keeper.logout("upstox")).toBe(false);
    await expired;
    expect(await failure(other.token("upstox"))).toBeInstanceOf(LoginRequired);
    expect(await failure(userApi.getProfile("2.0"))).toBeInstanceOf(LoginRequired);
    expect((await other.status())[0]?.state).toBe("none");
  });

  it("keeps the token when the broker cannot be reached, so that it can be ended later", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const keeper = await kept.keeper({ person });
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    const token = await keeper.token("upstox");
    broker.faults.inject({ route: "DELETE /v2/logout", status: 503, times: 1 });
    expect(await failure(keeper.logout("upstox"))).toMatchObject({ code: "BROKER_UNREACHABLE" });
    expect(await keeper.token("upstox")).toBe(token);
    expect(await keeper.logout("upstox")).toBe(true);
  });
});

describe("openKeeper()", () => {
  it("logs nothing but facts of its list, and those only when asked (S-96)", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const lines: KeeperLogEntry[] = [];
    const keeper = await kept.keeper({ person, log: (entry) => lines.push(entry) });
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    await keeper.token("upstox");
    await keeper.logout("upstox");
    const id = { broker: "upstox", account: "default" };
    expect(lines).toEqual([
      { ...id, event: "login-started", way: "browser" },
      { ...id, event: "login-finished", way: "browser", durationMs: expect.any(Number) },
      { ...id, event: "logged-out" },
    ]);
  });

  it("ends what waits when it is closed", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper({ wait: true });
    await keeper.accounts.add(demoAccount(kept.broker, "upstox"));
    const waiting = failure(keeper.token("upstox"));
    await keeper.close();
    expect((await waiting).message).toBe("the keeper was closed");
    expect(await failure(keeper.token("upstox"))).toBeInstanceOf(KeeperError);
  });

  it("refuses a setting that makes no sense", async () => {
    await using kept = await startKept();
    expect(await failure(kept.keeper({ expiringMinutes: 0 }))).toMatchObject({ code: "USAGE" });
  });

  it("lets one program log in by means of its own", async () => {
    await using kept = await startKept({ redirectUri: await freeRedirectUri() });
    const { broker } = kept;
    const keeper = await kept.keeper({
      ways: {
        browser: async () => async (request) => {
          const { code = "" } = await broker.login("upstox");
          const callback = { code, issuer: undefined } as Parameters<typeof request.broker.exchange>[1];
          const token = await request.broker.exchange(request.profile, callback, { pkce: undefined }, request.signal);
          return await request.accept(token);
        },
      },
      person: kept.person,
    });
    await keeper.accounts.add(demoAccount(broker, "upstox"));
    expect(await keeper.token("upstox")).toMatch(/^\S{20,}$/);
  });
});
