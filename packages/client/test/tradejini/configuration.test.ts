import { inspect } from "node:util";
import { TradejiniClient } from "@kunji/client";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startBrokerAnswering } from "../_broker.ts";
import { detailsBody } from "../samples/tradejini.ts";

const { AccountApi, ApiClient, Configuration } = TradejiniClient;
const token = "canary-key:canary-token-0123456789abcdef";

afterEach(() => vi.unstubAllEnvs());

describe("Configuration.host", () => {
  it("is the vendor's base URL, /v2 included", () => {
    vi.stubEnv("KUNJI_TRADEJINI_URL", "");
    expect(new Configuration().host).toBe("https://api.tradejini.com/v2");
  });

  it.each([
    ["https://b.example.in", "https://b.example.in/v2"],
    ["https://b.example.in//", "https://b.example.in/v2"],
    ["https://b.example.in/v2", "https://b.example.in/v2"],
    ["https://b.example.in/v2///", "https://b.example.in/v2"],
    ["https://proxy.example.in/tradejini", "https://proxy.example.in/tradejini"],
    ["http://[::1]:8080", "http://[::1]:8080/v2"],
  ])("%s becomes %s", (given, used) => {
    expect(new Configuration({ host: given }).host).toBe(used);
    expect(new Configuration({ basePath: given }).basePath).toBe(used);
    vi.stubEnv("KUNJI_TRADEJINI_URL", given);
    expect(new ApiClient().basePath).toBe(used);
    const configuration = new Configuration();
    configuration.basePath = given;
    expect(configuration.host).toBe(used);
  });
});

describe("Configuration.accessToken", () => {
  it.each<[string, () => TradejiniClient.AccessTokenSource]>([
    ["a text", () => token],
    ["a promise", () => Promise.resolve(token)],
    ["a function", () => () => token],
    ["a function that takes its time", () => async () => token],
  ])("may be %s", async (_name, source) => {
    const broker = await startBrokerAnswering(200, detailsBody);
    await new AccountApi(new Configuration({ host: broker.url, accessToken: source() })).getUserDetails();
    expect(broker.requests[0]?.headers.authorization).toBe(`Bearer ${token}`);
  });

  it("that is a function is asked at each call: a new day's token needs no new client", async () => {
    const broker = await startBrokerAnswering(200, detailsBody);
    let day = 0;
    const api = new AccountApi(new Configuration({ host: broker.url, accessToken: () => `key:day-${++day}` }));
    await api.getUserDetails();
    await api.getUserDetails();
    const sent = broker.requests.map((each) => each.headers.authorization);
    expect(sent).toEqual(["Bearer key:day-1", "Bearer key:day-2"]);
  });

  it("that cannot be had fails the call, by promise and by callback, and nothing is sent", async () => {
    const broker = await startBrokerAnswering(200, detailsBody);
    const failure = new Error("no session");
    const failing = () => Promise.reject(failure);
    const throwing = () => {
      throw failure;
    };
    for (const accessToken of [failing, throwing]) {
      const api = new AccountApi(new Configuration({ host: broker.url, accessToken }));
      await expect(api.getUserDetails()).rejects.toBe(failure);
      expect(await new Promise((resolve) => api.getUserDetails((error) => resolve(error)))).toBe(failure);
    }
    expect(broker.requests).toHaveLength(0);
  });

  it("is not printed, whatever it is", async () => {
    for (const accessToken of [token, Promise.resolve(token), () => token]) {
      const configuration = new Configuration({ accessToken });
      const client = new ApiClient(configuration);
      const printed = [configuration, client, client.authentications, { client }].flatMap((each) => [
        inspect(each, { depth: 9, showHidden: true }),
        String(each),
        JSON.stringify(each),
      ]);
      expect(printed.join()).not.toContain("canary-token");
      expect(configuration.toDebugReport()).toContain("Access token: set");
    }
  });
});

describe("ApiClient.instance", () => {
  it("is one and the same until somebody assigns to it", () => {
    const first = ApiClient.instance;
    new ApiClient(new Configuration({ host: "https://other.example.in" }));
    expect(ApiClient.instance).toBe(first);
    expect(new AccountApi().apiClient).toBe(first);
    ApiClient.instance = new ApiClient();
    expect(new AccountApi().apiClient).not.toBe(first);
    ApiClient.instance = first;
  });
});
