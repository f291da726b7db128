import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import Fastify from "fastify";
import { describe, expect, it } from "vitest";
import { refuseConnection } from "../../src/http/client-errors.ts";
import type { HttpFault } from "../../src/http/http-fault.ts";
import { authoritiesOf } from "../../src/http/request-guards.ts";
import { createJsonHeaders, jsonHeaders } from "../../src/http/security-headers.ts";
import { limitConnections, serverOptions } from "../../src/http/server-options.ts";

const describeFault = (fault: HttpFault, request: { requestId: string }) => ({
  kind: fault.kind,
  id: request.requestId,
});
const counting = () => {
  let next = 0;
  return (size: number) => Uint8Array.from({ length: size }, () => next++ % 256);
};
const build = () => Fastify(serverOptions({ randomBytes: counting(), describeFault, jsonHeaders }));

describe("server options", () => {
  it("set the timeouts and the connection cap on the server (S-126)", () => {
    const { server } = build();
    limitConnections(server, 10);
    expect(server).toMatchObject({
      headersTimeout: 10_000,
      requestTimeout: 15_000,
      keepAliveTimeout: 10_000,
      timeout: 20_000,
      maxConnections: 10,
      maxHeadersCount: 0,
    });
  });

  it("give every request its own short id and believe no id that is sent", async () => {
    const app = build();
    app.get("/id", async (request) => request.id);
    const ids = new Set<string>();
    for (let i = 0; i < 300; i++) {
      const { body } = await app.inject({ url: "/id", headers: { "request-id": "chosen", "x-request-id": "chosen" } });
      expect(body).toMatch(/^[\w-]{12}$/);
      ids.add(body);
    }
    // 256 distinct ids come out of one draw of this source; it then repeats itself.
    expect(ids.size).toBe(256);
  });

  it("judge values with a schema and change none (S-102)", async () => {
    const app = build();
    const schema = {
      body: {
        type: "object",
        properties: { count: { type: "integer", default: 5 }, flag: { type: "boolean" } },
        additionalProperties: false,
      },
    };
    app.post("/judge", { schema }, async (request) => request.body);
    const judge = async (payload: object) => {
      const answer = await app.inject({ method: "POST", url: "/judge", payload });
      return { status: answer.statusCode, body: answer.json() };
    };
    expect(await judge({})).toEqual({ status: 200, body: {} });
    for (const payload of [
      { count: "1" },
      { count: [1] },
      { count: null },
      { flag: "true" },
      { flag: 1 },
      { admin: true },
    ]) {
      expect((await judge(payload)).status).toBe(400);
    }
  });

  it("answer a request that arrives while the server closes (S-115)", async () => {
    const app = build();
    let arrived: (value: unknown) => void = () => {};
    const isHandled = new Promise((resolve) => {
      arrived = resolve;
    });
    let release: (value: unknown) => void = () => {};
    const gate = new Promise((resolve) => {
      release = resolve;
    });
    app.get("/slow", async () => {
      arrived(undefined);
      await gate;
      return { done: true };
    });
    await app.listen({ port: 0, host: "127.0.0.1" });
    const answer = fetch(`${app.listeningOrigin}/slow`);
    await isHandled;
    const closed = app.close();
    release(undefined);
    expect(await (await answer).json()).toEqual({ done: true });
    await closed;
  });
});

describe("answers to connections that made no request", () => {
  const answers = { describeFault, jsonHeaders };
  const answerTo = async (error: Error) => {
    const socket = new PassThrough();
    refuseConnection(error, socket, answers, "r1");
    return text(socket);
  };
  const withCode = (code: string, rest: object = {}) => Object.assign(new Error("internal words"), { code, ...rest });

  it.each([
    ["ERR_HTTP_REQUEST_TIMEOUT", "408 Request Timeout", "request-timeout"],
    ["HPE_HEADER_OVERFLOW", "431 Request Header Fields Too Large", "headers-too-large"],
    ["HPE_INVALID_CONSTANT", "400 Bad Request", "malformed"],
    ["EPIPE", "500 Internal Server Error", "internal"],
  ])("for %s say %s", async (code, statusLine, kind) => {
    const answer = await answerTo(withCode(code));
    expect(answer.startsWith(`HTTP/1.1 ${statusLine}\r\n`)).toBe(true);
    const body = JSON.stringify({ kind, id: "r1" });
    expect(answer.endsWith(`\r\nconnection: close\r\n\r\n${body}`)).toBe(true);
    expect(answer).toContain(`content-length: ${body.length}\r\n`);
    expect(answer).not.toContain("internal words");
  });

  it("carry HSTS where the broker is reached over https (S-54)", async () => {
    const socket = new PassThrough();
    const overHttps = { describeFault, jsonHeaders: createJsonHeaders({ https: true }) };
    refuseConnection(withCode("HPE_INVALID_CONSTANT"), socket, overHttps, "r1");
    expect(await text(socket)).toContain("\r\nstrict-transport-security: max-age=31536000\r\n");
    expect(await answerTo(withCode("HPE_INVALID_CONSTANT"))).not.toContain("strict-transport-security");
  });

  it("tell a long URL from long headers", async () => {
    const answer = (packet: string) => answerTo(withCode("HPE_HEADER_OVERFLOW", { rawPacket: Buffer.from(packet) }));
    expect(await answer(`GET /${"a".repeat(9000)}`)).toContain("414");
    expect(await answer(`GET / HTTP/1.1\r\nX: ${"a".repeat(9000)}`)).toContain("431");
    expect(await answer("a".repeat(9000))).toContain("431");
  });

  it("are not written to a peer that is gone, nor into an answer that has begun", async () => {
    expect(await answerTo(withCode("ECONNRESET")).catch(() => "")).toBe("");
    const busy = Object.assign(new PassThrough(), { _httpMessage: { headersSent: true } });
    refuseConnection(withCode("HPE_INVALID_METHOD"), busy, answers, "r1");
    expect(busy.destroyed).toBe(true);
    expect(busy.readableLength).toBe(0);
  });
});

describe("authoritiesOf", () => {
  it("names the host as Host headers do, with and without the default port", () => {
    expect(authoritiesOf("https://broker.example")).toEqual(["broker.example", "broker.example:443"]);
    expect(authoritiesOf("http://127.0.0.1:8080/")).toEqual(["127.0.0.1:8080"]);
    expect(authoritiesOf("http://[::1]:80")).toEqual(["[::1]", "[::1]:80"]);
  });
});
