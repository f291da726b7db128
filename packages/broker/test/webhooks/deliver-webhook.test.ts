import http from "node:http";
import type { Socket } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { dnsResolve, guardedLookup } from "../../src/webhooks/address-guard.ts";
import { type DeliverWebhookDeps, deliverWebhook, type WebhookDelivery } from "../../src/webhooks/deliver-webhook.ts";
import { verifyWebhook } from "../../src/webhooks/webhook-signature.ts";
import { httpsTarget, httpTarget, manualTimers, type Target, tcpTarget } from "./_targets.ts";
import { testCertificate } from "./_tls-pair.ts";

const NOW = 1_795_577_700_000;
const token = "canary-token";
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const targets: Target[] = [];

async function start(starting: Promise<Target>): Promise<Target> {
  const target = await starting;
  targets.push(target);
  return target;
}

afterEach(async () => {
  await Promise.all(targets.splice(0).map((target) => target.close()));
  vi.unstubAllEnvs();
});

const localLookup = guardedLookup(dnsResolve(), { allowLoopback: true });

function deliver(url: string, deps: Partial<DeliverWebhookDeps> = {}, changes: Partial<WebhookDelivery> = {}) {
  const delivery = { url, body: JSON.stringify({ access_token: token }), deliveryId: "delivery-1", ...changes };
  const clock = { now: () => NOW };
  // Timers that nobody fires: no test depends on how long anything takes.
  const { setTimer } = manualTimers();
  return deliverWebhook(delivery, { lookup: localLookup, allowLoopbackHttp: true, clock, setTimer, ...deps });
}

const answering =
  (status: number, headers: http.OutgoingHttpHeaders = {}, body = ""): http.RequestListener =>
  (request, response) => {
    request.resume().on("end", () => response.writeHead(status, headers).end(body));
  };

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}

describe("webhook delivery: what is sent", () => {
  it("posts the body once as JSON, with id and time of the attempt", async () => {
    const seen = deferred<{ request: http.IncomingMessage; body: string }>();
    const target = await start(
      httpTarget((request, response) => {
        let body = "";
        request.setEncoding("utf8").on("data", (text: string) => {
          body += text;
        });
        request.on("end", () => {
          response.end("ok");
          seen.resolve({ request, body });
        });
      }),
    );
    const body = '{"user_name":"मेरा"}';
    expect(await deliver(`http://127.0.0.1:${target.port}/hook?a=1`, {}, { body })).toEqual({
      outcome: "delivered",
      status: 200,
    });
    const { request, body: received } = await seen.promise;
    expect(received).toBe(body);
    expect(request.method).toBe("POST");
    expect(request.url).toBe("/hook?a=1");
    expect(request.headers).toEqual({
      accept: "*/*",
      connection: "close",
      "content-length": String(Buffer.byteLength(body)),
      "content-type": "application/json",
      host: `127.0.0.1:${target.port}`,
      "user-agent": "Kunji-Webhook",
      "webhook-id": "delivery-1",
      "webhook-timestamp": "1795577700",
    });
    expect(target.connections()).toBe(1);
  });

  it("signs the exact bytes when the app has a secret (S-71)", async () => {
    const seen = deferred<string>();
    const target = await start(
      httpTarget((request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
          seen.resolve(verifyWebhook(request.headers, Buffer.concat(chunks), secret, NOW / 1000));
          response.end();
        });
      }),
    );
    await deliver(`http://127.0.0.1:${target.port}/`, {}, { signingSecret: secret });
    expect(await seen.promise).toBe("valid");
  });

  it("delivers over TLS to a trusted certificate, by name", async () => {
    const target = await start(httpsTarget(answering(204)));
    const timers = manualTimers();
    const url = `https://localhost:${target.port}/hook`;
    const result = await deliver(url, { trustedRoots: testCertificate, setTimer: timers.setTimer });
    expect(result).toEqual({ outcome: "delivered", status: 204 });
    expect(timers.pending()).toEqual([]);
  });

  it("ignores proxy variables and keeps no cookie (S-67)", async () => {
    const proxy = await start(httpTarget(answering(200)));
    for (const name of ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy"]) {
      vi.stubEnv(name, `http://127.0.0.1:${proxy.port}`);
    }
    vi.stubEnv("NODE_USE_ENV_PROXY", "1");
    const cookies: (string | undefined)[] = [];
    const target = await start(
      httpTarget((request, response) => {
        cookies.push(request.headers.cookie);
        answering(200, { "set-cookie": "a=b; Path=/" })(request, response);
      }),
    );
    await deliver(`http://127.0.0.1:${target.port}/`);
    await deliver(`http://127.0.0.1:${target.port}/`);
    expect(cookies).toEqual([undefined, undefined]);
    expect(proxy.connections()).toBe(0);
    expect(target.connections()).toBe(2);
  });
});

