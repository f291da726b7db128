import { describe, expect, it } from "vitest";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { signIn } from "../console/_console.ts";
import type { Browser } from "../login/_browser.ts";
import { equity, future, option } from "./_baskets.ts";
import { Login } from "./_login.ts";

/** A signed-in browser of a demo customer. */
async function console(broker: TestBroker, customer: number): Promise<Browser> {
  const who = broker.tradejini.customers[customer];
  if (!who) throw new TypeError("there is no such demo customer");
  const login = await Login.open(broker, { address: `${broker.url}/account/login/tradejini` });
  await login.enterPassword(who);
  await login.submit({ two_fa: broker.totpCode(who.totpSecret), two_fa_type: "totp" });
  return login.browser;
}

describe("/account/orders", () => {
  it("lists what was approved today, basket by basket, newest first, for the person only", async () => {
    await using broker = await startBroker({ customers: 2 });
    broker.clock.freeze(Date.parse("2026-11-25T09:20:00+05:30"));
    await broker.login("tradejini", { orders: [equity, future] });
    broker.clock.advance(60);
    await broker.login("tradejini", { orders: [option] });
    const mine = await console(broker, 0);
    expect((await mine.get("/account")).html).toContain('href="/account/orders"');
    const { html } = await mine.get("/account/orders");
    const shown = [...html.matchAll(/ACC|BANKNIFTY|NIFTY|2026-11-25 09:2[01]:00 IST/g)].map(([word]) => word);
    expect(shown.filter((word, index) => word !== shown[index - 1])).toEqual([
      "2026-11-25 09:21:00 IST",
      "BANKNIFTY",
      "2026-11-25 09:20:00 IST",
      "ACC",
      "NIFTY",
    ]);
    const other = await console(broker, 1);
    expect((await other.get("/account/orders")).html).toContain("No app has placed an order for you today.");
  });

  it("is not offered where a broker's apps place no orders, and nobody's without signing in", async () => {
    await using broker = await startBroker({ customers: 1 });
    const [customer] = broker.upstox.customers;
    if (!customer) throw new TypeError("there is no demo customer");
    const upstox = await signIn(broker, customer);
    expect((await upstox.get("/account")).html).not.toContain("/account/orders");
    expect((await (await console(broker, 0)).get("/account")).html).not.toContain("/account/approvals");
    expect((await fetch(`${broker.url}/account/orders`, { redirect: "manual" })).status).toBe(303);
  });
});
