import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findAnyClient } from "../../src/store/clients.ts";
import { selectAll } from "../../src/store/verb.ts";
import { readHeading, readNotice } from "../../src/testing/html-form.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { setAppStatus } from "../_app-status.ts";
import { type Answer, Browser } from "../login/_browser.ts";
import { csrfOf, Login, otherDigits, withoutReference } from "../login/_login.ts";
import { accountIdOf, accountState, addClient, auditEvents, customer } from "../login/_people.ts";
import { exchange, getProfile, getTokens, issueCode, MORNING } from "../upstox/_api.ts";
import { signIn } from "./_console.ts";
import {
  recoverAfterNextCheck,
  recoverDuringNextCheck,
  signOutDuringNextCheck,
  submitForm,
  textOf,
} from "./_console-page.ts";

let broker: TestBroker;
beforeEach(async () => {
  broker = await startBroker({ customers: 3 });
  broker.clock.freeze(MORNING);
});
afterEach(() => broker.close());

const owner = () => customer(broker, 0);
const stranger = () => customer(broker, 1);
const appPath = () => `/account/apps/${broker.upstox.app.clientId}`;
const stored = () => broker.server.parts.db.read(() => findAnyClient(broker.upstox.app.clientId));
const changePaths = ["redirect-uris", "notifier-url", "signing-secret", "secret", "status"] as const;
const secretOn = (page: Answer) => /<code id="newSecret">([^<]+)<\/code>/.exec(page.html)?.[1];

describe("my apps", () => {
  it("lists the apps of the person, by name", async () => {
    await addClient(broker.server.parts, { name: "Another Desk", ownerAccount: accountIdOf(owner()) });
    const text = textOf(await (await signIn(broker, owner())).get("/account/apps"));
    expect(text.indexOf("Another Desk")).toBeGreaterThan(0);
    expect(text.indexOf("Another Desk")).toBeLessThan(text.indexOf("Demo Trading Desk"));
    expect(text).toContain(`API key ${broker.upstox.app.clientId}`);
    expect(textOf(await (await signIn(broker, stranger())).get("/account/apps"))).toContain("No app is registered");
  });

  it("shows what an app is and what can be changed, and no secret", async () => {
    const page = await (await signIn(broker, owner())).get(appPath());
    const text = textOf(page);
    const { clientId, clientSecret, redirectUri, notifierUrl } = broker.upstox.app;
    for (const shown of [clientId, redirectUri, notifierUrl, "Every Upstox customer"]) expect(text).toContain(shown);
    expect(page.html).not.toContain(clientSecret);
    for (const path of changePaths) expect(page.html).toContain(`href="${appPath()}/${path}"`);
    expect(page.html).not.toContain("/addresses");
  });
});

describe("another person's app (S-62)", () => {
  /** Every address below an app, and every form. */
  const places = () => {
    const foreign = broker.upstox.app.clientId;
    const ids = [foreign, "00000000-0000-4000-8000-000000000000", "nonsense", broker.tradejini.userApp.clientId];
    const below = ["", "/new-secret", "/addresses", ...changePaths.map((path) => `/${path}`)];
    return below.map((path) => ids.map((id) => `/account/apps/${id}${path}`));
  };

  it("looks like one that does not exist, at every address and for every form", async () => {
    const browser = await signIn(broker, stranger());
    const { csrf } = { csrf: csrfOf(await browser.get("/account")) };
    const before = await stored();
    for (const same of places()) {
      const pages = await Promise.all(same.map((path) => browser.get(path)));
      expect(pages.map(({ status }) => status)).toEqual(same.map(() => 404));
      expect(new Set(pages.map(({ html }) => withoutReference(html))).size).toBe(1);
    }
    for (const same of places().filter(([path = ""]) =>
      /\/(redirect|notifier|signing|secret|status|addresses)/.test(path),
    )) {
      const answers = await Promise.all(same.map((path) => browser.post(path, { csrf, pin: stranger().pin })));
      expect(answers.map(({ status }) => status)).toEqual(same.map(() => 404));
      expect(new Set(answers.map(({ html }) => withoutReference(html))).size).toBe(1);
    }
    expect(await stored()).toEqual(before);
    expect((await accountState(broker.server.parts, stranger())).pin_failures).toBe(0);
  });

  it("is not changed either when it changed hands while the PIN was compared", async () => {
    const browser = await signIn(broker, owner());
    const { db, hasher } = broker.server.parts;
    const verify = hasher.verify.bind(hasher);
    hasher.verify = async (hash, pin) => {
      hasher.verify = verify;
      await db.write(function* () {
        yield { text: "UPDATE clients SET owner_account = ?", params: [accountIdOf(stranger())], firstOnly: false };
      });
      return await verify(hash, pin);
    };
    const page = await submitForm(browser, `${appPath()}/secret`, { pin: owner().pin });
    expect(readHeading(page.html)).toBe("My apps");
    expect((await stored())?.previousSecretDigest).toBeNull();
  });
});

