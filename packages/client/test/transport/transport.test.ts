import { createServer as createTlsServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { UpstoxClient } from "@kunji/client";
import { describe, expect, it, onTestFinished } from "vitest";
import { fetchTransport } from "../../src/transport/fetch.ts";
import { nodeHttpTransport } from "../../src/transport/node-http.ts";
import { json, listen, startBrokerAnswering, startFakeBroker, unusedPort } from "../_broker.ts";
import { makeSelfSigned } from "../_self-signed.ts";
import { profileBody } from "../samples/upstox.ts";

const transports = [
  { name: "node:http", transport: nodeHttpTransport },
  { name: "fetch", transport: fetchTransport() },
];

describe.each(transports)("over $name", ({ transport }) => {
  function userApi(host: string, timeout?: number): UpstoxClient.UserApi {
    const configuration = new UpstoxClient.Configuration({ host, accessToken: "the-token" });
    return new UpstoxClient.UserApi(new UpstoxClient.ApiClient({ configuration, transport, timeout }));
  }
  const failure = (promise: Promise<unknown>): Promise<unknown> => promise.catch((thrown: unknown) => thrown);

  it("sends the same request and reads the same answer", async () => {
    const broker = await startBrokerAnswering(200, profileBody);
    const profile = await userApi(`${broker.url}/prefix/`).getProfile("2.0");
    expect(profile.data.userName).toBe("Demo Customer 1");
    const [request] = broker.requests;
    expect(request?.url).toBe("/prefix/v2/user/profile");
    expect(request?.headers).toMatchObject({
      host: `127.0.0.1:${broker.port}`,
      authorization: "Bearer the-token",
      accept: "application/json",
      "api-version": "2.0",
    });
    expect(request?.headers["user-agent"]).toMatch(/^kunji-client\//);
  });

  it("sends a body with its length in bytes", async () => {
    const broker = await startBrokerAnswering(200, { status: "success", data: {} });
    await userApi(broker.url).updateUserIp({ primaryIp: "clé" });
    expect(broker.requests[0]?.body).toBe('{"primary_ip":"clé"}');
    expect(broker.requests[0]?.headers["content-length"]).toBe("21");
  });

  it("reads UTF-8 that is split between packets", async () => {
    const bytes = Buffer.from(JSON.stringify({ status: "success", data: { user_name: "ग्राहक" } }));
    const broker = await startFakeBroker((_request, response) => {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.write(bytes.subarray(0, bytes.length - 10), () => response.end(bytes.subarray(bytes.length - 10)));
    });
    expect((await userApi(broker.url).getProfile("2.0")).data.userName).toBe("ग्राहक");
  });

  it("says when nobody listens", async () => {
    const error = await failure(userApi(`http://127.0.0.1:${await unusedPort()}`).getProfile("2.0"));
    expect(error).toBeInstanceOf(UpstoxClient.NetworkException);
    expect(error).toMatchObject({ code: "ECONNREFUSED", status: 0, errors: [] });
  });

  it("says when the answer does not come in time", async () => {
    const broker = await startFakeBroker(() => undefined);
    const error = await failure(userApi(broker.url, 30).getProfile("2.0"));
    expect(error).toBeInstanceOf(UpstoxClient.TimeoutException);
    expect(error).toBeInstanceOf(UpstoxClient.NetworkException);
    expect(error).toMatchObject({ code: "TIMEOUT", message: expect.stringContaining("30 ms") });
  });

  it("counts the body into the time", async () => {
    const broker = await startFakeBroker((_request, response) => void response.writeHead(200).write("{"));
    const error = await failure(userApi(broker.url).getProfile("2.0", { timeout: 60 }));
    expect(error).toBeInstanceOf(UpstoxClient.TimeoutException);
  });

  it("stops when the caller aborts, with the caller's reason", async () => {
    const controller = new AbortController();
    const broker = await startFakeBroker(() => controller.abort(new Error("the desk closed")));
    const error = await failure(userApi(broker.url).getProfile("2.0", { signal: controller.signal }));
    expect(error).toBeInstanceOf(UpstoxClient.AbortedException);
    expect(error).toMatchObject({ name: "AbortError", cause: controller.signal.reason });
  });

  it("sends nothing when the signal was aborted before", async () => {
    const broker = await startBrokerAnswering(200, profileBody);
    const error = await failure(userApi(broker.url).getProfile("2.0", { signal: AbortSignal.abort() }));
    expect(error).toBeInstanceOf(UpstoxClient.AbortedException);
    expect(broker.requests).toHaveLength(0);
  });

  it("takes a truncated body for no answer", async () => {
    const server = createTcpServer((socket) => {
      socket.once("data", () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"status":"success"'));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const error = await failure(userApi(`http://127.0.0.1:${port}`).getProfile("2.0"));
    expect(error).toBeInstanceOf(UpstoxClient.NetworkException);
    expect(error).not.toHaveProperty("response.text");
  });

  it("stops reading an endless answer at its limit", async () => {
    const broker = await startFakeBroker((_request, response) => {
      response.writeHead(200);
      const pour = (): void => {
        while (!response.destroyed && response.write("x".repeat(16_384)));
      };
      response.on("drain", pour);
      pour();
    });
    const error = await failure(new UpstoxClient.LoginApi(userApi(broker.url).apiClient).logout("2.0"));
    expect(error).toMatchObject({ code: "RESPONSE_TOO_LARGE", message: expect.stringContaining("65536 bytes") });
  });

  it("follows no redirect", async () => {
    const broker = await startFakeBroker((request, response) => {
      if (request.url === "/elsewhere") json(response, 200, profileBody);
      else response.writeHead(302, { Location: "/elsewhere" }).end();
    });
    expect(await failure(userApi(broker.url).getProfile("2.0"))).toMatchObject({ status: 302 });
    expect(broker.requests).toHaveLength(1);
  });

  it("refuses a certificate nobody vouches for (S-72)", async () => {
    const server = createTlsServer(makeSelfSigned(), (_request, response) => json(response, 200, profileBody));
    const port = await listen(server);
    const error = await failure(userApi(`https://127.0.0.1:${port}`).getProfile("2.0"));
    expect(error).toBeInstanceOf(UpstoxClient.NetworkException);
    expect(error).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  });

  it("reports a token that cannot travel in a header without showing it", async () => {
    const api = userApi("http://127.0.0.1:1");
    api.apiClient.authentications.OAUTH2.accessToken = "canary\r\nX-Injected: 1";
    const error = await failure(api.getProfile("2.0"));
    expect(error).toBeInstanceOf(UpstoxClient.NetworkException);
    expect(String((error as Error).stack)).not.toContain("canary");
  });
});

describe("a certificate check", () => {
  it("cannot be switched off by the environment (S-72)", async () => {
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    onTestFinished(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
    });
    const port = await listen(
      createTlsServer(makeSelfSigned(), (_request, response) => json(response, 200, profileBody)),
    );
    const configuration = new UpstoxClient.Configuration({ host: `https://127.0.0.1:${port}` });
    const api = new UpstoxClient.UserApi(new UpstoxClient.ApiClient(configuration));
    await expect(api.getProfile("2.0")).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  });
});

describe("a fetch that is handed in", () => {
  it("is the one that sends", async () => {
    const urls: string[] = [];
    const client = new UpstoxClient.ApiClient({
      configuration: new UpstoxClient.Configuration({ host: "https://broker.example.in" }),
      fetch: async (url, init) => {
        urls.push(`${init.method} ${url} ${init.redirect}`);
        return new Response(JSON.stringify(profileBody));
      },
    });
    const profile = await new UpstoxClient.UserApi(client).getProfile("2.0");
    expect(profile.data.userId).toBe("7KAB12");
    expect(urls).toEqual(["GET https://broker.example.in/v2/user/profile manual"]);
  });

  it("may be the platform's own", () => {
    expect(() => new UpstoxClient.ApiClient({ fetch: globalThis.fetch })).not.toThrow();
  });

  it("that hides redirects, as browsers do, is reported", async () => {
    const client = new UpstoxClient.ApiClient({
      configuration: new UpstoxClient.Configuration({ host: "https://broker.example.in" }),
      fetch: async () => ({ status: 0, statusText: "", type: "opaqueredirect", headers: new Headers(), body: null }),
    });
    const api = new UpstoxClient.LoginApi(client);
    await expect(api.authorize("key", "https://desk.example.in", "2.0")).rejects.toMatchObject({
      code: "REDIRECT_HIDDEN",
    });
  });
});
