import { startBroker, type TestBroker } from "@kunji/broker/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { browserLogin } from "../../src/login/browser-login.ts";
import type { LoginRequest } from "../../src/login/login-way.ts";
import { type Bench, freePort, openBench } from "./_bench.ts";
import { fillInPages } from "./_fill-in-pages.ts";
import { comeBack, isClosed } from "./_http.ts";
import { TestPerson } from "./_test-person.ts";

const MORNING = Date.parse("2026-11-25T09:05:00+05:30");

let broker: TestBroker;
let redirectUri: string;
let bench: Bench;
let person: TestPerson;

beforeAll(async () => {
  redirectUri = `http://127.0.0.1:${await freePort()}/callback`;
  broker = await startBroker({ redirectUri });
  broker.clock.freeze(MORNING);
});
afterAll(() => broker.close());
beforeEach(async () => {
  const { clientId, clientSecret } = broker.upstox.app;
  const account = { broker: "upstox", way: "browser", clientId, clientSecret, redirectUri, host: broker.url } as const;
  bench = await openBench({ account, now: () => MORNING });
  person = new TestPerson();
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

/** Starts a login; a failure is looked at later. */
function start(changes?: Partial<LoginRequest>) {
  const login = browserLogin(bench.request(person, changes));
  login.catch(() => {});
  return login;
}

const fillIn = (url: string) => fillInPages(broker, url);

describe("an address that is pasted", () => {
  it("is as good as the browser's own way back: over SSH nothing reaches the receiver", async () => {
    const login = start();
    person.paste(`  ${await fillIn((await person.opened).url)}\n`);
    expect((await login).userName).toBe("Demo Customer 1");
    expect(await isClosed(redirectUri)).toBe(true);
    expect(person.isReading).toBe(false);
  });

  it("is refused with the reason when it is something else, and the wait goes on", async () => {
    const login = start();
    const good = await fillIn((await person.opened).url);
    const { code = "" } = Object.fromEntries(new URL(good).searchParams);
    const pasted = [
      code,
      "https://example.com/?code=x&state=y",
      good.replace("/callback", "/elsewhere"),
      `${redirectUri}?code=${code}&state=of-another-login`,
      `${redirectUri}?code=${code}`,
      `${redirectUri}?error=access_denied&state=of-another-login`,
      "",
      good,
    ];
    person.paste(...pasted);
    await login;
    expect(person.refusals.map((why) => why.slice(0, 29))).toEqual([
      "That is no address. Copy the ",
      "That is not the address the l",
      "That is not the address the l",
      "That address belongs to anoth",
      "That address belongs to anoth",
      "That address belongs to anoth",
    ]);
    expect(person.refusals.join()).not.toContain(code);
  });

  it("ends the login when it says that the person refused", async () => {
    const login = start();
    const state = new URL((await person.opened).url).searchParams.get("state");
    person.paste(`${redirectUri}?error=access_denied&state=${state}`);
    await expect(login).rejects.toMatchObject({ code: "LOGIN_DENIED", message: expect.stringContaining("Upstox") });
  });

  it("is the only way back for a redirect URI that is no loopback address", async () => {
    const elsewhere = "https://desk.example.in/upstox/callback";
    const other = await startBroker({ redirectUri: elsewhere });
    const { clientId, clientSecret } = other.upstox.app;
    const profile = { ...bench.profile, clientId, redirectUri: elsewhere, host: other.url };
    await bench.accounts.add({
      broker: "upstox",
      clientId,
      clientSecret,
      redirectUri: elsewhere,
      host: other.url,
      replace: true,
    });
    other.clock.freeze(MORNING);
    const login = start({ profile: await bench.accounts.load(profile) });
    person.paste(await fillInPages(other, (await person.opened).url));
    expect((await login).userName).toBe("Demo Customer 1");
    await other.close();
  });

  it("ends such a login when nothing more can be pasted", async () => {
    const profile = { ...bench.profile, redirectUri: "https://desk.example.in/callback" };
    const login = start({ profile });
    person.endOfInput();
    await expect(login).rejects.toMatchObject({
      code: "LOGIN_REQUIRED",
      nextStep: expect.stringContaining("desk.example.in"),
    });
  });

  it("is not needed by a login that can come back by itself", async () => {
    const login = start();
    person.endOfInput();
    await comeBack(await fillIn((await person.opened).url));
    await login;
  });

  it("must be possible where nothing can listen", async () => {
    person = new TestPerson({ canPaste: false });
    const login = start({ profile: { ...bench.profile, redirectUri: "https://desk.example.in/callback" } });
    await expect(login).rejects.toMatchObject({ code: "USAGE", nextStep: expect.stringContaining("127.0.0.1:7475") });
  });
});