describe("changing an app", () => {
  it("replaces redirect URIs: the new one works at once, the old one not", async () => {
    const browser = await signIn(broker, owner());
    const uri = "https://desk.example.in/callback";
    const fields = { redirect_uri_1: "", redirect_uri_2: ` ${uri} `, pin: owner().pin };
    const page = await submitForm(browser, `${appPath()}/redirect-uris`, fields);
    expect([readHeading(page.html), readNotice(page.html)]).toEqual([
      "Demo Trading Desk On",
      "The redirect URIs are saved.",
    ]);
    expect((await stored())?.redirectUris).toEqual([uri]);
    const login = await Login.open(broker);
    expect(login.heading).toBe("This login link does not work");
    expect(await auditEvents(broker.server.parts)).toContain("client.redirect-uris-changed");
  });

  it("says what is wrong with an address, at its field, and keeps what was typed", async () => {
    const browser = await signIn(broker, owner());
    const typed = { redirect_uri_1: "https://desk.example.in/a", redirect_uri_2: "http://desk.example.in/b" };
    const page = await submitForm(browser, `${appPath()}/redirect-uris`, { ...typed, pin: owner().pin });
    expect(readNotice(page.html)).toMatch(/^A redirect URI starts with https:\/\/\./);
    for (const value of Object.values(typed)) expect(page.html).toContain(`value="${value}"`);
    expect(page.html).toMatch(/<input[^>]*name="redirect_uri_2"[^>]*aria-invalid="true"/);
    expect((await stored())?.redirectUris).toEqual([broker.upstox.app.redirectUri]);
    broker.clock.advance(61);
    expect(readNotice((await browser.get(`${appPath()}/redirect-uris`)).html), "a later visit").toBeUndefined();
  });

  it("takes the notifier URL away, and puts another one there", async () => {
    const browser = await signIn(broker, owner());
    const path = `${appPath()}/notifier-url`;
    await submitForm(browser, path, { notifier_url: "", pin: owner().pin });
    expect((await stored())?.notifierUrl).toBeNull();
    const refused = await submitForm(browser, path, { notifier_url: "https://10.0.0.1/", pin: owner().pin });
    expect(readNotice(refused.html)).toBe("The URL must point to a public address.");
    await submitForm(browser, path, { notifier_url: "https://hooks.example.in/x", pin: owner().pin });
    expect((await stored())?.notifierUrl).toBe("https://hooks.example.in/x");
  });

  it("switches an app off and on again, but not one that the broker rejected", async () => {
    const browser = await signIn(broker, owner());
    const { access } = await getTokens(broker);
    const off = await submitForm(browser, `${appPath()}/status`, { pin: owner().pin });
    expect(readNotice(off.html)).toBe("The app is off, and every token it held has ended.");
    expect((await getProfile(broker, access)).status).toBe(401);
    await submitForm(browser, `${appPath()}/status`, { pin: owner().pin });
    expect((await stored())?.status).toBe("active");
    await setAppStatus(broker, broker.upstox.app.clientId, "rejected");
    expect((await browser.get(`${appPath()}/status`)).status).toBe(404);
    expect(textOf(await browser.get(appPath()))).toContain("Rejected");
  });
});

