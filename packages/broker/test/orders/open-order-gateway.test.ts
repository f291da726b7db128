import { describe, expect, it } from "vitest";
import { SettableClock } from "../../src/clock.ts";
import { systemRandomness } from "../../src/crypto/random.ts";
import { openOrderGateway } from "../../src/orders/open-order-gateway.ts";

const deps = { clock: new SettableClock(), random: systemRandomness() };
const basket = { basketKey: "k", dialect: "tradejini", userId: "u", clientId: "c", orders: [{ qty: 1 }, { qty: 2 }] };

describe("openOrderGateway", () => {
  it("is the broker's own book without a setting: every order is taken and gets an id of its own", async () => {
    const placed = await openOrderGateway("", deps).place(basket);
    expect(placed).toMatchObject({ outcome: "placed" });
    const ids = placed.outcome === "placed" ? placed.orderIds : [];
    expect(new Set(ids).size).toBe(2);
  });

  it("sends the URL's token as a bearer, and not in the URL", async () => {
    const seen: { url: string; authorization: string | null }[] = [];
    const fetch = async (url: RequestInfo | URL, init?: RequestInit) => {
      seen.push({ url: String(url), authorization: new Headers(init?.headers).get("authorization") });
      return new Response();
    };
    await openOrderGateway("https://s3cret@gateway.test/orders", { ...deps, fetch }).place(basket);
    expect(seen).toEqual([{ url: "https://gateway.test/orders", authorization: "Bearer s3cret" }]);
  });

  it.each(["no url", "http://gateway.test/orders", "ftp://gateway.test/", "https://a:b@gateway.test/"])(
    "refuses %s in a sentence that repeats nothing of it (S-96)",
    (setting) => {
      expect(() => openOrderGateway(setting, deps)).toThrow(/^Order gateway: /);
      expect(() => openOrderGateway(setting, deps)).not.toThrow(/gateway\.test/);
    },
  );

  it("allows plain http to this machine", () => {
    expect(() => openOrderGateway("http://127.0.0.1:9000/orders", deps)).not.toThrow();
  });
});
