import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { upstoxAuthorizationUrl } from "../../src/testing/upstox-login.ts";
import { Browser } from "../login/_browser.ts";
import { Login } from "../login/_login.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 1 });
});
afterAll(() => broker.close());

/** The raw bytes of `state` in the redirect to the app after "Cancel", which every login can reach from page one. */
async function stateComingBack(dialog: string): Promise<string | undefined> {
  const login = await Login.open(broker, { dialog });
  const { location = "" } = await login.submit({ decision: "deny" });
  const query = location.slice(location.indexOf("?") + 1).split("&");
  return query.find((piece) => piece.startsWith("state="))?.slice("state=".length);
}

const dialogWith = (rawState: string) =>
  `${upstoxAuthorizationUrl(broker.url, broker.upstox.app, {})}&state=${rawState}`;

async function statusOf(dialog: string): Promise<number> {
  const answer = await new Browser(broker.url, { accept: "application/json" }).get(dialog);
  expect(answer.status === 302 || answer.location === undefined).toBe(true);
  return answer.status;
}

/** Text that UTF-8 can carry and that has no control character, up to 1024 bytes. */
const stateText = fc
  .string({ unit: "grapheme", maxLength: 60 })
  .filter((text) => !/\p{Cc}/u.test(text) && !/\p{Cs}/u.test(text) && Buffer.byteLength(text) <= 1024);

describe("state at the dialog (S-16)", () => {
  it("comes back with exactly the bytes that were sent, whatever they are (property)", async () => {
    await fc.assert(
      fc.asyncProperty(stateText, async (state) => {
        const back = await stateComingBack(dialogWith(encodeURIComponent(state)));
        expect(decodeURIComponent(back ?? "absent")).toBe(state);
      }),
      { numRuns: 60, examples: [[""], ["a b+c&d=e%20#?/"], ["é😀\u202e"], ["__proto__"], ["x".repeat(1024)]] },
    );
  });

  it("reads plus as a space, as forms mean it, and gives the space back", async () => {
    expect(await stateComingBack(dialogWith("a+b%2Bc"))).toBe("a%20b%2Bc");
  });

  it("is not invented when none was sent", async () => {
    expect(await stateComingBack(upstoxAuthorizationUrl(broker.url, broker.upstox.app, {}))).toBeUndefined();
  });

  it.each([
    ["1024 ASCII bytes", "s".repeat(1024), 302],
    ["1025 ASCII bytes", "s".repeat(1025), 400],
    ["1024 bytes in 512 letters", encodeURIComponent("é".repeat(512)), 302],
    ["1026 bytes in 513 letters", encodeURIComponent("é".repeat(513)), 400],
  ])("takes at most 1024 bytes: %s", async (_what, raw, status) => {
    expect(await statusOf(dialogWith(raw))).toBe(status);
  });

  it.each([
    "%ff",
    "%C3",
    "%C0%AF",
    "%ED%A0%80",
    "%F5%80%80%80",
    "%zz",
    "%2",
    "%",
    "a%00b",
    "a%0d%0ab",
    "%7f",
    "%C2%85",
  ])("is refused, not repaired, when it is %s", async (raw) => {
    const response = await fetch(dialogWith(raw), { redirect: "manual" });
    expect(response.status).toBe(400);
    expect(response.headers.has("location")).toBe(false);
    expect(await response.json()).toMatchObject({ errors: [{ error_code: "UDAPI100038" }] });
  });

  it("survives the whole login and stands beside code and iss in the app's redirect (S-09)", async () => {
    const state = "n7 Qk2&x=ü";
    const result = await broker.login("upstox", { state });
    expect(result).toMatchObject({ state, iss: broker.url, error: undefined });
    const names = [...new URL(result.callbackUrl).searchParams.keys()];
    expect(names).toEqual(["code", "state", "iss"]);
    expect(result.callbackUrl.startsWith(`${broker.upstox.app.redirectUri}?`)).toBe(true);
  });
});
