/** The example programs run: against a local double of the broker, with the test in the browser's place. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { json, startFakeBroker, unusedPort } from "./_broker.ts";
import * as tradejini from "./samples/tradejini.ts";
import { fundsV3Body, profileBody, tokenBody } from "./samples/upstox.ts";

afterEach(() => {
  // Each import runs the program again.
  vi.resetModules();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("examples/upstox-login.mts", () => {
  it("logs in, shows profile and funds, logs out", async () => {
    const bodies: Record<string, unknown> = {
      "/v2/login/authorization/token": tokenBody,
      "/v2/user/profile": profileBody,
      "/v3/user/get-funds-and-margin": fundsV3Body,
      "/v2/logout": { status: "success", data: true },
    };
    const broker = await startFakeBroker((request, response) => json(response, 200, bodies[request.url]));
    const redirectUri = `http://127.0.0.1:${await unusedPort()}/callback`;
    vi.stubEnv("KUNJI_UPSTOX_URL", broker.url);
    vi.stubEnv("UPSTOX_CLIENT_ID", "demo-key");
    vi.stubEnv("UPSTOX_CLIENT_SECRET", "demo-secret");
    vi.stubEnv("UPSTOX_REDIRECT_URI", redirectUri);

    const printed: unknown[] = [];
    let tab: Promise<string> | undefined;
    vi.spyOn(console, "log").mockImplementation((line: unknown) => {
      printed.push(line);
      if (typeof line !== "string" || !line.startsWith("Log in here: ")) return;
      const dialog = new URL(line.slice("Log in here: ".length));
      expect(dialog.origin).toBe(broker.url);
      const back = new URL(redirectUri);
      back.searchParams.set("code", "mk404x");
      back.searchParams.set("state", dialog.searchParams.get("state") ?? "");
      tab = fetch(back).then((response) => response.text());
    });

    await import("../../../examples/upstox-login.mts");

    expect(await tab).toBe("You can close this tab.\n");
    expect(printed.slice(2)).toEqual([
      "Logged in as Demo Customer 1 (7KAB12)",
      "Available to trade: 47150.25",
      "Logged out",
    ]);
    expect(broker.requests.map((each) => each.method)).toEqual(["POST", "GET", "GET", "DELETE"]);
    expect(broker.requests[3]?.headers.authorization).toBe(`Bearer ${tokenBody.access_token}`);
  });
});

describe("examples/tradejini-login.mts", () => {
  const bodies: Record<string, unknown> = {
    "/v2/api-gw/oauth/token": tradejini.tokenBody,
    "/v2/api-gw/oauth/individual-token-v2": tradejini.tokenBody,
    "/v2/api/account/details": tradejini.detailsBody,
    "/v2/api/oms/limits": tradejini.limitsBody,
    "/v2/api/account/logout": tradejini.logoutBody,
  };
  const ending = ["Logged in as Demo Customer 1 (TJ00417)", "Available in NSE: 160500.5", "Logged out"];

  it("logs a user based app in through the browser", async () => {
    const broker = await startFakeBroker((request, response) => json(response, 200, bodies[request.url]));
    const redirectUri = `http://127.0.0.1:${await unusedPort()}/callback`;
    vi.stubEnv("KUNJI_TRADEJINI_URL", broker.url);
    vi.stubEnv("TRADEJINI_API_KEY", tradejini.apiKey);
    vi.stubEnv("TRADEJINI_API_SECRET", "demo-secret");
    vi.stubEnv("TRADEJINI_REDIRECT_URI", redirectUri);

    const printed: unknown[] = [];
    let tab: Promise<string> | undefined;
    vi.spyOn(console, "log").mockImplementation((line: unknown) => {
      printed.push(line);
      if (typeof line !== "string" || !line.startsWith("Log in here: ")) return;
      const dialog = new URL(line.slice("Log in here: ".length));
      expect(dialog.origin + dialog.pathname).toBe(`${broker.url}/v2/api-gw/oauth/authorize`);
      const back = new URL(redirectUri);
      back.searchParams.set("code", "c4f1b2a0");
      back.searchParams.set("state", dialog.searchParams.get("state") ?? "");
      tab = fetch(back).then((response) => response.text());
    });

    await import("../../../examples/tradejini-login.mts");

    expect(await tab).toBe("You can close this tab.\n");
    expect(printed.slice(2)).toEqual(ending);
    expect(broker.requests.map((each) => each.method)).toEqual(["POST", "GET", "GET", "POST"]);
  });

  it("logs an individual app in directly", async () => {
    const broker = await startFakeBroker((request, response) => json(response, 200, bodies[request.url]));
    vi.stubEnv("KUNJI_TRADEJINI_URL", broker.url);
    vi.stubEnv("TRADEJINI_API_KEY", tradejini.apiKey);
    vi.stubEnv("TRADEJINI_REDIRECT_URI", "");
    vi.stubEnv("TRADEJINI_PASSWORD", "4417");
    vi.stubEnv("TRADEJINI_TOTP", "093182");
    const printed: unknown[] = [];
    vi.spyOn(console, "log").mockImplementation((line: unknown) => printed.push(line));

    await import("../../../examples/tradejini-login.mts");

    expect(printed.slice(1)).toEqual(ending);
    expect(broker.requests[0]?.headers.authorization).toBe(`Bearer ${tradejini.apiKey}`);
    const bearer = `Bearer ${tradejini.apiKey}:${tradejini.tokenBody.access_token}`;
    expect(broker.requests.slice(1).map((each) => each.headers.authorization)).toEqual([bearer, bearer, bearer]);
  });
});
