import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startService } from "../../src/service/index.ts";
import { LoginDesk } from "../../src/service/login-desk.ts";
import { LoginHistory } from "../../src/service/login-history.ts";
import { demoAccount, MORNING, startKept } from "../_kept.ts";
import { call } from "./_request.ts";
import { startKeptService, startTestService } from "./_service.ts";
import { TestClock } from "./_service-clock.ts";

const LOGIN = "/v1/accounts/upstox/default/login";
/** What is under way has 8 of the 10 seconds to finish. */
const PATIENCE = 8_000;

/** A web service of the owner that takes every message and never answers. */
async function startSilentOwner() {
  let got = 0;
  const server = createServer(() => {
    got += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    got: () => got,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("a service that stops while something takes long (S-115)", () => {
  it("gives up notices in time, and leaves the next service its bearer", async () => {
    await using owner = await startSilentOwner();
    const clock = new TestClock(MORNING);
    await using it = await startKeptService({ clock, notify: { url: owner.url } });
    await it.service.keeper.accounts.add(demoAccount(it.kept.broker, "upstox"));
    await it.service.ask("/v1/tokens/upstox/default");
    await expect.poll(owner.got).toBe(1);
    const closing = it.service.running.close();
    await expect.poll(() => existsSync(it.service.socket)).toBe(false);
    await using next = await startTestService(it.kept);
    const bearer = readFileSync(next.running.bearerFile, "utf8");
    clock.advance(PATIENCE);
    await closing;
    expect(readFileSync(next.running.bearerFile, "utf8")).toBe(bearer);
    expect((await next.askWithBearer("/v1/accounts")).status).toBe(200);
    expect(it.service.logText()).toContain("the owner could not be notified");
  });

  it.each(["half a request", "a body that never comes"])("cuts off %s", async (what) => {
    const clock = new TestClock(MORNING);
    await using it = await startKeptService({ clock });
    const socket = connect(it.service.socket);
    const head = `POST ${LOGIN} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n`;
    socket.write(what === "half a request" ? head : `${head}\r\n`);
    const gone = new Promise((resolve) => socket.once("close", resolve));
    socket.resume();
    // Read when a later connection was answered.
    await it.service.ask("/health");
    const closing = it.service.running.close();
    await expect.poll(() => clock.waiting()).toContain(PATIENCE);
    clock.advance(PATIENCE);
    await Promise.all([closing, gone]);
  });

  it("is the service of its folder until its last login ended and is written down", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper();
    await keeper.accounts.add(demoAccount(kept.broker, "upstox"));
    let end = () => {};
    const ended = new Promise<never>((_resolve, reject) => {
      end = () => reject(new Error("ended"));
    });
    const running = await startService({
      keeper: { ...keeper, login: () => ended },
      dataFolder: kept.home.path,
      port: 0,
      webhookPort: 0,
      schedule: false,
      writeLog: () => {},
    });
    const history = join(kept.home.path, "service", "login-history.json");
    const pressed = call(running.socket ?? "", LOGIN, { method: "POST" });
    await expect.poll(() => existsSync(history)).toBe(true);
    const closing = running.close();
    await expect(startTestService(kept)).rejects.toMatchObject({ code: "PORT_TAKEN" });
    end();
    await Promise.all([closing, pressed]);
    expect(readFileSync(history, "utf8")).toContain('"outcome":"stopped"');
    await using next = await startTestService(kept);
    expect((await next.ask("/health")).status).toBe(200);
  });

  it("starts no login any more", () => {
    const desk = new LoginDesk({
      history: new LoginHistory("/nowhere", () => {}),
      clock: new TestClock(MORNING),
      log: { info() {}, warn() {}, error() {} },
      stopping: AbortSignal.abort(),
      logIn: () => Promise.reject(new Error("a login was started")),
    });
    const id = { broker: "upstox", account: "default" };
    expect(() => desk.start(id, { by: "person" })).toThrow(expect.objectContaining({ code: "STOPPING" }));
    expect(desk.ongoing(id)).toBeUndefined();
  });
});
