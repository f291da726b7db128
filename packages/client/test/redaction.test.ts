import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { createPkcePair, readCallback, UpstoxClient } from "@kunji/client";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type FakeBroker, json, startFakeBroker, unusedPort } from "./_broker.ts";
import { errorBody, initTokenBody, notifierBody, tokenBody } from "./samples/upstox.ts";

/** One canary per secret. Each is longer than a prefix that may be shown. */
const canary = {
  code: "canary-code-e5d9c1a7b3f2",
  secret: "canary-secret-0f1e2d3c4b5a",
  verifier: "canary-verifier-".padEnd(48, "v"),
  bearer: "canary-bearer-99aa88bb77cc66dd",
  state: "canary-state-123456789abc",
  access: "canary-access-abcdef0123456789",
  extended: "canary-extended-9876543210fedcba",
};
const exchange = {
  code: canary.code,
  clientId: "3f0c2a9e-6d51-4b7e-9a43-1f2e77c0d5aa",
  clientSecret: canary.secret,
  redirectUri: "https://desk.example.in/callback",
  grantType: "authorization_code",
  codeVerifier: canary.verifier,
};
const everything = { ...tokenBody, access_token: canary.access, extended_token: canary.extended };

/** Looks for whole canaries and for what is left of one after its first few characters. */
function expectNoCanary(text: string): void {
  for (const value of Object.values(canary)) expect(text).not.toContain(value.slice(8));
}

async function scratchFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kunji-client-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "debug.log");
}

function clientOf(host: string, loggerFile?: string): UpstoxClient.ApiClient {
  const configuration = new UpstoxClient.Configuration({
    host,
    accessToken: canary.bearer,
    debug: loggerFile !== undefined,
    loggerFile,
  });
  return new UpstoxClient.ApiClient(configuration);
}

/** Echoes everything it got into an error, as a careless broker would. */
function startEchoingBroker(status: number): Promise<FakeBroker> {
  return startFakeBroker((request, response) => {
    const echo = `${request.body} ${request.url} ${request.headers.authorization}`;
    json(response, status, errorBody("UDAPI100038", `Invalid input: ${echo}`, echo), { "X-Echo": "none" });
  });
}

/** Every call of the client, with a canary in each secret. */
async function callEverything(client: UpstoxClient.ApiClient): Promise<unknown[]> {
  const login = new UpstoxClient.LoginApi(client);
  const user = new UpstoxClient.UserApi(client);
  const calls = [
    () => login.authorize(exchange.clientId, exchange.redirectUri, "2.0", { state: canary.state }),
    () => login.token("2.0", exchange),
    () => login.initTokenRequestForIndieUser({ clientSecret: canary.secret }, exchange.clientId),
    () => user.getProfile("2.0"),
    () => user.updateUserIp({ primaryIp: "203.0.113.7" }),
    () => login.logout("2.0"),
  ];
  return Promise.all(calls.map((call) => call().catch((error: unknown) => error)));
}

function everyPrintedForm(value: unknown): string {
  const error = value as Error;
  return [
    inspect(value, { depth: 20 }),
    inspect({ nested: [value] }, { depth: 20, showHidden: true }),
    String(value),
    JSON.stringify(value),
    error.stack,
    error.message,
    inspect(error.cause, { depth: 20 }),
    inspect((value as { response?: unknown }).response, { depth: 20, showHidden: true }),
  ].join("\n");
}

describe("errors (S-73)", () => {
  it.each([400, 401, 403, 423, 429, 500])(
    "of status %i hold no secret, even when the broker echoes them",
    async (status) => {
      const broker = await startEchoingBroker(status);
      const errors = await callEverything(clientOf(broker.url));
      expect(broker.requests).toHaveLength(6);
      for (const error of errors) {
        expect(error).toBeInstanceOf(UpstoxClient.ApiException);
        expectNoCanary(everyPrintedForm(error));
        expectNoCanary(JSON.stringify((error as UpstoxClient.ApiException).body));
        expectNoCanary((error as UpstoxClient.ApiException).response?.text ?? "");
      }
    },
  );

  it("of the network hold no secret", async () => {
    const errors = await callEverything(clientOf(`http://127.0.0.1:${await unusedPort()}`));
    for (const error of errors) expectNoCanary(everyPrintedForm(error));
  });

  it("of a handed-in fetch that puts the request into its error hold no secret", async () => {
    const client = new UpstoxClient.ApiClient({
      configuration: new UpstoxClient.Configuration({ host: "https://broker.example.in", accessToken: canary.bearer }),
      fetch: async (url, init) => {
        throw Object.assign(new Error(`cannot send ${init.body} to ${url}`), { request: init });
      },
    });
    for (const error of await callEverything(client)) expectNoCanary(everyPrintedForm(error));
  });

  it("of a half-received token hold nothing of it", async () => {
    const broker = await startFakeBroker((_request, response) => {
      response.writeHead(200).end(JSON.stringify(everything).slice(0, -2));
    });
    for (const error of await callEverything(clientOf(broker.url))) expectNoCanary(everyPrintedForm(error));
  });
});

