import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listLiveTokens } from "../../src/store/account-sessions.ts";
import { replacePin, voidAccountTokens } from "../../src/store/accounts.ts";
import { selectAll } from "../../src/store/verb.ts";
import { readNotice } from "../../src/testing/html-form.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { ApprovalPage, askForToken } from "../approvals/_approval.ts";
import type { Answer, Browser } from "../login/_browser.ts";
import { csrfOf } from "../login/_login.ts";
import { accountIdOf, addClient, auditEvents, customer } from "../login/_people.ts";
import { getProfile, getTokens, MORNING } from "../upstox/_api.ts";
import { type Notifier, startNotifier } from "../webhooks/_notifier.ts";
import { signIn } from "./_console.ts";
import { submitForm, textOf } from "./_console-page.ts";

const PATH = "/account/sessions";

let broker: TestBroker;
let notifier: Notifier;
beforeEach(async () => {
  notifier = await startNotifier();
  broker = await startBroker({ customers: 2, notifierUrl: notifier.url });
  broker.clock.freeze(MORNING);
});
afterEach(async () => {
  await broker.close();
  await notifier.close();
});

const owner = () => customer(broker, 0);

/** Keys of the buttons that end something. */
function keysOn(page: Answer, name: "token" | "browser"): string[] {
  return [...page.html.matchAll(new RegExp(`name="${name}" value="([0-9a-f]{24})"`, "g"))].map(([, key = ""]) => key);
}

const end = (browser: Browser, fields: Readonly<Record<string, string>>) => submitForm(browser, PATH, fields);

describe("the sessions page", () => {
  it("lists the tokens of every app that live, and the browsers", async () => {
    const browser = await signIn(broker, owner());
    expect(textOf(await browser.get(PATH))).toContain("No app has access to your account.");
    await getTokens(broker);
    await signIn(broker, owner());
    const page = await browser.get(PATH);
    const text = textOf(page);
    expect(text).toContain("Demo Trading Desk");
    expect(text).toContain("Full access Since 2026-11-25 09:05:00 IST, until 2026-11-26 03:30:00 IST");
    expect(text).toContain("Read-only access Since 2026-11-25 09:05:00 IST, until 2027-11-25 09:05:00 IST");
    expect(text).toContain("This browser");
    expect([keysOn(page, "token").length, keysOn(page, "browser").length]).toEqual([2, 1]);
    broker.clock.advance(86_400);
    expect(keysOn(await (await signIn(broker, owner())).get(PATH), "token"), "the access token died").toHaveLength(1);
  });

  it("ends a token at once, and only that one, with an audit row (S-98)", async () => {
    const browser = await signIn(broker, owner());
    const [first, second] = [await getTokens(broker), await getTokens(broker)];
    const { db } = broker.server.parts;
    const rows = await db.read(() =>
      selectAll<{ token_key: string }>("SELECT token_key FROM tokens ORDER BY token_key"),
    );
    const key = rows.find(({ token_key }) => first.access.includes(token_key))?.token_key ?? "";
    const page = await end(browser, { token: key });
    expect(readNotice(page.html)).toBe("Ended. It has no access any more.");
    expect((await getProfile(broker, first.access)).status).toBe(401);
    expect((await getProfile(broker, second.access)).status).toBe(200);
    expect((await auditEvents(broker.server.parts)).at(-1)).toBe("token.revoked");
    expect(readNotice((await end(browser, { token: key })).html)).toBe("That had ended before.");
  });

  it("signs another browser out, with an audit row", async () => {
    const [browser, other] = [await signIn(broker, owner()), await signIn(broker, owner())];
    await end(browser, { browser: keysOn(await browser.get(PATH), "browser")[0] ?? "" });
    expect((await other.get("/account")).status).toBe(303);
    expect((await browser.get("/account")).status).toBe(200);
    expect((await auditEvents(broker.server.parts)).at(-1)).toBe("console.signed-out");
  });

  it("ends nothing of another person, and says what it says of an unknown one (S-62)", async () => {
    const { access } = await getTokens(broker);
    const victim = await signIn(broker, owner());
    await signIn(broker, owner());
    const shown = await victim.get(PATH);
    const stranger = await signIn(broker, customer(broker, 1));
    const [token = ""] = keysOn(shown, "token");
    const [session = ""] = keysOn(shown, "browser");
    const unknown = "0123456789abcdef01234567";
    for (const fields of [
      { token },
      { browser: session },
      { token: unknown },
      { browser: unknown },
      { token: "x" },
      {},
    ]) {
      expect(readNotice((await end(stranger, fields)).html)).toBe("That had ended before.");
    }
    expect((await getProfile(broker, access)).status).toBe(200);
    expect(keysOn(await victim.get(PATH), "browser")).toHaveLength(1);
  });

  it.each([
    ["an old token", { csrf: "old" }, {}],
    ["another origin", {}, { origin: "https://evil.example" }],
  ])("ends nothing by a form with %s (S-36)", async (_what, fields, changes) => {
    const { access } = await getTokens(broker);
    const browser = await signIn(broker, owner());
    const page = await browser.get(PATH);
    const [token = ""] = keysOn(page, "token");
    await browser.post(PATH, { csrf: csrfOf(page), token, ...fields }, changes);
    expect((await getProfile(broker, access)).status).toBe(200);
  });
});

