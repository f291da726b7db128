import { describe, expect, it } from "vitest";
import { ApprovalPage, pushes } from "../../../broker/test/approvals/_approval.ts";
import type { Session } from "../../src/index.ts";
import { demoAccount, type Kept, startKept } from "../_kept.ts";
import { freePort, occupy } from "../login/_bench.ts";
import { startKeptService, startTestService, type TestService } from "./_service.ts";
import { startTunnel } from "./_tunnel.ts";

const id = { broker: "upstox", account: "default" };
const logIn = (service: TestService, path = "upstox/default") =>
  service.ask(`/v1/accounts/${path}/login`, { method: "POST" });

/** The person opens the address that the service named. */
function visitAs({ person }: Kept, url: unknown): void {
  person.openLogin({ id, title: "", url: String(url), redirectUri: "", endsAt: 0 });
}

describe("POST /v1/accounts/{broker}/{account}/login", () => {
  it("names the broker's page, and whoever waits gets the token", async () => {
    await using it = await startKeptService();
    await it.service.keeper.accounts.add(demoAccount(it.kept.broker, "upstox"));
    const login = await logIn(it.service);
    expect(login.status).toBe(202);
    expect(login.json).toMatchObject({ state: "browser", endsAt: expect.any(Number) });
    expect(login.json.url).toContain(it.kept.broker.url);
    const accounts = await it.service.ask("/v1/accounts");
    expect(accounts.json).toMatchObject({ accounts: [{ ...id, state: "logging-in", login: login.json }] });

    const waiting = it.service.ask("/v1/tokens/upstox/default?wait=60");
    visitAs(it.kept, login.json.url);
    expect((await waiting).status).toBe(200);
    await it.kept.person.done();
    expect((await it.service.ask("/v1/accounts")).json).toMatchObject({ accounts: [{ ...id, state: "valid" }] });
  });

  it("joins the login under way instead of starting another", async () => {
    await using it = await startKeptService();
    await it.service.keeper.accounts.add(demoAccount(it.kept.broker, "upstox"));
    const answers = await Promise.all(Array.from({ length: 10 }, () => logIn(it.service)));
    expect(new Set(answers.map(({ json }) => json.url)).size).toBe(1);
  });

  it("lets one person log in at two brokers at once, with the redirect URI that both know", async () => {
    await using it = await startKeptService();
    const { broker, person } = it.kept;
    for (const name of ["upstox", "tradejini"] as const)
      await it.service.keeper.accounts.add(demoAccount(broker, name));
    const [upstox, tradejini] = [await logIn(it.service), await logIn(it.service, "tradejini/default")];
    expect([upstox.status, tradejini.status]).toEqual([202, 202]);
    // The second tab is finished first.
    const last = { title: "", redirectUri: "", endsAt: 0 };
    person.openLogin({ ...last, id: { broker: "tradejini", account: "default" }, url: String(tradejini.json.url) });
    expect((await it.service.ask("/v1/tokens/tradejini/default?wait=60")).status).toBe(200);
    visitAs(it.kept, upstox.json.url);
    expect((await it.service.ask("/v1/tokens/upstox/default?wait=60")).status).toBe(200);
    await person.done();
  });

  it("is done at once where nobody is needed", async () => {
    await using it = await startKeptService();
    await it.service.keeper.accounts.add(demoAccount(it.kept.broker, "tradejini-totp"));
    const login = await logIn(it.service, "tradejini/own");
    expect([login.status, login.json]).toEqual([200, { state: "done" }]);
  });

  it("says why when it failed at once, and so does the list of accounts until one works", async () => {
    await using it = await startKeptService();
    const account = demoAccount(it.kept.broker, "tradejini-totp");
    await it.service.keeper.accounts.add({ ...account, password: "wrong-password" });
    const login = await logIn(it.service, "tradejini/own");
    expect(login.status).toBe(502);
    expect(login.json).toMatchObject({ code: "LOGIN_FAILED", message: expect.any(String) });
    expect((await it.service.ask("/v1/accounts")).json).toMatchObject({
      accounts: [{ failure: { code: "LOGIN_FAILED" } }],
    });
    await it.service.keeper.accounts.add({ ...account, replace: true });
    it.kept.broker.clock.advance(31); // a code works once
    expect((await logIn(it.service, "tradejini/own")).status).toBe(200);
    expect(JSON.stringify((await it.service.ask("/v1/accounts")).json)).not.toContain("failure");
  });

  it("answers 404 for an account that was not added", async () => {
    await using it = await startKeptService();
    expect((await logIn(it.service)).json.code).toBe("UNKNOWN_ACCOUNT");
  });
});

describe("two services on one vault", () => {
  it("need one login: both have its token", async () => {
    await using it = await startKeptService();
    await using other = await startTestService(it.kept, { dataFolder: `${it.kept.home.path}/other` });
    await it.service.keeper.accounts.add(demoAccount(it.kept.broker, "upstox"));
    const waiting = [it.service, other].map((service) => service.ask("/v1/tokens/upstox/default?wait=60"));
    const login = await logIn(it.service);
    // The other one's login waits for this one, and is served by it.
    const joined = logIn(other);
    visitAs(it.kept, login.json.url);
    const tokens = (await Promise.all(waiting)).map(({ json }) => json.accessToken);
    expect(tokens[0]).toEqual(expect.any(String));
    expect(tokens[1]).toBe(tokens[0]);
    expect(await joined).toMatchObject({ status: 200, json: { state: "done" } });
    await it.kept.person.done();
    expect(it.kept.person.asked()).toBe(1);
  });
});

