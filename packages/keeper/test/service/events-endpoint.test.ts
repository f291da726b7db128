import type { IncomingMessage } from "node:http";
import Fastify from "fastify";
import { describe, expect, it } from "vitest";
import { EventFeed } from "../../src/service/event-feed.ts";
import { createEventStreams } from "../../src/service/event-streams.ts";
import { registerEventsEndpoint } from "../../src/service/events-endpoint.ts";
import { connectKeeper, type FeedEvent, type ServiceGap } from "../../src/service/index.ts";
import { readEventStream, type StreamMessage } from "../../src/service/read-event-stream.ts";
import { demoAccount, type Kept, MORNING } from "../_kept.ts";
import { open } from "./_request.ts";
import { startKeptService, startTestService, type TestService } from "./_service.ts";
import { TestClock } from "./_service-clock.ts";

/** A listener that reads one message at a time. */
async function listen(service: TestService, lastId?: string) {
  const left = new AbortController();
  const headers = lastId === undefined ? {} : { "last-event-id": lastId };
  const response = await open(service.socket, "/v1/events", { headers, signal: left.signal });
  const messages = readEventStream(response);
  return {
    response,
    async next(): Promise<StreamMessage> {
      const { value, done } = await messages.next();
      if (done) throw new Error("the stream ended");
      return value;
    },
    leave: () => left.abort(),
  };
}

async function logIn({ broker, person }: Kept, service: TestService): Promise<string> {
  if ((await service.keeper.accounts.list()).length === 0) {
    await service.keeper.accounts.add(demoAccount(broker, "upstox"));
  }
  const { accessToken } = await service.keeper.login("upstox", { person });
  await person.done();
  return accessToken.reveal();
}

const ACCOUNT = { broker: "upstox", account: "default" };
const END = Date.parse("2026-11-20T03:30:00+05:30") / 1000;

