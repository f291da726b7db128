import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { TradejiniClient } from "@kunji/client";
import { describe, expect, it, onTestFinished } from "vitest";
import { json, startFakeBroker, unusedPort } from "../_broker.ts";
import { detailsBody, tokenBody } from "../samples/tradejini.ts";

/** One canary per secret; what is left after a prefix that may be shown must be found nowhere. */
const canary = {
  key: "canarykey5b0f9d7ce1a24c3e9a6d80b4",
  code: "canary-code-e5d9c1a7b3f2",
  secret: "canary-secret-0f1e2d3c4b5a",
  password: "canary-password-778899aabb",
  twoFa: "canary-two-fa-093182aa",
  bearer: "canary-bearer-99aa88bb77cc66dd",
  access: "canary-access-abcdef0123456789",
  state: "canary-state-123456789abc",
};

function expectNoCanary(text: string): void {
  for (const value of Object.values(canary)) expect(text).not.toContain(value.slice(8));
}

async function scratchFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kunji-client-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "debug.log");
}

const apisAt = (host: string, loggerFile?: string) => {
  const accessToken = async () => `${canary.key}:${canary.bearer}`;
  const debug = loggerFile !== undefined;
  const configuration = new TradejiniClient.Configuration({ host, accessToken, debug, loggerFile });
  const client = new TradejiniClient.ApiClient(configuration);
  return { login: new TradejiniClient.AuthorizationApi(client), account: new TradejiniClient.AccountApi(client) };
};

/** Every call, with a canary in each secret. */
async function callEverything(host: string, loggerFile?: string): Promise<unknown[]> {
  const { login, account } = apisAt(host, loggerFile);
  const redirectUri = "https://desk.example.in/cb";
  const { key, code, secret, password, twoFa, state } = canary;
  const calls = [
    () => login.authorize("k", redirectUri, "code", "general", state),
    () => login.exchangeCode({ code, clientId: "k", clientSecret: secret, redirectUri }),
    () => login.getAccessToken(code, "k", redirectUri, secret, "authorization_code"),
    () => login.loginDirect({ apiKey: key, password, totp: twoFa }),
    () => login.updatedIndividualToken(`Bearer ${key}`, password, twoFa, "otp"),
    () => account.getUserDetails(),
    () => account.getLogoutWebResponse(),
  ];
  return Promise.all(calls.map((call) => call().catch((error: unknown) => error)));
}

describe("errors (S-73)", () => {
  it.each([200, 400, 401, 403, 415, 429, 500])("of status %i hold no secret, even when echoed", async (status) => {
    const broker = await startFakeBroker((request, response) => {
      const bearer = request.headers.authorization?.split(/[ :]/).at(-1);
      json(response, status, {
        s: "error",
        msg: `${request.body} ${request.url} ${request.headers.authorization} ${bearer}`,
      });
    });
    const errors = await callEverything(broker.url);
    expect(broker.requests).toHaveLength(7);
    for (const error of errors) {
      expect(error).toBeInstanceOf(TradejiniClient.ApiException);
      const { stack, body, response } = error as TradejiniClient.ApiException;
      expectNoCanary([inspect(error, { depth: 20 }), JSON.stringify(error), stack, JSON.stringify(body)].join("\n"));
      expectNoCanary(response?.text ?? "");
    }
  });

  it("of the network hold no secret", async () => {
    for (const error of await callEverything(`http://127.0.0.1:${await unusedPort()}`)) {
      expectNoCanary(`${inspect(error, { depth: 20 })} ${JSON.stringify(error)}`);
    }
  });
});

describe("the debug log (S-96)", () => {
  it("holds no secret and no personal data, and says what happened", async () => {
    const file = await scratchFile();
    const broker = await startFakeBroker((request, response) => {
      const token = { ...tokenBody, access_token: canary.access };
      json(response, 200, request.url.includes("oauth") ? token : detailsBody);
    });
    await callEverything(broker.url, file);
    const log = await readFile(file, "utf8");
    expect(log.trim().split("\n")).toHaveLength(7);
    expectNoCanary(log);
    for (const personal of ["Demo Customer 1", "AAAPZ1234C", "demo.customer@example.in", "98XXXXXX21"]) {
      expect(log).not.toContain(personal);
    }
    expect(log).toContain('twoFaTyp: "totp"');
    expect(log).toContain('s: "ok"');
    expect(log).toContain("/v2/api-gw/oauth/individual-token-v2");
  });
});

describe("printing", () => {
  it("masks the token of a session and of an answer; their properties and JSON are whole", async () => {
    const broker = await startFakeBroker((_request, response) => {
      json(response, 200, { ...tokenBody, access_token: canary.access });
    });
    const { login } = apisAt(broker.url);
    const session = await login.loginDirect({ apiKey: canary.key, password: "4417", totp: "093182" });
    const token = await login.updatedIndividualToken("Bearer k", "4417", "093182", "totp");
    for (const each of [session, token]) {
      expectNoCanary(`${inspect(each)} ${inspect({ each }, { showHidden: true, depth: 9 })} ${each}`);
      expect(JSON.stringify(each)).toContain(canary.access);
    }
    expect(session.bearer).toBe(`${canary.key}:${canary.access}`);
  });
});