describe("a new secret (S-20)", () => {
  it("is shown once: not after a reload, not in another browser, not to a program that only looks", async () => {
    const browser = await signIn(broker, owner());
    const other = await signIn(broker, owner());
    const form = { csrf: csrfOf(await browser.get(`${appPath()}/secret`)), pin: owner().pin };
    const answer = await browser.post(`${appPath()}/secret`, form);
    expect([answer.status, answer.location]).toEqual([303, `${appPath()}/new-secret`]);
    expect((await other.get(`${appPath()}/new-secret`)).status).toBe(303);
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    await fetch(`${broker.url}${appPath()}/new-secret`, { method: "HEAD", headers: { cookie }, redirect: "manual" });

    const page = await browser.get(`${appPath()}/new-secret`);
    const secret = secretOn(page) ?? "";
    expect(secret).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const again = await browser.get(`${appPath()}/new-secret`);
    expect([again.status, again.location]).toEqual([303, appPath()]);
    expect(readNotice((await browser.get(appPath())).html)).toContain("A secret is shown once");

    const code = await issueCode(broker);
    expect((await exchange(broker, code, { client_secret: secret })).status).toBe(200);
    const tables = await Promise.all(
      ["clients", "browser_sessions", "audit"].map((table) =>
        broker.server.parts.db.read(() => selectAll(`SELECT * FROM ${table}`)),
      ),
    );
    expect(JSON.stringify(tables)).not.toContain(secret);
  });

  it("keeps the earlier one for a day, and says until when; or ends it now", async () => {
    const browser = await signIn(broker, owner());
    await submitForm(browser, `${appPath()}/secret`, { earlier_secret: "keep", pin: owner().pin });
    expect(textOf(await browser.get(appPath()))).toContain("The earlier secret works until 2026-11-26 09:05:00 IST.");
    expect((await exchange(broker, await issueCode(broker))).status).toBe(200);
    await submitForm(browser, `${appPath()}/secret`, { earlier_secret: "end", pin: owner().pin });
    expect((await exchange(broker, await issueCode(broker))).status).toBe(401);
  });

  it("ends a leaked one also when the PIN was right only the second time", async () => {
    const browser = await signIn(broker, owner());
    const wrong = { earlier_secret: "end", pin: otherDigits(owner().pin) };
    const page = await submitForm(browser, `${appPath()}/secret`, wrong);
    expect(page.html).toMatch(/<input type="radio"[^>]*value="end"[^>]* checked/);
    expect(page.html).not.toMatch(/<input type="radio"[^>]*value="keep"[^>]* checked/);
  });

  it("says what a second new one within a day ends", async () => {
    const browser = await signIn(broker, owner());
    const warning = "works until 2026-11-26 09:05:00 IST. That one ends at once when you make another";
    expect(textOf(await browser.get(`${appPath()}/secret`))).not.toContain("ends at once");
    await submitForm(browser, `${appPath()}/secret`, { earlier_secret: "keep", pin: owner().pin });
    expect(textOf(await browser.get(`${appPath()}/secret`))).toContain(warning);
    broker.clock.advance(86_400);
    const later = await signIn(broker, owner());
    expect(textOf(await later.get(`${appPath()}/secret`))).not.toContain("ends at once");
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["secret", { earlier_secret: "" }],
    ["secret", { earlier_secret: "End" }],
    ["signing-secret", { decision: "delete" }],
  ])("is not made by a form that chose something unknown: %s, %o", async (path, fields) => {
    const browser = await signIn(broker, owner());
    const before = await stored();
    const page = await submitForm(browser, `${appPath()}/${path}`, { ...fields, pin: owner().pin });
    expect(readNotice(page.html)).toMatch(/^(?:Choose one|Press one)/);
    expect(await stored()).toEqual(before);
  });

  it("for signing is shown once as well, and can be taken away", async () => {
    const browser = await signIn(broker, owner());
    const page = await submitForm(browser, `${appPath()}/signing-secret`, { decision: "make", pin: owner().pin });
    expect(secretOn(page)).toMatch(/^whsec_/);
    expect((await stored())?.webhookSecret).not.toBeNull();
    await submitForm(browser, `${appPath()}/signing-secret`, { decision: "remove", pin: owner().pin });
    expect((await stored())?.webhookSecret).toBeNull();
  });
});