describe("printing (S-73)", () => {
  const printed = (value: object): string =>
    `${inspect(value, { depth: 9 })}\n${inspect([value], { depth: 9 })}\n${value}`;

  it("a token response shows prefixes; its JSON and properties are whole", () => {
    const model = UpstoxClient.TokenResponse.constructFromObject(everything);
    expectNoCanary(printed(model));
    expect(inspect(model)).toMatch(/^TokenResponse \{[\s\S]*accessToken: 'cana…'/);
    expect(JSON.parse(JSON.stringify(model))).toMatchObject({ accessToken: canary.access, userId: "7KAB12" });
    expect(model.accessToken).toBe(canary.access);
  });

  it("a secret in a field nobody knows yet is masked by its name", () => {
    const model = UpstoxClient.TokenResponse.constructFromObject({
      mobile_token: canary.access,
      session: { inner: [{ refresh_token: canary.extended }] },
    });
    expectNoCanary(printed(model));
  });

  it.each([
    ["a token request", new UpstoxClient.TokenRequest(canary.code, "key", canary.secret)],
    ["an indie request", UpstoxClient.IndieUserTokenRequest.constructFromObject({ client_secret: canary.secret })],
    [
      "a notifier message",
      UpstoxClient.NotifierMessage.constructFromObject({ ...notifierBody, access_token: canary.access }),
    ],
    ["a client", clientOf("https://broker.example.in")],
    ["an API", new UpstoxClient.UserApi(clientOf("https://broker.example.in"))],
    ["the authentications", clientOf("https://broker.example.in").authentications],
    ["a configuration", new UpstoxClient.Configuration({ accessToken: canary.bearer, apiKey: { key: canary.secret } })],
    ["the auth settings", new UpstoxClient.Configuration({ accessToken: canary.bearer }).authSettings()],
    ["a callback", readCallback(`/callback?code=${canary.code}&state=s`, { state: "s" })],
  ])("%s shows no secret", (_name, value) => {
    expectNoCanary(printed(value));
  });

  it("the JSON of what holds a client has no secret", () => {
    const client = clientOf("https://broker.example.in");
    client.setDefaultHeader("X-Secret", canary.secret);
    expectNoCanary(JSON.stringify([client, client.configuration, new UpstoxClient.UserApi(client)]));
  });

  it("a PKCE pair shows its challenge only", async () => {
    const pair = await createPkcePair();
    expect(printed(pair)).toContain(pair.codeChallenge);
    expect(printed(pair)).not.toContain(pair.codeVerifier);
  });

  it("a response shows neither text nor body", async () => {
    const broker = await startFakeBroker((_request, response) => json(response, 200, everything));
    const response = await new Promise<UpstoxClient.ApiResponse | undefined>((resolve) => {
      new UpstoxClient.LoginApi(clientOf(broker.url)).token("2.0", exchange, (_error, _data, third) => resolve(third));
    });
    expect(response?.body).toEqual(everything);
    expectNoCanary(everyPrintedForm(response));
  });
});

describe("the debug log (S-96)", () => {
  it("holds every call and no secret", async () => {
    const file = await scratchFile();
    const broker = await startFakeBroker((request, response) => {
      if (request.url.startsWith("/v2/login/authorization/dialog")) {
        response.writeHead(302, { Location: `/login?code=${canary.code}`, "Set-Cookie": `s=${canary.secret}` }).end();
      } else json(response, 200, request.url.includes("/token/request/") ? initTokenBody : everything);
    });
    await callEverything(clientOf(broker.url, file));
    const log = await readFile(file, "utf8");
    expect(log.trimEnd().split("\n")).toHaveLength(6);
    expectNoCanary(log);
    expect(log).toContain(`POST ${broker.url}/v2/login/authorization/token`);
    expect(log).toContain('grant_type: "authorization_code"');
    expect(log).toContain("code: cana…");
    expect(log).toContain("authorization: Bear…");
    expect(log).toContain("access_token: cana…");
    expect(log).toContain("-> 302");
    expect(log).not.toContain("demo.customer@example.in");
  });

  it("holds no secret of failed calls either", async () => {
    const file = await scratchFile();
    const broker = await startEchoingBroker(400);
    await callEverything(clientOf(broker.url, file));
    await callEverything(clientOf(`http://127.0.0.1:${await unusedPort()}`, file));
    const log = await readFile(file, "utf8");
    expect(log.trimEnd().split("\n")).toHaveLength(12);
    expectNoCanary(log);
    expect(log).toContain("ECONNREFUSED");
    expect(log).toContain('error_code: "UDAPI100038"');
  });

  it("that cannot be written loses no answer", async () => {
    const lines: string[] = [];
    const spy = vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
    onTestFinished(() => spy.mockRestore());
    const broker = await startFakeBroker((_request, response) => json(response, 200, everything));
    const client = clientOf(broker.url, join(await scratchFile(), "no-such-folder", "debug.log"));
    const token = await new UpstoxClient.LoginApi(client).token("2.0", exchange);
    expect(token.accessToken).toBe(canary.access);
    expect(lines).toEqual([expect.stringContaining("ENOENT")]);
    expectNoCanary(lines.join("\n"));
  });

  it("is readable by its owner only", async () => {
    const file = await scratchFile();
    const broker = await startFakeBroker((_request, response) => json(response, 200, everything));
    await callEverything(clientOf(broker.url, file));
    // Windows has no such bits and reports them all.
    expect((await stat(file)).mode & (process.platform === "win32" ? 0 : 0o077)).toBe(0);
  });

  it("goes to stderr without a file, and nowhere without debug", async () => {
    const lines: string[] = [];
    const spy = vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
    onTestFinished(() => spy.mockRestore());
    const broker = await startFakeBroker((_request, response) => json(response, 200, everything));
    const client = clientOf(broker.url);
    await new UpstoxClient.UserApi(client).getProfile("2.0");
    expect(lines).toHaveLength(0);
    client.configuration.debug = true;
    await new UpstoxClient.UserApi(client).getProfile("2.0");
    expect(lines).toHaveLength(1);
    expectNoCanary(lines.join("\n"));
  });
});