describe("POST /v1/accounts/{broker}/{account}/logout", () => {
  it("ends the session at the broker and here", async () => {
    await using it = await startKeptService();
    const { broker, person } = it.kept;
    await it.service.keeper.accounts.add(demoAccount(broker, "upstox"));
    const { accessToken } = await it.service.keeper.login("upstox", { person });
    await person.done();
    expect((await it.service.ask("/v1/accounts/upstox/default/logout", { method: "POST" })).status).toBe(204);
    expect((await it.service.ask("/v1/tokens/upstox/default")).status).toBe(409);
    const headers = { authorization: `Bearer ${accessToken.reveal()}` };
    expect((await fetch(`${broker.url}/v2/user/profile`, { headers })).status).toBe(401);
  });
});

describe("the approval way", () => {
  async function startApproving() {
    const [webhookPort, tunnel] = [await freePort(), await startTunnel()];
    const kept = await startKept({ notifierUrl: tunnel.url });
    const service = await startTestService(kept, { webhookPort });
    const account = { ...demoAccount(kept.broker, "upstox"), way: "approval" } as const;
    const { notifierKey } = await service.keeper.accounts.add(account);
    const address = `http://127.0.0.1:${webhookPort}/kunji/approved/${notifierKey?.reveal()}`;
    tunnel.leadTo(address);
    return {
      kept,
      service,
      address,
      async approve() {
        const page = await ApprovalPage.open(kept.broker);
        await page.approve(kept.broker.upstox.customers[0]?.pin ?? "");
        await kept.broker.settled();
      },
      async [Symbol.asyncDispose]() {
        await service[Symbol.asyncDispose]();
        await kept[Symbol.asyncDispose]();
        await tunnel[Symbol.asyncDispose]();
      },
    };
  }

  it("says what to approve, and whoever waits gets the token once it is", async () => {
    await using it = await startApproving();
    const login = await logIn(it.service);
    expect(login).toMatchObject({ status: 202, json: { state: "approval", endsAt: expect.any(Number) } });
    expect(login.json.warning).toContain("does not end in this account's key");
    expect(await pushes(it.kept.broker)).toHaveLength(1);
    const waiting = it.service.ask("/v1/tokens/upstox/default?wait=60");
    await it.approve();
    expect((await waiting).status).toBe(200);
  });

  it("serves a login that another process started (one receiver for all of them)", async () => {
    await using it = await startApproving();
    await it.service.ask("/v1/tokens/upstox/default"); // the receiver has looked for the account by now
    await logIn(it.service);
    await it.service.running.close();
    await using next = await startTestService(it.kept, { webhookPort: Number(new URL(it.address).port) });
    const other = await it.kept.keeper({ webhookPort: Number(new URL(it.address).port) });
    let login: Promise<Session> | undefined;
    await new Promise<void>((resolve) => {
      login = other.login("upstox", { person: { openLogin() {}, awaitApproval: () => resolve() } });
    });
    await it.approve();
    const session = await login;
    expect((await next.ask("/v1/tokens/upstox/default")).json.accessToken).toBe(session?.accessToken.reveal());
  });

  it("takes a token that was approved after the service had been restarted (S-81)", async () => {
    await using it = await startApproving();
    await logIn(it.service);
    await it.service.running.close();
    await using next = await startTestService(it.kept, { webhookPort: Number(new URL(it.address).port) });
    const waiting = next.ask("/v1/tokens/upstox/default?wait=60");
    await it.approve();
    expect((await waiting).status).toBe(200);
  });

  it("is not impressed by a message that nobody sent, and tells its sender nothing (S-80, S-82, S-84)", async () => {
    await using it = await startApproving();
    await logIn(it.service);
    const post = (url: string, body: string) => fetch(url, { method: "POST", body });
    const forged = await post(it.address, JSON.stringify({ message_type: "access_token", access_token: "x" }));
    expect([forged.status, await forged.text()]).toEqual([200, "received\n"]);
    expect((await post(`${it.address}x`, "{}")).status).toBe(404);
    await expect.poll(() => it.service.logText()).toContain("a message changed nothing");
    expect(await it.service.ask("/v1/accounts")).toMatchObject({ json: { accounts: [{ state: "logging-in" }] } });
  });

  it("does not start when somebody else has the receiver's port (S-90)", async () => {
    await using it = await startApproving();
    await it.service.running.close();
    const webhookPort = Number(new URL(it.address).port);
    await using _stranger = await occupy(webhookPort);
    await expect(startTestService(it.kept, { webhookPort })).rejects.toMatchObject({ code: "PORT_TAKEN" });
    // And it has let go of everything: without the approval account it starts.
    await it.service.keeper.accounts.remove(id);
    await using next = await startTestService(it.kept, { webhookPort });
    expect((await next.ask("/health")).status).toBe(200);
  });
});
