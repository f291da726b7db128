import { once } from "node:events";
import http from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type HttpGatewaySettings, httpGatewaySender } from "../../src/messages/http-gateway-sender.ts";
import { canaries, everythingIn, message } from "./_message.ts";

const servers: http.Server[] = [];

async function gateway(handler: http.RequestListener): Promise<URL> {
  const server = http.createServer(handler);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/send?account=1`);
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }
});

function senderTo(url: URL, changes: Partial<HttpGatewaySettings> = {}) {
  // A limit that nobody reaches, so that no test depends on how long anything takes.
  return httpGatewaySender({ url, timeout: () => new AbortController().signal, ...changes });
}

async function bodyOf(request: http.IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

describe("HTTP gateway sender", () => {
  it("posts the message as JSON with its credential", async () => {
    const seen: {
      method?: string | undefined;
      url?: string | undefined;
      authorization?: string | undefined;
      body: unknown;
    }[] = [];
    const url = await gateway(async (request, response) => {
      const { method, headers } = request;
      seen.push({ method, url: request.url, authorization: headers.authorization, body: await bodyOf(request) });
      response.writeHead(202).end("queued");
    });
    await senderTo(url, { credential: ["authorization", "Bearer t0ken"] }).send(message);
    expect(seen).toEqual([
      {
        method: "POST",
        url: "/send?account=1",
        authorization: "Bearer t0ken",
        body: {
          to: { accountId: "7KAB12", mobile: canaries.mobile, email: canaries.email },
          kind: "sms",
          text: message.text,
          otp: canaries.otp,
        },
      },
    ]);
  });

  it("leaves out what the message does not have", async () => {
    const bodies: unknown[] = [];
    const url = await gateway(async (request, response) => {
      bodies.push(await bodyOf(request));
      response.end();
    });
    await senderTo(url).send({
      to: { accountId: "7KAB12" },
      kind: "push",
      text: "hello",
      link: "https://example.com/a",
    });
    expect(bodies).toEqual([
      { to: { accountId: "7KAB12" }, kind: "push", text: "hello", link: "https://example.com/a" },
    ]);
  });

  it("does not wait for an answer's body", async () => {
    const url = await gateway((_request, response) => void response.write("endless"));
    await senderTo(url).send(message);
  });

  it.each([
    [400, "REFUSED"],
    [401, "CREDENTIALS"],
    [403, "CREDENTIALS"],
    [429, "REFUSED"],
    [500, "REFUSED"],
    [503, "REFUSED"],
  ])("reports %i as %s, once, without repeating the answer (S-96)", async (status, code) => {
    let requests = 0;
    const url = await gateway((_request, response) => {
      requests += 1;
      response.writeHead(status, { "x-echo": canaries.text }).end(message.text);
    });
    const sending = senderTo(url, { credential: ["authorization", "Bearer canary-token"] }).send(message);
    const error: unknown = await sending.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "MessageError", code, detail: `HTTP ${status}` });
    expect(everythingIn(error)).not.toMatch(/314159|canary|9000000001/);
    expect(requests).toBe(1);
  });

  it("does not follow a redirect", async () => {
    let elsewhere = 0;
    const other = await gateway((_request, response) => {
      elsewhere += 1;
      response.end();
    });
    const url = await gateway((_request, response) => void response.writeHead(307, { location: other.href }).end());
    await expect(senderTo(url).send(message)).rejects.toMatchObject({ code: "REFUSED", detail: "HTTP 307" });
    expect(elsewhere).toBe(0);
  });
});

describe("HTTP gateway sender: the one retry", () => {
  const failing = (code: string) => new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code }) });

  /** Counts attempts; the first fails as told, the second reaches nobody but says 200. */
  function flaky(code: string) {
    const counter = { attempts: 0 };
    const fetch: typeof globalThis.fetch = async () => {
      counter.attempts += 1;
      if (counter.attempts === 1) throw failing(code);
      return new Response(null, { status: 200 });
    };
    return { counter, fetch };
  }

  it.each(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"])(
    "tries again after %s, when nothing was sent",
    async (code) => {
      const { counter, fetch } = flaky(code);
      await senderTo(new URL("https://gateway.example/"), { fetch }).send(message);
      expect(counter.attempts).toBe(2);
    },
  );

  it.each(["ECONNRESET", "UND_ERR_SOCKET", "EPIPE", "UND_ERR_HEADERS_TIMEOUT"])(
    "does not try again after %s, when the message may have arrived",
    async (code) => {
      const { counter, fetch } = flaky(code);
      const sending = senderTo(new URL("https://gateway.example/"), { fetch }).send(message);
      await expect(sending).rejects.toMatchObject({ code: "UNREACHABLE", detail: code });
      expect(counter.attempts).toBe(1);
    },
  );

  it("tries no third time", async () => {
    let attempts = 0;
    const fetch: typeof globalThis.fetch = async () => {
      attempts += 1;
      throw failing("ECONNREFUSED");
    };
    const sending = senderTo(new URL("https://gateway.example/"), { fetch }).send(message);
    await expect(sending).rejects.toMatchObject({ code: "UNREACHABLE", detail: "ECONNREFUSED" });
    expect(attempts).toBe(2);
  });

  it("sends once to a real gateway that breaks the connection after reading", async () => {
    let requests = 0;
    const url = await gateway((request) => {
      requests += 1;
      request.resume().on("end", () => request.socket.destroy());
    });
    const error: unknown = await senderTo(url)
      .send(message)
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "UNREACHABLE" });
    expect(everythingIn(error)).not.toMatch(/314159|canary|9000000001/);
    expect(requests).toBe(1);
  });

  it("reports a closed port as unreachable", async () => {
    const url = await gateway(() => {});
    const [server] = servers.splice(0);
    await new Promise((resolve) => server?.close(resolve));
    await expect(senderTo(url).send(message)).rejects.toMatchObject({ code: "UNREACHABLE", detail: "ECONNREFUSED" });
  });
});

describe("HTTP gateway sender: time", () => {
  async function blackHole() {
    let resolve: (socket: Socket) => void = () => {};
    const reached = new Promise<Socket>((fulfil) => {
      resolve = fulfil;
    });
    return { url: await gateway((request) => resolve(request.socket)), reached };
  }

  it("gives up when the time is over", async () => {
    const { url, reached } = await blackHole();
    const limit = new AbortController();
    const sending = senderTo(url, { timeout: () => limit.signal }).send(message);
    const outcome = expect(sending).rejects.toMatchObject({ code: "TIMEOUT" });
    await reached;
    limit.abort();
    await outcome;
  });

  it("stops when it is told to", async () => {
    const { url, reached } = await blackHole();
    const stopping = new AbortController();
    const outcome = expect(senderTo(url).send(message, stopping.signal)).rejects.toThrow("shutting down");
    await reached;
    stopping.abort(new Error("shutting down"));
    await outcome;
  });
});