describe("webhook delivery: what counts", () => {
  it.each([200, 201, 202, 204, 299])("counts %i as delivered", async (status) => {
    const target = await start(httpTarget(answering(status)));
    expect(await deliver(`http://127.0.0.1:${target.port}/`)).toEqual({ outcome: "delivered", status });
  });

  it.each([400, 401, 404, 410, 429, 500, 503])("counts %i as failed and says so", async (status) => {
    const target = await start(httpTarget(answering(status, {}, "no")));
    const result = await deliver(`http://127.0.0.1:${target.port}/`);
    expect(result).toEqual({ outcome: "failed", reason: "status", status });
  });

  it.each([301, 302, 303, 307, 308])("does not follow a redirect with %i (S-67)", async (status) => {
    const inner = await start(httpTarget(answering(200)));
    const location = `http://127.0.0.1:${inner.port}/`;
    const target = await start(httpTarget(answering(status, { location })));
    const result = await deliver(`http://127.0.0.1:${target.port}/`);
    expect(result).toEqual({ outcome: "failed", reason: "redirect", status });
    expect(inner.connections()).toBe(0);
  });

  it("waits through interim answers for the real one", async () => {
    const target = await start(
      tcpTarget((socket) => {
        socket.end("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      }),
    );
    expect(await deliver(`http://127.0.0.1:${target.port}/`)).toEqual({ outcome: "delivered", status: 200 });
  });

  it("counts a 2xx whose body breaks off", async () => {
    const target = await start(tcpTarget((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")));
    expect(await deliver(`http://127.0.0.1:${target.port}/`)).toEqual({ outcome: "delivered", status: 200 });
  });
});

describe("webhook delivery: hostile targets (S-67)", () => {
  it("cuts a flood off and still takes its status", async () => {
    let written = 0;
    const cut = deferred<void>();
    const target = await start(
      httpTarget((_request, response) => {
        const block = Buffer.alloc(64 * 1024, "x");
        const flood = () => {
          do written += block.length;
          while (!response.destroyed && response.write(block));
          if (written > 64 * 1024 * 1024) response.destroy(); // never gets here unless nobody cuts it
        };
        response.on("drain", flood).on("close", () => cut.resolve());
        flood();
      }),
    );
    expect(await deliver(`http://127.0.0.1:${target.port}/`)).toEqual({ outcome: "delivered", status: 200 });
    await cut.promise;
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });

  it("gives up on a head that never ends", async () => {
    const target = await start(tcpTarget((socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${"x".repeat(10_000)}\r\n`)));
    expect(await deliver(`http://127.0.0.1:${target.port}/`)).toEqual({ outcome: "failed", reason: "connect" });
  });

  it("gives up after 10 s on a head that trickles", async () => {
    const trickling = deferred<void>();
    const target = await start(tcpTarget((socket) => socket.write("HTTP/1.1 200", () => trickling.resolve())));
    const timers = manualTimers();
    const result = deliver(`http://127.0.0.1:${target.port}/`, { setTimer: timers.setTimer });
    await trickling.promise;
    timers.fire(10_000);
    expect(await result).toEqual({ outcome: "failed", reason: "timeout" });
    expect(timers.pending()).toEqual([]);
  });

  it("stops after 10 s at a body that trickles, and takes the status that came", async () => {
    const timers = manualTimers();
    const cut = deferred<void>();
    const target = await start(
      httpTarget((_request, response) => {
        response.on("close", () => cut.resolve());
        response.write("a");
      }),
    );
    // The test must know when the status has arrived at our end, so it listens on the request as well.
    const request = vi.spyOn(http, "request");
    const result = deliver(`http://127.0.0.1:${target.port}/`, { setTimer: timers.setTimer });
    const sent = request.mock.results[0]?.value as http.ClientRequest;
    request.mockRestore();
    await new Promise((resolve) => sent.once("response", resolve));
    timers.fire(10_000);
    expect(await result).toEqual({ outcome: "delivered", status: 200 });
    await cut.promise;
  });

  it("gives up after 10 s on a black hole, and not for the connect limit once connected", async () => {
    const received = deferred<Socket>();
    const target = await start(tcpTarget((socket) => socket.once("data", () => received.resolve(socket))));
    const timers = manualTimers();
    const result = deliver(`http://127.0.0.1:${target.port}/`, { setTimer: timers.setTimer });
    const socket = await received.promise;
    expect(timers.pending()).toEqual([10_000]);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    timers.fire(10_000);
    expect(await result).toEqual({ outcome: "failed", reason: "timeout" });
    await closed;
  });

  it("gives up after 5 s on a name that does not resolve", async () => {
    const timers = manualTimers();
    const result = deliver("https://hooks.example.com/", { lookup: () => {}, setTimer: timers.setTimer });
    expect(timers.pending()).toEqual([5_000, 10_000]);
    timers.fire(5_000);
    expect(await result).toEqual({ outcome: "failed", reason: "timeout" });
    expect(timers.pending()).toEqual([]);
  });

  it("gives up after 5 s on a TLS handshake that stands still, and sends no body before it", async () => {
    const received = deferred<Buffer>();
    const target = await start(tcpTarget((socket) => socket.once("data", (bytes) => received.resolve(bytes))));
    const timers = manualTimers();
    const result = deliver(`https://localhost:${target.port}/`, { setTimer: timers.setTimer });
    expect((await received.promise).includes(token)).toBe(false);
    timers.fire(5_000);
    expect(await result).toEqual({ outcome: "failed", reason: "timeout" });
  });

  it.each([
    ["closes at once", (socket: Socket) => socket.destroy()],
    ["closes after reading", (socket: Socket) => socket.once("data", () => socket.destroy())],
    ["does not speak HTTP", (socket: Socket) => socket.end("hello\r\n\r\n")],
    [
      "switches protocols",
      (socket: Socket) => socket.write("HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
    ],
  ])("reports a target that %s as connect", async (_name, onConnection) => {
    const target = await start(tcpTarget(onConnection));
    expect(await deliver(`http://127.0.0.1:${target.port}/`)).toEqual({ outcome: "failed", reason: "connect" });
  });

  it("reports a closed port as connect", async () => {
    const target = await tcpTarget(() => {});
    await target.close();
    expect(await deliver(`http://127.0.0.1:${target.port}/`)).toEqual({ outcome: "failed", reason: "connect" });
  });

  it("refuses an untrusted certificate and one for another name, whatever the environment says", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    let requests = 0;
    const target = await start(
      httpsTarget((_request, response) => {
        requests += 1;
        response.end();
      }),
    );
    expect(await deliver(`https://127.0.0.1:${target.port}/`)).toEqual({ outcome: "failed", reason: "tls" });
    const elsewhere = await deliver(`https://hooks.example.com:${target.port}/`, {
      trustedRoots: testCertificate,
      ports: [target.port],
      lookup: (_name, _options, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]),
    });
    expect(elsewhere).toEqual({ outcome: "failed", reason: "tls" });
    expect(requests).toBe(0);
  });

  it("reports a target that speaks no TLS as tls", async () => {
    const target = await start(tcpTarget((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
    expect(await deliver(`https://localhost:${target.port}/`)).toEqual({ outcome: "failed", reason: "tls" });
  });
});

describe("webhook delivery: addresses (S-65)", () => {
  it("connects nowhere when the name has moved to a private address since registration", async () => {
    const target = await start(httpTarget(answering(200)));
    const asked: string[] = [];
    const lookup = guardedLookup(
      async (hostname) => {
        asked.push(hostname);
        return [
          { address: "8.8.8.8", family: 4 },
          { address: "127.0.0.1", family: 4 },
        ];
      },
      { allowLoopback: true },
    );
    const result = await deliver(`https://rebind.example:${target.port}/`, { lookup, ports: [target.port] });
    expect(result).toEqual({ outcome: "failed", reason: "address" });
    expect(asked).toEqual(["rebind.example"]);
    expect(target.connections()).toBe(0);
  });

  it("resolves once for one attempt and connects to that answer", async () => {
    const target = await start(httpTarget(answering(200)));
    const turns = ["127.0.0.1", "10.0.0.1"];
    const lookup = guardedLookup(async () => [{ address: turns.shift() ?? "10.0.0.1", family: 4 }], {
      allowLoopback: true,
    });
    const url = `http://localhost:${target.port}/`;
    expect(await deliver(url, { lookup })).toEqual({ outcome: "delivered", status: 200 });
    expect(turns).toEqual(["10.0.0.1"]);
    expect(await deliver(url, { lookup })).toEqual({ outcome: "failed", reason: "address" });
    expect(target.connections()).toBe(1);
  });

  it("refuses literals that a lookup never sees", async () => {
    const target = await start(httpTarget(answering(200)));
    for (const url of [
      `http://127.0.0.1:${target.port}/`,
      "https://169.254.169.254/",
      "https://[::1]/",
      "https://127.1/",
    ]) {
      const result = await deliver(url, { allowLoopbackHttp: false });
      expect(result, url).toEqual({ outcome: "failed", reason: "address" });
    }
    expect(target.connections()).toBe(0);
  });
});

describe("webhook delivery: ended by us", () => {
  it("rejects with the signal's reason and leaves nothing behind", async () => {
    const received = deferred<Socket>();
    const target = await start(tcpTarget((socket) => socket.once("data", () => received.resolve(socket))));
    const timers = manualTimers();
    const stopping = new AbortController();
    const result = deliver(`http://127.0.0.1:${target.port}/`, { setTimer: timers.setTimer, signal: stopping.signal });
    const socket = await received.promise;
    const closed = new Promise((resolve) => socket.once("close", resolve));
    stopping.abort(new Error("shutting down"));
    await expect(result).rejects.toThrow("shutting down");
    await closed;
    expect(timers.pending()).toEqual([]);
  });

  it("sends nothing when the signal was aborted before", async () => {
    const target = await start(httpTarget(answering(200)));
    const signal = AbortSignal.abort(new Error("shutting down"));
    await expect(deliver(`http://127.0.0.1:${target.port}/`, { signal })).rejects.toThrow("shutting down");
    expect(target.connections()).toBe(0);
  });

  it("keeps body and token out of results (S-67, S-96)", async () => {
    const echo = await start(httpTarget(answering(500, { "x-echo": token }, token)));
    const result = await deliver(`http://127.0.0.1:${echo.port}/`);
    expect(inspect(result, { showHidden: true, depth: null })).not.toContain(token);
  });

  it("refuses a malformed secret before it connects", async () => {
    const target = await start(httpTarget(answering(200)));
    const url = `http://127.0.0.1:${target.port}/`;
    await expect(deliver(url, {}, { signingSecret: "canary" })).rejects.toThrow(TypeError);
    expect(target.connections()).toBe(0);
  });
});
