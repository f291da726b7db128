import { getEventListeners } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { KeeperError, LoginRequired } from "../../src/index.ts";
import {
  connectKeeper,
  type KeeperAddress,
  type KeeperServiceClient,
  type ServiceLimits,
} from "../../src/service/index.ts";
import { demoAccount } from "../_kept.ts";
import { testHome } from "../_vault.ts";
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

/** A service that answers as the test wants. */
async function startStranger(answer: RequestListener, limits?: ServiceLimits) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const home = await testHome();
  const bearerFile = join(home.path, "bearer");
  await writeFile(bearerFile, "bearer");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = connectKeeper({ url, bearerFile }, limits);
  return {
    client,
    async [Symbol.asyncDispose]() {
      client.close();
      server.closeAllConnections();
      server.close();
      await home[Symbol.asyncDispose]();
    },
  };
}

describe("connectKeeper()", () => {
  it.each(["http://192.0.2.1:7474", "https://127.0.0.1:7474", "http://localhost:7474"])(
    "sends the bearer nowhere but to this machine: not to %s",
    async (url) => {
      await using it = await startKeptService();
      const client = connectKeeper({ url, bearerFile: it.service.running.bearerFile });
      await expect(client.token("upstox")).rejects.toThrow(TypeError);
    },
  );

  it("asks once more when the connection it had kept ends in that moment, and only when it read", async () => {
    const asked: string[] = [];
    await using stranger = await startStranger((request, response) => {
      asked.push(request.method ?? "");
      // As a service does whose patience with a silent connection just ended.
      if (asked.length === 2 || asked.length > 3) request.socket.destroy();
      else response.end('{"accounts":[]}');
    });
    const { client } = stranger;
    expect([await client.accounts(), await client.accounts()]).toEqual([[], []]);
    expect(asked).toEqual(["GET", "GET", "GET"]);
    await expect(client.login("upstox")).rejects.toMatchObject({ code: "SERVICE_UNREACHABLE" });
    expect(asked).toEqual(["GET", "GET", "GET", "POST"]);
  });

  it("reads the list of some hundred accounts", async () => {
    const answer = JSON.stringify({ accounts: Array.from({ length: 300 }, () => ({ title: "x".repeat(600) })) });
    await using stranger = await startStranger((_request, response) => response.end(answer));
    expect(await stranger.client.accounts()).toHaveLength(300);
  });

  it("goes on with events after the service was killed in the middle of the stream, where it had left off", async () => {
    const lastIds: unknown[] = [];
    await using stranger = await startStranger((request, response) => {
      lastIds.push(request.headers["last-event-id"]);
      const id = `start-${lastIds.length}`;
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`id: ${id}\nevent: renewed\ndata: {"type":"renewed","broker":"upstox","account":"default"}\n\n`);
      // As with kill -9: no end of the stream, the connection is gone.
      if (lastIds.length === 1) setImmediate(() => request.socket.destroy());
    });
    const left = new AbortController();
    const seen: string[] = [];
    for await (const event of stranger.client.events({ signal: left.signal })) {
      if (event.type !== "gap") seen.push(event.id);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual(["start-1", "start-2"]);
    expect(lastIds).toEqual([undefined, "start-1"]);
    // Whoever asks again and again with the same signal leaves nothing on it.
    expect(getEventListeners(left.signal, "abort")).toEqual([]);
  });

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

const calls: readonly [string, (client: KeeperServiceClient) => Promise<unknown>][] = [
  ["token()", (client) => client.token("upstox")],
  ["accounts()", (client) => client.accounts()],
  ["login()", (client) => client.login("upstox")],
  ["logout()", (client) => client.logout("upstox")],
  ["check()", (client) => client.check("upstox")],
  ["dashboardLink()", (client) => client.dashboardLink()],
  ["events()", (client) => client.events()[Symbol.asyncIterator]().next()],
];

describe("a service that stands still", () => {
  it.each(calls)("does not hold up %s: it fails when its time is over", async (_name, ask) => {
    // As a stopped process: the connection is there, and nothing comes.
    await using stranger = await startStranger(() => {}, { timeoutSeconds: 0.05 });
    await expect(ask(stranger.client)).rejects.toMatchObject({
      code: "SERVICE_UNREACHABLE",
      message: "the keeper's service gave no answer within 0.05 s",
      nextStep: expect.stringContaining("kunji keep"),
    });
  });

  it("is not believed to be done when it stops in the middle of an answer", async () => {
    await using stranger = await startStranger((_request, response) => response.write('{"accounts":'), {
      timeoutSeconds: 0.05,
    });
    await expect(stranger.client.accounts()).rejects.toThrow("gave no answer within 0.05 s");
  });

  it("has the wait for a person on top of its time", async () => {
    let arrived = (_response: ServerResponse) => {};
    const held = new Promise<ServerResponse>((resolve) => {
      arrived = resolve;
    });
    await using stranger = await startStranger(
      (request, response) => {
        if (request.url?.endsWith("?wait=600")) arrived(response);
      },
      { timeoutSeconds: 0.05 },
    );
    const waiting = stranger.client.token("upstox", { waitSeconds: 600 });
    const response = await held;
    await expect(stranger.client.token("upstox")).rejects.toThrow("gave no answer");
    // The time of the other one, which was asked later, is over by now.
    response.end('{"accessToken":"the-token"}');
    expect((await waiting).accessToken.reveal()).toBe("the-token");
  });

  it("is left by a stream of events that hears no heartbeat, and the next connection goes on where it was", async () => {
    const lastIds: unknown[] = [];
    await using stranger = await startStranger(
      (request, response) => {
        lastIds.push(request.headers["last-event-id"]);
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(`id: start-${lastIds.length}\nevent: renewed\ndata: {"type":"renewed"}\n\n`);
      },
      { silenceSeconds: 0.2 },
    );
    const seen: string[] = [];
    for await (const event of stranger.client.events()) {
      if (event.type !== "gap") seen.push(event.id);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual(["start-1", "start-2"]);
    expect(lastIds).toEqual([undefined, "start-1"]);
  });

  it("gives the caller's own reason when that one gives up first", async () => {
    await using stranger = await startStranger(() => {});
    const left = new AbortController();
    const waiting = stranger.client.accounts({ signal: left.signal });
    left.abort(new RangeError("enough"));
    await expect(waiting).rejects.toThrow("enough");
    expect(getEventListeners(left.signal, "abort")).toEqual([]);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("cannot be given %d seconds", (seconds) => {
    expect(() => connectKeeper({ socket: "/none" }, { timeoutSeconds: seconds })).toThrow(TypeError);
    expect(() => connectKeeper({ socket: "/none" }, { silenceSeconds: seconds })).toThrow(TypeError);
  });
});
