import { describe, expect, it } from "vitest";
import { type LogIn, LoginRequired } from "../src/index.ts";
import { totpLogin } from "../src/login/totp-login.ts";
import { untilAborted } from "../src/single-flight.ts";
import { demoAccount, failure, type Kept, startKept } from "./_kept.ts";

describe("a login without a person", () => {
  it("is tried once, whoever asks, until somebody looks (tradejini.md 5)", async () => {
    await using kept = await startKept();
    const { broker } = kept;
    const keeper = await kept.keeper();
    const other = await kept.keeper();
    await keeper.accounts.add({ ...demoAccount(broker, "tradejini-totp"), password: "9999" });
    const attempts = () => broker.requests().filter(({ path }) => path.endsWith("/individual-token-v2")).length;

    const own = { account: "own" };
    expect(await failure(keeper.token("tradejini", own))).toMatchObject({ code: "LOGIN_FAILED" });
    for (const one of [keeper, other]) {
      const error = await failure(one.token("tradejini", own));
      expect(error).toBeInstanceOf(LoginRequired);
      expect(error.nextStep).toMatch(/LOGIN_FAILED.*kunji login tradejini --account own/);
    }
    expect(attempts()).toBe(1);

    // The next code: a used one is refused whatever the password.
    broker.clock.advance(30);
    await keeper.accounts.add({ ...demoAccount(broker, "tradejini-totp"), replace: true });
    expect(await other.token("tradejini", own)).toMatch(/^\S{20,}$/);
    expect(attempts()).toBe(2);
  });

  it("is tried again a minute after the broker could not be reached", async () => {
    await using kept = await startKept();
    const { broker } = kept;
    const keeper = await kept.keeper();
    await keeper.accounts.add(demoAccount(broker, "tradejini-totp"));
    broker.faults.inject({ route: "/v2/api-gw/oauth/individual-token-v2", status: 502, times: 1 });
    const own = { account: "own" };
    expect(await failure(keeper.token("tradejini", own))).toMatchObject({ code: "BROKER_UNREACHABLE" });
    expect(await failure(keeper.token("tradejini", own))).toBeInstanceOf(LoginRequired);
    // Who waits needs nobody for that.
    const bot = await kept.keeper({ wait: true });
    const required = new Promise((resolve) => bot.on("loginRequired", resolve));
    const waiting = bot.token("tradejini", own);
    await required;
    broker.clock.advance(61);
    expect(await waiting).toBe(await keeper.token("tradejini", own));
  });
});

describe("a login without a person that is broken off", () => {
  const own = { account: "own" };
  const logins = ({ broker }: Kept) => broker.requests().filter(({ path }) => path.endsWith("/individual-token-v2"));

  /** A way in that sends nothing before it is let go on. */
  function heldLogin({ isNoted = true } = {}) {
    let started = (): void => {};
    let goOn = (): void => {};
    const isStarted = new Promise<void>((resolve) => {
      started = resolve;
    });
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const totp = async (): Promise<LogIn> => async (request) => {
      if (isNoted) await request.noteAttempt();
      started();
      await untilAborted(gate, request.signal);
      return await totpLogin(request);
    };
    return { ways: { totp }, isStarted, goOn: () => goOn() };
  }

  it("is brought to its end although nobody waits any more, and its token is kept", async () => {
    await using kept = await startKept();
    const { ways, isStarted, goOn } = heldLogin();
    const keeper = await kept.keeper({ ways });
    await keeper.accounts.add(demoAccount(kept.broker, "tradejini-totp"));
    const impatient = new AbortController();
    const asked = failure(keeper.token("tradejini", { ...own, signal: impatient.signal }));
    await isStarted;
    impatient.abort(new Error("no time"));
    expect((await asked).message).toBe("no time");
    const renewed = new Promise((resolve) => keeper.on("renewed", resolve));
    goOn();
    await renewed;
    expect(await keeper.token("tradejini", own)).toMatch(/^\S{20,}$/);
    expect(logins(kept)).toHaveLength(1);
  });

  it("fails once for everybody who waited in line for it, in whichever process (S-15)", async () => {
    await using kept = await startKept();
    // As when all bots start at the same moment: nobody knows of an attempt yet.
    const { ways, isStarted, goOn } = heldLogin({ isNoted: false });
    const first = await kept.keeper({ ways });
    await first.accounts.add({ ...demoAccount(kept.broker, "tradejini-totp"), password: "9999" });
    const asked = failure(first.token("tradejini", own));
    await isStarted;
    let inLine = 0;
    const person = { openLogin() {}, awaitApproval() {}, waitInLine: () => void inLine++ };
    const others = await Promise.all([kept.keeper({ person }), kept.keeper({ person }), kept.keeper({ person })]);
    // A program that asks for a token may have a person; so may one that was told to log in, such as the schedule.
    const waiting = others.map((other, at) =>
      failure(at === 0 ? other.login("tradejini", own) : other.token("tradejini", own)),
    );
    await expect.poll(() => inLine).toBe(3);
    goOn();
    expect(await asked).toMatchObject({ code: "LOGIN_FAILED" });
    for (const error of await Promise.all(waiting)) {
      expect(error).toBeInstanceOf(LoginRequired);
      expect(error.nextStep).toMatch(/LOGIN_FAILED.*not repeated on its own/);
    }
    expect(logins(kept)).toHaveLength(1);
    // Who is told to log in afterwards knows of it, and does.
    kept.broker.clock.advance(31);
    expect(await failure(first.login("tradejini", own))).toMatchObject({ code: "LOGIN_FAILED" });
    expect(logins(kept)).toHaveLength(2);
  });

  it("is not sent again at once by the process that is started next", async () => {
    await using kept = await startKept();
    const { ways, isStarted } = heldLogin();
    const first = await kept.keeper({ ways });
    await first.accounts.add(demoAccount(kept.broker, "tradejini-totp"));
    const asked = failure(first.token("tradejini", own));
    await isStarted;
    await first.close();
    await asked;

    const next = await kept.keeper();
    const error = await failure(next.token("tradejini", own));
    expect(error).toBeInstanceOf(LoginRequired);
    expect(error.nextStep).toContain("(UNFINISHED) and is not repeated within a minute");
    expect(logins(kept)).toEqual([]);
    kept.broker.clock.advance(61);
    expect(await next.token("tradejini", own)).toMatch(/^\S{20,}$/);
  });

  it("does not keep everybody waiting for a clock that was days ahead when it failed", async () => {
    await using kept = await startKept();
    const { broker } = kept;
    const ahead = { now: () => broker.clock.now() + 3 * 86_400_000 };
    const wrong = await kept.keeper({ clock: ahead });
    await wrong.accounts.add(demoAccount(broker, "tradejini-totp"));
    broker.faults.inject({ route: "/v2/api-gw/oauth/individual-token-v2", status: 502, times: 1 });
    expect(await failure(wrong.token("tradejini", own))).toMatchObject({ code: "BROKER_UNREACHABLE" });
    broker.clock.advance(30);
    const right = await kept.keeper();
    expect(await right.token("tradejini", own)).toMatch(/^\S{20,}$/);
  });
});