describe("the tokens of a person", () => {
  it("are found whatever bought them: none that lives is missing, none that is dead is there", async () => {
    const { db } = broker.server.parts;
    const second = await addClient(broker.server.parts, {
      ownerAccount: accountIdOf(owner()),
      notifierUrl: notifier.url,
    });
    await getTokens(broker);
    await getTokens(broker, { customer: 1 });
    await askForToken(broker, second);
    await (await ApprovalPage.open(broker)).approve(owner().pin);
    const live = () => db.read(() => listLiveTokens(accountIdOf(owner()), broker.clock.now()));
    const all = await db.read(() =>
      selectAll<{ token_key: string }>("SELECT token_key FROM tokens WHERE account_id = ?", accountIdOf(owner())),
    );
    expect(all).toHaveLength(3);
    expect((await live()).map(({ token_key }) => token_key).sort()).toEqual(all.map((row) => row.token_key).sort());
    const browser = await signIn(broker, owner());
    for (const { token_key } of all) await end(browser, { token: token_key });
    expect(await live()).toEqual([]);
  });

  it("are only the read-only one when all access tokens ended at once, and none after a new PIN", async () => {
    const { db } = broker.server.parts;
    const kinds = async () =>
      (await db.read(() => listLiveTokens(accountIdOf(owner()), broker.clock.now()))).map(({ kind }) => kind);
    await getTokens(broker);
    expect((await kinds()).sort()).toEqual(["access", "extended"]);
    await db.write(() => voidAccountTokens(accountIdOf(owner())));
    expect(await kinds()).toEqual(["extended"]);
    const pinHash = await broker.server.parts.hasher.hash(owner().pin);
    await db.write(() => replacePin(accountIdOf(owner()), pinHash));
    expect(await kinds()).toEqual([]);
  });

  it("are found after a direct login", async () => {
    const customers = broker.tradejini.customers;
    const [first] = customers;
    const response = await fetch(`${broker.url}/v2/api-gw/oauth/individual-token-v2`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${broker.tradejini.individualApp.clientId}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({
        password: first?.password ?? "",
        twoFa: broker.totpCode(first?.totpSecret ?? ""),
        twoFaTyp: "totp",
      }),
    });
    expect(response.status).toBe(200);
    const accountId = `tradejini:${first?.clientCode}`;
    const tokens = await broker.server.parts.db.read(() => listLiveTokens(accountId, broker.clock.now()));
    expect(tokens.map(({ client_name }) => client_name)).toEqual(["Demo Individual App"]);
  });
});
