import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { activityWords } from "../../src/console/activity-words.ts";
import { appendAudit } from "../../src/store/audit.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { Login, otherDigits } from "../login/_login.ts";
import { accountIdOf, customer } from "../login/_people.ts";
import { getTokens, MORNING } from "../upstox/_api.ts";
import { signIn } from "./_console.ts";
import { submitForm, textOf } from "./_console-page.ts";

const PATH = "/account/activity";

let broker: TestBroker;
beforeEach(async () => {
  broker = await startBroker({ customers: 2 });
  broker.clock.freeze(MORNING);
});
afterEach(() => broker.close());

const owner = () => customer(broker, 0);

describe("the activity page", () => {
  it("tells what happened, newest first, and nothing of other people", async () => {
    const login = await (await Login.open(broker)).toPin(owner());
    await login.submit({ pin: otherDigits(owner().pin) });
    broker.clock.advance(1);
    await login.submit({ pin: owner().pin });
    await (await Login.open(broker)).finish(customer(broker, 1));
    broker.clock.advance(1);
    const browser = await signIn(broker, owner());
    await submitForm(browser, `/account/apps/${broker.upstox.app.clientId}/secret`, { pin: owner().pin });
    const text = textOf(await browser.get(PATH));
    const expected = [
      "The app got a new secret Demo Trading Desk , 2026-11-25 09:05:02 IST",
      "Signed in to these pages 2026-11-25 09:05:02 IST",
      "You logged in and allowed access Demo Trading Desk , 2026-11-25 09:05:01 IST",
      "A wrong PIN was given 2026-11-25 09:05:00 IST",
    ];
    expect(text).toContain(expected.join(" "));
    expect(textOf(await (await signIn(broker, customer(broker, 1))).get(PATH))).not.toContain("wrong PIN");
  });

  it("holds no code, token, secret, PIN or key (S-99)", async () => {
    const browser = await signIn(broker, owner());
    const { access, extended } = await getTokens(broker);
    const { html } = await browser.get(PATH);
    for (const secret of [access, extended, owner().pin, broker.upstox.app.clientSecret]) {
      expect(html).not.toContain(secret);
    }
    expect(html).not.toMatch(/[0-9a-f]{24}/);
  });

  it("has pages of 25", async () => {
    const { db, keys } = broker.server.parts;
    const browser = await signIn(broker, owner());
    for (let count = 0; count < 54; count++) {
      await db.write(() =>
        appendAudit(keys.audit, { at: MORNING + count, event: "totp.enrolled", accountId: accountIdOf(owner()) }),
      );
    }
    const rowsOn = async (path: string) =>
      ((await browser.get(path)).html.match(/authenticator app was set up|Signed in/g) ?? []).length;
    const first = await browser.get(PATH);
    expect(first.html).toContain(`href="${PATH}?page=2"`);
    expect(first.html).not.toContain("Newer");
    expect([await rowsOn(PATH), await rowsOn(`${PATH}?page=2`), await rowsOn(`${PATH}?page=3`)]).toEqual([25, 25, 5]);
    const last = await browser.get(`${PATH}?page=3`);
    expect(last.html).not.toContain("Older");
    expect(textOf(await browser.get(`${PATH}?page=4`))).toContain("There is nothing more.");
  });

  it.each(["0", "-1", "x", "1e3", "99999", ""])(
    "takes %j for the first page or the last, never an error",
    async (page) => {
      const browser = await signIn(broker, owner());
      expect((await browser.get(`${PATH}?page=${page}`)).status).toBe(200);
    },
  );
});

describe("the words", () => {
  it("say when it was the broker who did it, and call the secret by its name", () => {
    const facts = { secret: "password", detail: { by: "operator", status: "inactive" } } as const;
    expect(activityWords("client.status-changed", facts)).toEqual({
      text: "The app was switched off by the broker",
      isWarning: false,
    });
    expect(activityWords("login.locked", facts)).toEqual({
      text: "The account was locked after 5 wrong passwords",
      isWarning: true,
    });
  });
});
