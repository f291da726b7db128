import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { KeeperError, LoginRequired } from "../../src/index.ts";
import { connectKeeper, type KeeperAddress } from "../../src/service/index.ts";
import { demoAccount } from "../_kept.ts";
import { startKeptService, type TestService } from "./_service.ts";

const doors: readonly [string, (service: TestService) => KeeperAddress][] = [
  ["the socket", ({ socket }) => ({ socket })],
  ["the loopback port", ({ running: { url, bearerFile } }) => ({ url, bearerFile })],
];

describe.each(doors)("connectKeeper() over %s", (_name, addressOf) => {
  it("gets a token that printing does not show (S-73)", async () => {
    await using it = await startKeptService();
    const { broker, person } = it.kept;
    await it.service.keeper.accounts.add(demoAccount(broker, "upstox"));
    const { accessToken, userId } = await it.service.keeper.login("upstox", { person });
    await person.done();
    const client = connectKeeper(addressOf(it.service));
    const token = await client.token("upstox");
    expect(token.accessToken.reveal()).toBe(accessToken.reveal());
    expect(token).toMatchObject({ broker: "upstox", account: "default", userId });
    expect(inspect(token) + JSON.stringify(token)).not.toContain(accessToken.reveal());
    client.close();
  });

  it("throws what the service says, as the keeper's own errors", async () => {
    await using it = await startKeptService();
    const client = connectKeeper(addressOf(it.service));
    await expect(client.token("upstox")).rejects.toMatchObject({ code: "UNKNOWN_ACCOUNT" });
    await it.service.keeper.accounts.add(demoAccount(it.kept.broker, "upstox"));
    const error = await client.token("upstox").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LoginRequired);
    expect(error).toMatchObject({ broker: "upstox", nextStep: "Run: kunji login upstox" });
    client.close();
  });

  it("lists accounts, starts a login, waits for its token and logs out", async () => {
    await using it = await startKeptService();
    const { broker, person } = it.kept;
    await it.service.keeper.accounts.add(demoAccount(broker, "upstox"));
    const client = connectKeeper(addressOf(it.service));
    expect(await client.accounts()).toMatchObject([{ broker: "upstox", state: "none", title: "Upstox" }]);
    const login = await client.login("upstox");
    const id = { broker: "upstox", account: "default" };
    person.openLogin({ id, title: "", url: login.url ?? "", redirectUri: "", endsAt: 0 });
    expect(await client.token("upstox", { waitSeconds: 60 })).toMatchObject({ expiresAtIst: expect.any(String) });
    await person.done();
    await client.logout("upstox");
    await expect(client.token("upstox")).rejects.toBeInstanceOf(LoginRequired);
    client.close();
  });

  it("says that the service does not answer", async () => {
    await using it = await startKeptService();
    const address = addressOf(it.service);
    await it.service.running.close();
    const client = connectKeeper(address);
    const error = await client.token("upstox").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KeeperError);
    expect(error).toMatchObject({ code: "SERVICE_UNREACHABLE", nextStep: "Start it with: kunji keep" });
    await expect(client.events()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: "SERVICE_UNREACHABLE" });
    client.close();
  });
});

describe("connectKeeper()", () => {
  it.each(["http://192.0.2.1:7474", "https://127.0.0.1:7474", "http://localhost:7474"])(
    "sends the bearer nowhere but to this machine: not to %s",
    async (url) => {
      await using it = await startKeptService();
      const client = connectKeeper({ url, bearerFile: it.service.running.bearerFile });
      await expect(client.token("upstox")).rejects.toThrow(TypeError);
    },
  );

  it("gives up a wait when its signal ends", async () => {
    await using it = await startKeptService();
    await it.service.keeper.accounts.add(demoAccount(it.kept.broker, "upstox"));
    const client = connectKeeper({ socket: it.service.socket });
    const left = new AbortController();
    const waiting = client.token("upstox", { waitSeconds: 60, signal: left.signal });
    left.abort(new RangeError("enough"));
    await expect(waiting).rejects.toThrow("enough");
    client.close();
  });
});
