import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import { jsonHeaders } from "../../src/http/security-headers.ts";
import { type ConnectionTimeouts, limitConnections, serverOptions } from "../../src/http/server-options.ts";

/** Longer than a test may take: what ends a connection below is the one limit the test shortens. */
const ENDLESS: ConnectionTimeouts = {
  headers: 240_000,
  request: 240_000,
  keepAlive: 240_000,
  idle: 240_000,
  check: 20,
};
/** More than the buffers of both sides of a connection hold. */
const LARGE = "x".repeat(64 * 1024 * 1024);

let app: FastifyInstance;
afterEach(async () => {
  app.server.closeAllConnections();
  await app.close();
});

async function listen(
  timeouts: Partial<ConnectionTimeouts>,
  maximumConnections?: number,
  sharesPort?: boolean,
): Promise<void> {
  app = Fastify(
    serverOptions({
      randomBytes: (size) => new Uint8Array(size),
      describeFault: (fault) => ({ kind: fault.kind }),
      jsonHeaders,
      timeouts: { ...ENDLESS, ...timeouts },
    }),
  );
  limitConnections(app.server, maximumConnections, sharesPort);
  app.get("/", async () => "hello");
  app.get("/large", async () => LARGE);
  app.post("/", async () => "read");
  await app.listen({ port: 0, host: "127.0.0.1" });
}

function open(): Socket {
  const { port } = new URL(app.listeningOrigin);
  const socket = connect(Number(port), "127.0.0.1");
  // A connection that is dropped may end with a reset.
  socket.on("error", () => {});
  return socket;
}

const HEAD = "HTTP/1.1\r\nhost: 127.0.0.1\r\n";

async function firstChunk(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, "data")) as [Buffer];
  return chunk.toString();
}

describe("slow connections (S-126)", () => {
  it("headers that do not come to an end are answered 408, and the connection is closed", async () => {
    await listen({ headers: 50 });
    const socket = open();
    socket.write(`GET / ${HEAD}x-slow: `);
    const drip = setInterval(() => socket.write("a"), 5);
    const answer = await text(socket).finally(() => clearInterval(drip));
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(answer).toMatch(/\r\n\r\n\{"kind":"request-timeout"\}$/);
  });

  it("a body that does not come to an end is answered 408, and the connection is closed", async () => {
    await listen({ headers: 50, request: 60 });
    const socket = open();
    socket.write(`POST / ${HEAD}content-type: application/json\r\ncontent-length: 9999\r\n\r\n`);
    const drip = setInterval(() => socket.write(" "), 5);
    const answer = await text(socket).finally(() => clearInterval(drip));
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  });

  it("somebody who does not read the answer is dropped", async () => {
    await listen({ idle: 50 });
    const accepted = once(app.server, "connection");
    const socket = open();
    socket.pause();
    socket.write(`GET /large ${HEAD}\r\n`);
    const [ours] = (await accepted) as [Socket];
    await once(ours, "close");
    let received = 0;
    socket.on("data", (chunk) => {
      received += chunk.length;
    });
    socket.resume();
    await once(socket, "close");
    expect(received).toBeLessThan(LARGE.length);
  });

  it("a connection that asks for nothing more is closed, after it was answered", async () => {
    await listen({ keepAlive: 20 });
    const socket = open();
    socket.write(`GET / ${HEAD}\r\n`);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(answer.endsWith("\r\n\r\nhello")).toBe(true);
  });

  it("a request that takes its time within the limits is served", async () => {
    await listen({});
    const socket = open();
    for (const byte of `GET / ${HEAD}connection: close\r\n\r\n`) {
      socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });
});

describe.each([
  ["one process", false],
  ["a worker, which must not hand it back", true],
])("the cap on connections (S-126) of %s", (_of, sharesPort) => {
  it("closes the one too many, serves those it has, and takes a new one when one has gone", async () => {
    await listen({}, 2, sharesPort);
    const [first, second] = [open(), open()];
    for (const socket of [first, second]) {
      socket.write(`GET / ${HEAD}\r\n`);
      expect(await firstChunk(socket)).toContain("200 OK");
    }
    const third = open();
    third.write(`GET / ${HEAD}\r\n`);
    expect(await text(third).catch(() => "")).toBe("");

    second.write(`GET / ${HEAD}\r\n`);
    expect(await firstChunk(second)).toContain("200 OK");
    const gone = new Promise<void>((resolve) => {
      const look = () => app.server.getConnections((_error, count) => (count < 2 ? resolve() : setImmediate(look)));
      look();
    });
    first.destroy();
    await gone;
    const fourth = open();
    fourth.write(`GET / ${HEAD}connection: close\r\n\r\n`);
    expect(await text(fourth)).toContain("200 OK");
  });
});
