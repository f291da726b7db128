import { UpstoxClient } from "@kunji/client";
import { describe, expect, it, onTestFinished } from "vitest";
import { startBrokerAnswering } from "../_broker.ts";
import { profileBody } from "../samples/upstox.ts";

const { ApiClient, Configuration } = UpstoxClient;

function withEnvironment(url: string | undefined): void {
  const before = process.env.KUNJI_UPSTOX_URL;
  const set = (value: string | undefined): void => {
    if (value === undefined) delete process.env.KUNJI_UPSTOX_URL;
    else process.env.KUNJI_UPSTOX_URL = value;
  };
  set(url);
  onTestFinished(() => set(before));
}

describe("ApiClient.instance", () => {
  it("is one and the same, whatever else is constructed", () => {
    const first = ApiClient.instance;
    new ApiClient(true);
    new ApiClient(new Configuration({ host: "https://other.example.in" }));
    expect(ApiClient.instance).toBe(first);
    expect(ApiClient.instance.sandbox).toBe(false);
    expect(new UpstoxClient.LoginApi().apiClient).toBe(first);
  });

  it("is replaced by whoever assigns to it", () => {
    const before = ApiClient.instance;
    onTestFinished(() => {
      ApiClient.instance = before;
    });
    const mine = new ApiClient();
    ApiClient.instance = mine;
    expect(new UpstoxClient.UserApi().apiClient).toBe(mine);
  });
});

describe("the base URL", () => {
  it("is the broker's", () => {
    withEnvironment(undefined);
    expect(new ApiClient()).toMatchObject({
      basePath: "https://api.upstox.com",
      orderBasePath: "https://api-hft.upstox.com",
      timeout: 60_000,
    });
  });

  it("comes from the environment, orders included: a test never reaches the exchange", () => {
    withEnvironment("http://127.0.0.1:8080");
    const client = new ApiClient();
    expect(client.basePath).toBe("http://127.0.0.1:8080");
    expect(client.orderBasePath).toBe("http://127.0.0.1:8080");
  });

  it("set in the configuration or on the client wins over the environment", () => {
    withEnvironment("http://127.0.0.1:8080");
    expect(new ApiClient(new Configuration({ host: "https://b.example.in" })).basePath).toBe("https://b.example.in");
    const client = new ApiClient();
    client.basePath = "https://c.example.in";
    client.orderBasePath = "https://d.example.in";
    expect(client.configuration).toMatchObject({ host: "https://c.example.in", orderHost: "https://d.example.in" });
  });

  it("in sandbox mode is the sandbox's", () => {
    withEnvironment("http://127.0.0.1:8080");
    const client = new ApiClient(true);
    expect(client.basePath).toBe("https://api-sandbox.upstox.com");
    expect(client.orderBasePath).toBe("https://api-sandbox.upstox.com");
    expect(client.sandboxUrls.size).toBe(7);
  });

  it.each([
    "http://api.upstox.com",
    "http://localhost.evil.example",
    "ftp://127.0.0.1",
    "nonsense",
    "https://u:p@api.upstox.com",
    "https://api.upstox.com?x=1",
  ])("%s is refused before anything is sent (S-72)", (host) => {
    const api = new UpstoxClient.UserApi(new ApiClient(new Configuration({ host })));
    expect(() => api.getProfile("2.0")).toThrow(TypeError);
  });

  it.each(["http://localhost:1", "http://127.8.9.1:1", "http://[::1]:1", "http://desk.localhost:1"])(
    "%s is loopback and may be http",
    async (host) => {
      const client = new ApiClient({
        configuration: new Configuration({ host }),
        fetch: async () => new Response("{}"),
      });
      await expect(new UpstoxClient.UserApi(client).getProfile("2.0")).resolves.toEqual({});
    },
  );
});

