import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { ApprovalPage, askForToken } from "../approvals/_approval.ts";
import type { Browser } from "../login/_browser.ts";
import { csrfOf, withoutReference } from "../login/_login.ts";
import { accountIdOf, addClient, auditEvents, customer } from "../login/_people.ts";
import { type Notifier, startNotifier } from "../webhooks/_notifier.ts";
import { signIn } from "./_console.ts";

let broker: TestBroker;
let notifier: Notifier;
beforeEach(async () => {
  notifier = await startNotifier();
  broker = await startBroker({ customers: 2, notifierUrl: notifier.url });
  broker.clock.freeze(Date.parse("2026-11-25T09:05:00+05:30"));
});
afterEach(async () => {
  await broker.close();
  await notifier.close();
});

const owner = () => customer(broker, 0);

/** Addresses of the requests the list shows. */
async function listed(browser: Browser): Promise<string[]> {
  const { html } = await browser.get("/account/approvals");
  return [...html.matchAll(/href="(\/account\/approvals\/[^"]+)"/g)].map(([, href = ""]) => href);
}

describe("the approvals of the account console", () => {
  it("lists what waits, newest first, and says on the front page how many", async () => {
    const second = await addClient(broker.server.parts, {
      name: "Evening Desk",
      ownerAccount: accountIdOf(owner()),
      notifierUrl: notifier.url,
    });
    const browser = await signIn(broker, owner());
    expect(await listed(browser)).toEqual([]);
    await askForToken(broker, broker.upstox.app);
    broker.clock.advance(60);
    await askForToken(broker, second);
    expect((await browser.get("/account")).html).toContain("2 waiting");
    const { html } = await browser.get("/account/approvals");
    expect(html.indexOf("Evening Desk")).toBeLessThan(html.indexOf("Demo Trading Desk"));
    expect(await listed(browser)).toHaveLength(2);
    broker.clock.freeze(1_795_644_000_000);
    const morning = await signIn(broker, owner());
    expect(await listed(morning), "lapsed").toEqual([]);
  });

  it("approves with the PIN: the token arrives", async () => {
    const browser = await signIn(broker, owner());
    await askForToken(broker, broker.upstox.app);
    const [path = ""] = await listed(browser);
    const page = await ApprovalPage.at(browser, path);
    await page.approve(owner().pin);
    expect(page.heading).toBe("Access allowed");
    await broker.settled();
    expect(JSON.parse(notifier.received[0]?.body ?? "{}")).toMatchObject({ user_id: owner().userId });
    expect(await listed(browser)).toEqual([]);
  });

  it("rejects: nothing is sent", async () => {
    const browser = await signIn(broker, owner());
    await askForToken(broker, broker.upstox.app);
    const page = await ApprovalPage.at(browser, (await listed(browser))[0] ?? "");
    await page.reject();
    expect(page.heading).toBe("Request rejected");
    await broker.settled();
    expect(notifier.received).toEqual([]);
  });

  it("decides a request once over link and console together (S-52)", async () => {
    const browser = await signIn(broker, owner());
    await askForToken(broker, broker.upstox.app);
    const here = await ApprovalPage.at(browser, (await listed(browser))[0] ?? "");
    const there = await ApprovalPage.open(broker);
    await Promise.all([here.approve(owner().pin), there.reject()]);
    const events = await auditEvents(broker.server.parts);
    expect(events.filter((event) => /token-request\.(approved|rejected)/.test(event))).toHaveLength(1);
    const { pin } = owner();
    await here.approve(pin);
    await there.approve(pin);
    await broker.settled();
    expect(notifier.received.length).toBeLessThanOrEqual(1);
  });

  it("shows another person's request exactly like one that does not exist (S-62)", async () => {
    await askForToken(broker, broker.upstox.app);
    const [path = ""] = await listed(await signIn(broker, owner()));
    const stranger = await signIn(broker, customer(broker, 1));
    expect(await listed(stranger)).toEqual([]);
    const paths = [path, "/account/approvals/0123456789abcdef01234567", "/account/approvals/nonsense"];
    const answers = await Promise.all(paths.map((each) => stranger.get(each)));
    const posts = await Promise.all(
      paths.map((each) => stranger.post(each, { decision: "approve", pin: customer(broker, 1).pin })),
    );
    expect([...answers, ...posts].map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 404));
    expect(new Set([...answers, ...posts].map(({ html }) => withoutReference(html))).size).toBe(1);
    expect((await ApprovalPage.open(broker)).heading).toBe("Allow access?");
  });

  it("does not take a form of the link's page from another origin, nor an old one (S-36, S-41)", async () => {
    const browser = await signIn(broker, owner());
    await askForToken(broker, broker.upstox.app);
    const [path = ""] = await listed(browser);
    const form = { csrf: csrfOf(await browser.get(path)), decision: "deny" };
    expect((await browser.post(path, form, { origin: "https://evil.example" })).status).toBe(400);
    expect((await browser.post(path, { ...form, csrf: "old" })).location).toBe(path);
    expect(await listed(browser)).toEqual([path]);
  });
});