describe.each(changePaths)("the form of %s", (path) => {
  /** What the form would take, beside the PIN. */
  const sound = { redirect_uri_1: "https://desk.example.in/a", notifier_url: "" };
  const address = () => `${appPath()}/${path}`;

  it("does nothing without the PIN, and counts wrong ones with every other channel (S-50)", async () => {
    const browser = await signIn(broker, owner());
    const before = await stored();
    for (const pin of ["", "12345", otherDigits(owner().pin)]) {
      expect(readNotice((await submitForm(browser, address(), { ...sound, pin })).html)).toMatch(
        /^That PIN was not accepted/,
      );
    }
    for (let count = 0; count < 4; count++) await submitForm(browser, address(), { pin: otherDigits(owner().pin) });
    expect((await accountState(broker.server.parts, owner())).locked_at).not.toBeNull();
    await submitForm(browser, address(), { ...sound, pin: owner().pin });
    expect(await stored()).toEqual(before);
    const login = await (await Login.open(broker)).toPin(owner());
    await login.submit({ pin: owner().pin });
    expect(login.shown, "locked at the login too").toBe("pin");
  });

  it.each([
    ["no token", { csrf: "" }, {}],
    ["an old token", { csrf: "old" }, {}],
    ["another origin", {}, { origin: "https://evil.example" }],
  ])("does nothing with %s (S-36, S-41)", async (_what, fields, changes) => {
    const browser = await signIn(broker, owner());
    const before = await stored();
    const form = { csrf: csrfOf(await browser.get(address())), ...sound, pin: owner().pin, ...fields };
    await browser.post(address(), form, changes);
    expect(await stored()).toEqual(before);
    expect((await accountState(broker.server.parts, owner())).pin_failures).toBe(0);
  });

  it("works once when it is sent ten times at once", async () => {
    const browser = await signIn(broker, owner());
    const form = { csrf: csrfOf(await browser.get(address())), ...sound, pin: owner().pin };
    await Promise.all(Array.from({ length: 10 }, () => browser.post(address(), form)));
    const made = (await auditEvents(broker.server.parts)).filter((event) => event.startsWith("client."));
    expect(made).toHaveLength(1);
  });

  it.each([
    ["while it is compared", recoverDuringNextCheck],
    ["just after it was compared", recoverAfterNextCheck],
  ] as const)("does nothing with a PIN that is replaced %s", async (_when, recover) => {
    const browser = await signIn(broker, owner());
    const before = await stored();
    const form = { csrf: csrfOf(await browser.get(address())), ...sound, pin: owner().pin };
    recover(broker.server.parts, accountIdOf(owner()));
    await browser.post(address(), form);
    expect(await stored()).toEqual(before);
  });

  it("does nothing when the browser was signed out meanwhile", async () => {
    const browser = await signIn(broker, owner());
    const before = await stored();
    const form = { csrf: csrfOf(await browser.get(address())), ...sound, pin: owner().pin };
    signOutDuringNextCheck(broker.server.parts);
    expect((await browser.post(address(), form)).location).toBe("/account");
    expect(await stored()).toEqual(before);
  });
});

it("nobody who is not signed in gets anywhere", async () => {
  const nobody = new Browser(broker.url);
  for (const path of changePaths) {
    expect((await nobody.post(`${appPath()}/${path}`, { pin: owner().pin })).location).toBe("/account/login/upstox");
  }
});