describe("callApi", () => {
  it("makes any call, in the official SDK's twelve arguments", async () => {
    const broker = await startBrokerAnswering(200, { status: "success", data: [1, 2] });
    const client = new ApiClient(new Configuration({ host: broker.url, accessToken: "the-token" }));
    client.setDefaultHeader("X-Desk", "7");
    client.setDefaultHeader("X-Own", "default");
    const told = await new Promise((resolve) => {
      client.callApi(
        "/v2/thing/{thing_id}",
        "POST",
        { thing_id: "a/b" },
        { kind: ["x", "y"], nothing: undefined, none: null, zero: 0 },
        { "x-own": "call" },
        {},
        { quantity: 1 },
        ["OAUTH2"],
        ["application/json"],
        ["*/*", "application/json"],
        Object,
        (...args) => resolve(args),
      );
    });
    expect(told).toEqual([null, { status: "success", data: [1, 2] }, expect.any(UpstoxClient.ApiResponse)]);
    const [request] = broker.requests;
    expect(request).toMatchObject({
      method: "POST",
      url: "/v2/thing/a%2Fb?kind=x&kind=y&zero=0",
      body: '{"quantity":1}',
    });
    expect(request?.headers).toMatchObject({ "x-desk": "7", "x-own": "call", accept: "application/json" });
    expect(request?.rawHeaders.filter((each) => each.toLowerCase() === "x-own")).toHaveLength(1);
  });

  it("sends order calls to the order host", async () => {
    const broker = await startBrokerAnswering(200, { status: "success" });
    const orders = await startBrokerAnswering(200, { status: "success" });
    const client = new ApiClient(new Configuration({ host: broker.url, orderHost: orders.url }));
    await client.callApi("/v2/order/place", "POST", {}, {}, {}, {}, {}, [], ["application/json"], [], null);
    expect([broker.requests.length, orders.requests.length]).toEqual([0, 1]);
  });

  it("in sandbox mode sends what the sandbox has", async () => {
    const broker = await startBrokerAnswering(200, { status: "success" });
    const client = new ApiClient(new Configuration({ host: broker.url, sandbox: true }));
    await client.callApi("/v2/order/place", "POST", {}, {}, {}, {}, {}, [], ["application/json"], [], null);
    expect(() => client.callApi("/v2/order/book", "GET", {}, {}, {}, {}, null, [], [], [], null)).toThrow(
      "This API is not available in sandbox mode.",
    );
    expect(broker.requests).toHaveLength(1);
  });

  it("refuses an authentication it does not know", () => {
    const client = new ApiClient();
    expect(() => client.callApi("/x", "GET", {}, {}, {}, {}, null, ["BASIC"], [], [], null)).toThrow("BASIC");
  });

  it("takes a token set on the client or on its configuration, at any time", async () => {
    const broker = await startBrokerAnswering(200, profileBody);
    const client = new ApiClient(new Configuration({ host: broker.url }));
    const api = new UpstoxClient.UserApi(client);
    client.authentications.OAUTH2.accessToken = "one";
    await api.getProfile("2.0");
    client.configuration.accessToken = "two";
    await api.getProfile("2.0");
    client.authentications.OAUTH2 = { type: "oauth2", accessToken: "three" };
    await api.getProfile("2.0");
    expect(broker.requests.map((each) => each.headers.authorization)).toEqual([
      "Bearer one",
      "Bearer two",
      "Bearer three",
    ]);
  });
});

describe("a callback", () => {
  it("gets errors without the promise ending the process", async () => {
    const rejections: unknown[] = [];
    const listener = (reason: unknown): void => void rejections.push(reason);
    process.on("unhandledRejection", listener);
    onTestFinished(() => void process.off("unhandledRejection", listener));

    const api = new UpstoxClient.UserApi(new ApiClient(new Configuration({ host: "http://127.0.0.1:1" })));
    const told = await new Promise<unknown[]>((resolve) => {
      api.getProfile("2.0", (...args) => resolve(args));
    });
    // Node reports unhandled rejections once the microtasks are done.
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([expect.any(UpstoxClient.NetworkException), null, undefined]);
    expect(rejections).toEqual([]);
  });

  it("that throws is the caller's own error, not a failed call", async () => {
    const broker = await startBrokerAnswering(200, profileBody);
    const api = new UpstoxClient.UserApi(new ApiClient(new Configuration({ host: broker.url })));
    let calls = 0;
    const uncaught = new Promise((resolve) => {
      const own = process.listeners("uncaughtException");
      process.removeAllListeners("uncaughtException");
      process.once("uncaughtException", resolve);
      onTestFinished(() => {
        for (const listener of own) process.on("uncaughtException", listener);
      });
    });
    const promise = api.getProfile("2.0", () => {
      calls++;
      throw new Error("a bug in the callback");
    });
    await expect(promise).resolves.toBeInstanceOf(UpstoxClient.GetProfileResponse);
    expect(await uncaught).toMatchObject({ message: "a bug in the callback" });
    expect(calls).toBe(1);
  });
});
