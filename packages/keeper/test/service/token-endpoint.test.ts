import { describe, expect, it } from "vitest";
import { demoAccount, MORNING } from "../_kept.ts";
import { startKeptService, startTestService } from "./_service.ts";
import { TestClock } from "./_service-clock.ts";

const TOKEN = "/v1/tokens/upstox/default";

describe("GET /v1/tokens/{broker}/{account}", () => {
  it("answers with the token, whose it is and until when, by both doors", async () => {
    await using it = await startKeptService();
    const { broker, person } = it.kept;
    await it.service.keeper.accounts.add(demoAccount(broker, "upstox"));
    const session = await it.service.keeper.login("upstox", { person });
    const answer = await it.service.ask(TOKEN);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      broker: "upstox",
      account: "default",
      accessToken: session.accessToken.reveal(),
      userId: broker.upstox.customers[0]?.userId,
      expiresAt: Date.parse("2026-11-20T03:30:00+05:30") / 1000,
      expiresAtIst: "2026-11-20T03:30:00+05:30",
    });
    expect((await it.service.askWithBearer(TOKEN)).json).toEqual(answer.json);
    await person.done();
  });

  it("says 409 and what to do when somebody has to log in", async () => {
    await using it = await startKeptService();
    await it.service.keeper.accounts.add(demoAccount(it.kept.broker, "upstox"));
    const answer = await it.service.ask(TOKEN);
    expect(answer.status).toBe(409);
    expect(answer.json).toEqual({
      code: "LOGIN_REQUIRED",
      message: "upstox/default needs a login",
      nextStep: "Run: kunji login upstox",
    });
  });

  it("with ?wait= answers as soon as somebody has logged in, also in another process", async () => {
    await using it = await startKeptService();
    const { broker, person } = it.kept;
    await it.service.keeper.accounts.add(demoAccount(broker, "upstox"));
    const waiting = it.service.ask(`${TOKEN}?wait=60`);
    const elsewhere = await it.kept.keeper();
    const { accessToken } = await elsewhere.login("upstox", { person });
    expect(await waiting).toMatchObject({ status: 200, json: { accessToken: accessToken.reveal() } });
    await person.done();
  });

  it("with ?wait= gives up when the time is over", async () => {
    await using it = await startKeptService();
    await it.service.keeper.accounts.add(demoAccount(it.kept.broker, "upstox"));
    const answer = await it.service.ask(`${TOKEN}?wait=1`);
    expect([answer.status, answer.json.code]).toEqual([409, "LOGIN_REQUIRED"]);
  });

  it("without ?wait= does not wait for the login of a person that is under way", async () => {
    const clock = new TestClock(MORNING);
    await using it = await startKeptService({ clock });
    await it.service.keeper.accounts.add(demoAccount(it.kept.broker, "upstox"));
    await it.service.ask("/v1/accounts/upstox/default/login", { method: "POST" });
    const asking = it.service.ask(TOKEN);
    await expect.poll(() => clock.waiting()).toContain(2_000);
    clock.advance(2_000);
    expect(await asking).toMatchObject({ status: 409, json: { nextStep: expect.stringContaining("?wait=") } });
  });

  it("never hands out a token whose end is near by the broker's clock (S-74)", async () => {
    await using it = await startKeptService();
    const { broker, person } = it.kept;
    await it.service.keeper.accounts.add(demoAccount(broker, "upstox"));
    await it.service.keeper.login("upstox", { person });
    await person.done();
    broker.clock.freeze(Date.parse("2026-11-20T03:28:59+05:30"));
    expect((await it.service.ask(TOKEN)).status).toBe(200);
    broker.clock.freeze(Date.parse("2026-11-20T03:29:01+05:30"));
    expect((await it.service.ask(TOKEN)).status).toBe(409);
  });

  it("logs an account in by itself that needs nobody, once for everybody who asks", async () => {
    await using it = await startKeptService();
    await it.service.keeper.accounts.add(demoAccount(it.kept.broker, "tradejini-totp"));
    const answers = await Promise.all(Array.from({ length: 20 }, () => it.service.ask("/v1/tokens/tradejini/own")));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ json }) => json.accessToken)).size).toBe(1);
  });
});

describe("a service that stops", () => {
  it("answers everybody who waits, and takes no more", async () => {
    await using it = await startKeptService();
    await it.service.keeper.accounts.add(demoAccount(it.kept.broker, "upstox"));
    const waiting = Array.from({ length: 5 }, () => it.service.ask(`${TOKEN}?wait=600`));
    // The first of them is there when a later one has been answered.
    await it.service.ask("/health");
    await it.service.running.close();
    for (const answer of await Promise.all(waiting)) {
      expect([answer.status, answer.json.code]).toEqual([503, "STOPPING"]);
    }
    await expect(it.service.ask("/health")).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("does not lose a login that waits for a person: it can be started again at once", async () => {
    await using it = await startKeptService();
    const { broker, person } = it.kept;
    await it.service.keeper.accounts.add(demoAccount(broker, "upstox"));
    const login = await it.service.ask("/v1/accounts/upstox/default/login", { method: "POST" });
    expect(login.status).toBe(202);
    await it.service.running.close();

    await using next = await startTestService(it.kept);
    const again = await next.ask("/v1/accounts/upstox/default/login", { method: "POST" });
    expect(again).toMatchObject({ status: 202, json: { state: "browser" } });
    const id = { broker: "upstox", account: "default" };
    person.openLogin({ id, title: "", url: String(again.json.url), redirectUri: "", endsAt: 0 });
    expect((await next.ask(`${TOKEN}?wait=60`)).status).toBe(200);
    await person.done();
  });
});
