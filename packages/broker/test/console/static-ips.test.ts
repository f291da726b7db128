import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findAnyClient } from "../../src/store/clients.ts";
import { readNotice } from "../../src/testing/html-form.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { csrfOf } from "../login/_login.ts";
import { accountIdOf, auditEvents, customer } from "../login/_people.ts";
import { Login as TradejiniLogin } from "../tradejini/_login.ts";
import { getIps, getProfile, getTokens, MORNING } from "../upstox/_api.ts";
import { signIn } from "./_console.ts";
import {
  recoverAfterNextCheck,
  recoverDuringNextCheck,
  signOutDuringNextCheck,
  submitForm,
  textOf,
} from "./_console-page.ts";

const PATH = "/account/static-ips";
const IP = "203.0.113.7";

let broker: TestBroker;
beforeEach(async () => {
  broker = await startBroker({ customers: 2 });
  broker.clock.freeze(MORNING);
});
afterEach(() => broker.close());

const owner = () => customer(broker, 0);
const dataOf = (answer: { json: unknown }) => (answer.json as { data: Record<string, unknown> }).data;

describe("static IPs at the console", () => {
  it("are the ones of the API, and changing them ends every access token", async () => {
    const browser = await signIn(broker, owner());
    const { access } = await getTokens(broker);
    expect(textOf(await browser.get(PATH))).toContain("None is registered yet.");
    const fields = { primary_ip: ` ${IP}`, secondary_ip: "2001:DB8::7", pin: owner().pin };
    const page = await submitForm(browser, PATH, fields);
    expect(readNotice(page.html)).toBe("The addresses are saved.");
    expect(textOf(page)).toContain("Changed last on 2026-11-25 09:05:00 IST.");
    expect((await getProfile(broker, access)).status).toBe(401);
    const ips = dataOf(await getIps(broker, (await getTokens(broker)).access));
    expect([ips.primary_ip, ips.secondary_ip]).toEqual([IP, "2001:db8::7"]);
    expect(await auditEvents(broker.server.parts)).toContain("static-ip.changed");
  });

  it.each([
    ["", "", "primary_ip", "no IP address"],
    ["127.1", "", "primary_ip", "no IP address"],
    [IP, "x", "secondary_ip", "no IP address"],
    [IP, `::ffff:${IP}`, "secondary_ip", "must differ"],
  ])("refuse %j and %j at the field %s, and keep what was typed", async (primary, secondary, field, problem) => {
    const browser = await signIn(broker, owner());
    const { access } = await getTokens(broker);
    const fields = { primary_ip: primary, secondary_ip: secondary, pin: owner().pin };
    const page = await submitForm(browser, PATH, fields);
    expect(readNotice(page.html)).toContain(problem);
    expect(page.html).toMatch(new RegExp(`<input[^>]*name="${field}"[^>]*aria-invalid="true"`));
    if (secondary !== "") expect(page.html).toContain(`value="${secondary}"`);
    expect((await getProfile(broker, access)).status).toBe(200);
  });

  it("change once in a calendar week", async () => {
    const browser = await signIn(broker, owner());
    await submitForm(browser, PATH, { primary_ip: IP, pin: owner().pin });
    const page = await submitForm(browser, PATH, { primary_ip: "203.0.113.8", pin: owner().pin });
    expect(readNotice(page.html)).toContain("changed this week already");
    broker.clock.freeze(Date.parse("2026-11-30T00:00:00+05:30"));
    const monday = await signIn(broker, owner());
    expect(readNotice((await submitForm(monday, PATH, { primary_ip: "203.0.113.8", pin: owner().pin })).html)).toBe(
      "The addresses are saved.",
    );
  });

  it.each([
    ["compared", recoverDuringNextCheck],
    ["compared, just after", recoverAfterNextCheck],
  ])("do not change by a PIN that was replaced while it was %s", async (_when, recover) => {
    const browser = await signIn(broker, owner());
    const form = { csrf: csrfOf(await browser.get(PATH)), primary_ip: IP, pin: owner().pin };
    recover(broker.server.parts, accountIdOf(owner()));
    await browser.post(PATH, form);
    expect(await auditEvents(broker.server.parts)).not.toContain("static-ip.changed");
  });

  it("do not change when the browser was signed out meanwhile", async () => {
    const browser = await signIn(broker, owner());
    const form = { csrf: csrfOf(await browser.get(PATH)), primary_ip: IP, pin: owner().pin };
    signOutDuringNextCheck(broker.server.parts);
    expect((await browser.post(PATH, form)).location).toBe("/account");
    expect(await auditEvents(broker.server.parts)).not.toContain("static-ip.changed");
  });

  it("do not change without the PIN", async () => {
    const browser = await signIn(broker, owner());
    const page = await submitForm(browser, PATH, { primary_ip: IP, pin: "000000" });
    expect(readNotice(page.html)).toMatch(/^That PIN was not accepted/);
    expect(await auditEvents(broker.server.parts)).not.toContain("static-ip.changed");
  });
});

describe("a Tradejini individual app", () => {
  const signInThere = async () => {
    const [customerOne] = broker.tradejini.customers;
    if (!customerOne) throw new Error("no customer");
    const login = await TradejiniLogin.open(broker, { address: `${broker.url}/account/login/tradejini` });
    await login.enterPassword(customerOne);
    await login.submit({ two_fa: broker.totpCode(customerOne.totpSecret), two_fa_type: "totp" });
    return { browser: login.browser, customer: customerOne };
  };

  it("gets its registered addresses here, with the password", async () => {
    const { browser, customer: who } = await signInThere();
    const { clientId } = broker.tradejini.individualApp;
    const path = `/account/apps/${clientId}/addresses`;
    const allowed = async () => (await broker.server.parts.db.read(() => findAnyClient(clientId)))?.allowedIps;
    const refused = await submitForm(browser, path, { ip_1: IP, password: "wrong" });
    expect(readNotice(refused.html)).toMatch(/^That password was not accepted/);
    expect(refused.html).toContain(`value="${IP}"`);
    expect(await allowed()).toEqual([]);
    const page = await submitForm(browser, path, { ip_1: IP, password: who.password });
    expect(readNotice(page.html)).toBe("The registered addresses are saved.");
    expect(await allowed()).toEqual([IP]);
    expect(textOf(page)).toContain(IP);
    await submitForm(browser, path, { ip_1: "", password: who.password });
    expect(await allowed()).toEqual([]);
  });

  it("has no redirect URI, secret or notifier to change, and its people no static IPs", async () => {
    const { browser } = await signInThere();
    const path = `/account/apps/${broker.tradejini.individualApp.clientId}`;
    const { html } = await browser.get(path);
    expect([...html.matchAll(/href="[^"]*\/([a-z-]+)"/g)].map(([, last]) => last)).toEqual(
      expect.arrayContaining(["addresses", "status"]),
    );
    for (const below of ["/redirect-uris", "/secret", "/notifier-url", "/signing-secret"]) {
      expect((await browser.get(path + below)).status).toBe(404);
    }
    expect((await browser.get(PATH)).status).toBe(404);
    expect((await browser.get("/account")).html).not.toContain(PATH);
  });
});
