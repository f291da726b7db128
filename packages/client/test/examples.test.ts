/** The example programs run: against a local double of the broker, with the test in the browser's place. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { json, startFakeBroker, unusedPort } from "./_broker.ts";
import { fundsV3Body, profileBody, tokenBody } from "./samples/upstox.ts";

afterEach(() => {
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