describe("GET /v1/events", () => {
  it("tells of a renewed session, with an id and without the token", async () => {
    await using it = await startKeptService();
    const listener = await listen(it.service);
    expect(listener.response.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    expect(await listener.next()).toMatchObject({ event: "hello", id: expect.any(String) });
    const token = await logIn(it.kept, it.service);
    const message = await listener.next();
    expect(message).toMatchObject({ event: "renewed", id: expect.stringMatching(/^[0-9a-f]{12}-1$/) });
    expect(JSON.parse(message.data)).toEqual({ type: "renewed", ...ACCOUNT, at: expect.any(Number), expiresAt: END });
    expect(message.data).not.toContain(token);
    listener.leave();
  });

  it("tells of a login in another process, of the end that comes near, and of the end", async () => {
    await using it = await startKeptService();
    const { broker, person } = it.kept;
    await it.service.keeper.accounts.add(demoAccount(broker, "upstox"));
    await it.service.ask("/v1/accounts"); // from now on the keeper follows it
    const listener = await listen(it.service);
    await listener.next();
    const elsewhere = await it.kept.keeper();
    await elsewhere.login("upstox", { person });
    await person.done();
    expect((await listener.next()).event).toBe("renewed");
    broker.clock.set(Date.parse("2026-11-20T03:16:00+05:30"));
    expect((await listener.next()).event).toBe("expiring");
    broker.clock.set(Date.parse("2026-11-20T03:30:00+05:30"));
    expect((await listener.next()).event).toBe("expired");
    await it.service.ask("/v1/tokens/upstox/default");
    expect((await listener.next()).event).toBe("loginRequired");
    listener.leave();
  });

  it("continues after the last id: nothing is missed and nothing comes twice", async () => {
    await using it = await startKeptService();
    const first = await listen(it.service);
    await first.next();
    await logIn(it.kept, it.service);
    const seen = await first.next();
    first.leave();
    await it.service.keeper.logout("upstox");
    await logIn(it.kept, it.service);

    const second = await listen(it.service, seen.id);
    expect((await second.next()).event).toBe("hello");
    const missed = [await second.next(), await second.next()];
    expect(missed.map(({ event }) => event)).toEqual(["expired", "renewed"]);
    second.leave();
    const third = await listen(it.service, missed[1]?.id);
    expect(await third.next()).toMatchObject({ event: "hello", id: missed[1]?.id });
    third.leave();
  });

  it("a broken stream continues from what came, also when it broke in the middle of what was missed", async () => {
    await using it = await startKeptService();
    const first = await listen(it.service);
    const hello = await first.next();
    first.leave();
    await logIn(it.kept, it.service);
    await it.service.keeper.logout("upstox");
    const second = await listen(it.service, hello.id);
    expect((await second.next()).id).toBeUndefined();
    const renewed = await second.next();
    second.leave();
    const third = await listen(it.service, renewed.id);
    await third.next();
    expect((await third.next()).event).toBe("expired");
    third.leave();
  });

  it.each(["0123456789ab-7", "nonsense", "", "-1"])("says that events are lost after the id %j", async (id) => {
    await using it = await startKeptService();
    const listener = await listen(it.service, id);
    expect((await listener.next()).event).toBe("gap");
    listener.leave();
  });

  it("sends a sign of life every 15 seconds", async () => {
    const clock = new TestClock(MORNING);
    await using it = await startKeptService({ clock });
    const response = await open(it.service.socket, "/v1/events");
    const read = reader(response);
    await read.until("event: hello");
    clock.advance(15_000);
    await read.until(": heartbeat\n\n");
    clock.advance(15_000);
    await read.until(": heartbeat\n\n: heartbeat\n\n");
    response.destroy();
  });

  it("holds as many listeners as it can, and says so to the next", async () => {
    await using it = await startKeptService();
    const listeners = await Promise.all(Array.from({ length: 128 }, () => listen(it.service)));
    expect(await it.service.ask("/v1/events")).toMatchObject({ status: 503, json: { code: "BUSY" } });
    listeners[0]?.leave();
    await expect
      .poll(async () => {
        const listener = await open(it.service.socket, "/v1/events");
        listener.destroy();
        return listener.statusCode;
      })
      .toBe(200);
    for (const listener of listeners) listener.leave();
  });

  it("lets go of a listener who does not read, and who left can be written to", async () => {
    const feed = new EventFeed(Date.now);
    const context = { feed, clock: new TestClock(MORNING), stopping: new AbortController().signal };
    const app = Fastify();
    registerEventsEndpoint(app, context, createEventStreams(context));
    let isGone = false;
    app.server.once("connection", (socket) => {
      socket.once("close", () => {
        isGone = true;
      });
    });
    const response = await open(await app.listen({ host: "127.0.0.1", port: 0 }), "/v1/events");
    response.on("error", () => {}).pause();
    // The system keeps some megabytes for a connection; what it does not take would stay with us.
    for (let count = 0; count < 200_000 && !isGone; count++) {
      feed.publish({ ...ACCOUNT, type: "renewed", expiresAt: END });
      if (count % 200 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(isGone).toBe(true);
    await app.close();
  });

  it("ends when the service stops", async () => {
    await using it = await startKeptService();
    const listener = await listen(it.service);
    await listener.next();
    await it.service.running.close();
    await expect(listener.next()).rejects.toThrow("the stream ended");
  });
});

/** Reads a stream until a text has come. */
function reader(response: IncomingMessage) {
  let received = "";
  response.setEncoding("utf8");
  return {
    async until(text: string): Promise<void> {
      const pieces = response.iterator({ destroyOnReturn: false });
      while (!received.includes(text)) {
        const { value, done } = await pieces.next();
        if (done) throw new Error("the stream ended");
        received += String(value);
      }
    },
  };
}

describe("connectKeeper().events()", () => {
  it("goes on over a restart of the service, and says that events may be lost", async () => {
    await using it = await startKeptService();
    const client = connectKeeper({ socket: it.service.socket });
    const stop = new AbortController();
    const got: (FeedEvent | ServiceGap)[] = [];
    const waiting = (async () => {
      for await (const event of client.events({ signal: stop.signal })) {
        got.push(event);
        if (got.filter(({ type }) => type === "renewed").length === 2) return;
      }
    })();
    await expect.poll(async () => (await it.service.ask("/health")).status).toBe(200);
    await expect.poll(() => it.service.log().some(({ message }) => message === "ready")).toBe(true);
    // Connected when a first event has come.
    await expect
      .poll(async () => {
        if (got.length === 0) await logIn(it.kept, it.service);
        return got.length;
      })
      .toBeGreaterThan(0);
    await it.service.running.close();
    await using next = await startTestService(it.kept);
    await expect.poll(() => got.some(({ type }) => type === "gap"), { timeout: 10_000 }).toBe(true);
    await logIn(it.kept, next);
    await waiting;
    client.close();
  });
});
