import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { replacePin } from "../../src/store/accounts.ts";
import { selectAll } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { totpCode } from "../../src/totp/totp.ts";
import { csrfOf, Login, otherDigits, otpsSentTo, withoutReference } from "../login/_login.ts";
import { accountIdOf, accountState, auditEvents, customer } from "../login/_people.ts";

const NOW = Date.parse("2026-11-25T09:05:00+05:30");
const NEW_PIN = "482915";
const WRONG_PAN = "ZZZZZ9999Z";

let broker: TestBroker;
beforeEach(async () => {
  broker = await startBroker({ customers: 2 });
  broker.clock.freeze(NOW);
});
afterEach(() => broker.close());

const owner = () => customer(broker, 0);
const toPin = async () => (await Login.open(broker)).toPin(owner());

async function toPan(): Promise<Login> {
  const login = await toPin();
  await login.submit({ decision: "forgot_pin" });
  return login;
}

async function lock(): Promise<void> {
  const login = await toPin();
  for (let count = 0; count < 5; count++) await login.submit({ pin: otherDigits(owner().pin) });
}

async function accessToken(): Promise<string> {
  const { app } = broker.upstox;
  const { code = "" } = await broker.login("upstox");
  const form = {
    code,
    client_id: app.clientId,
    client_secret: app.clientSecret,
    redirect_uri: app.redirectUri,
    grant_type: "authorization_code",
  };
  const response = await fetch(`${broker.url}/v2/login/authorization/token`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

describe("Forgot PIN (protocol/upstox.md 2.5)", () => {
  it("unlocks by PAN, code and a new PIN, and the login goes on to the app", async () => {
    await lock();
    const login = await toPin();
    await login.recover(owner(), NEW_PIN);
    expect([login.shown, login.notice]).toEqual(["pin", "Your new PIN is saved. Enter it to go on."]);
    expect(await accountState(broker.server.parts, owner())).toMatchObject({ pin_failures: 0, locked_at: null });
    await login.submit({ pin: NEW_PIN });
    expect(login.callback.get("code")).toBeTruthy();
    const events = await auditEvents(broker.server.parts);
    expect(events).toEqual(expect.arrayContaining(["login.pan-accepted", "login.pin-reset"]));
  });

  it("makes the old PIN worthless, here and in the next login", async () => {
    const login = await toPin();
    await login.recover(owner(), NEW_PIN);
    await login.submit({ pin: owner().pin });
    expect(login.shown).toBe("pin");
    const next = await toPin();
    await next.submit({ pin: owner().pin });
    expect(next.shown).toBe("pin");
    await next.submit({ pin: NEW_PIN });
    expect(next.shown).toBe("out");
  });

  it("is not undone by a check of the old PIN that ends after it", async () => {
    const login = await toPin();
    const { db, hasher } = broker.server.parts;
    const { verify } = hasher;
    const newHash = await hasher.hash(NEW_PIN);
    vi.spyOn(hasher, "verify").mockImplementationOnce(async (stored, pin) => {
      const verdict = await verify(stored, pin);
      expect(verdict.rehash, "demo PINs are stored at a lower cost").toBeDefined();
      await db.write(() => replacePin(accountIdOf(owner()), newHash));
      return verdict;
    });
    await login.submit({ pin: owner().pin });
    expect((await accountState(broker.server.parts, owner())).pin_hash).toBe(newHash);
  });

  it("sets nothing when the login is cancelled while the new PIN is hashed", async () => {
    const login = await Login.open(broker);
    await login.toPin(owner());
    await login.submit({ decision: "forgot_pin" });
    await login.submit({ pan: owner().pan });
    await login.enterOtp(owner());
    const { hasher } = broker.server.parts;
    const before = await accountState(broker.server.parts, owner());
    const hash = hasher.hash.bind(hasher);
    hasher.hash = async (pin) => {
      hasher.hash = hash;
      const form = { csrf: csrfOf(await login.browser.get(login.path)), decision: "deny" };
      expect((await login.browser.post(login.path, form)).status).toBe(303);
      return await hash(pin);
    };
    await login.submit({ pin: NEW_PIN, pin_again: NEW_PIN });
    expect(await accountState(broker.server.parts, owner())).toEqual(before);
    await login.reload();
    expect(login.shown).not.toBe("pin");
  });

  it("ends the account's tokens and signed-in browsers", async () => {
    const headers = { authorization: `Bearer ${await accessToken()}` };
    const console = await Login.open(broker, { dialog: `${broker.url}/account/login/upstox` });
    await console.finish(owner());
    expect(console.heading).toBe("Your account");
    await (await toPin()).recover(owner(), NEW_PIN);
    expect((await fetch(`${broker.url}/v2/user/profile`, { headers })).status).toBe(401);
    expect((await console.browser.get("/account")).status).toBe(303);
  });

  it("sends the code to the phone and by e-mail, and says what it is for", async () => {
    const login = await toPan();
    await login.submit({ pan: owner().pan });
    const [first, second] = await broker.inbox();
    expect(new Set([first?.to, second?.to])).toEqual(new Set([owner().mobileNumber, owner().email]));
    expect(new Set([first?.kind, second?.kind])).toEqual(new Set(["sms", "email"]));
    expect(first?.otp).toBe(second?.otp);
    expect(first?.text).toContain("is your code to set a new PIN");
  });

  it("reads the PAN in small letters and with spaces around it", async () => {
    const login = await toPan();
    await login.submit({ pan: ` ${owner().pan.toLowerCase()} ` });
    await login.enterOtp(owner());
    expect(login.shown).toBe("new-pin");
  });

  it.each(["", "ABCDE1234", "ABCDE12345", "1BCDE1234F", "ABCDE1234FX"])(
    "says what a PAN looks like for %j",
    async (pan) => {
      const login = await toPan();
      await login.submit({ pan });
      expect([login.shown, login.notice]).toEqual([
        "pan",
        "A PAN has five letters, four digits and a letter, such as ABCDE1234F.",
      ]);
    },
  );

  it("does not take an authenticator code: it alone must not replace the PIN", async () => {
    const login = await toPan();
    await login.submit({ pan: owner().pan });
    await login.submit({ otp: totpCode(owner().totpSecret, NOW / 1000) });
    expect(login.shown).toBe("recovery-otp");
    // It was not used up by the refusal either.
    const other = await Login.open(broker);
    await other.enterMobile(owner());
    await other.submit({ otp: totpCode(owner().totpSecret, NOW / 1000) });
    expect(other.shown).toBe("pin");
  });

  it("does not take the code that led to the PIN step", async () => {
    const login = await Login.open(broker);
    await login.enterMobile(owner());
    const first = await login.sentOtp(owner());
    await login.submit({ otp: first });
    await login.submit({ decision: "forgot_pin" });
    await login.submit({ pan: owner().pan });
    if ((await login.sentOtp(owner())) === first) return;
    await login.submit({ otp: first });
    expect(login.shown).toBe("recovery-otp");
  });

  it.each([
    [{ pin: NEW_PIN, pin_again: "482916" }, "The two PINs differ. Enter the same 6 digits twice."],
    [{ pin: NEW_PIN }, "The two PINs differ. Enter the same 6 digits twice."],
    [{ pin: "12345", pin_again: "12345" }, "The PIN has 6 digits."],
    [{ pin: "abcdef", pin_again: "abcdef" }, "The PIN has 6 digits."],
  ])("wants the new PIN twice, six digits: %j", async (fields, notice) => {
    const login = await toPan();
    await login.submit({ pan: owner().pan });
    await login.enterOtp(owner());
    const before = await accountState(broker.server.parts, owner());
    await login.submit(fields);
    expect([login.shown, login.notice]).toEqual(["new-pin", notice]);
    expect(await accountState(broker.server.parts, owner())).toEqual(before);
  });

  it("can be cancelled at each of its steps, and nothing changes", async () => {
    const before = await accountState(broker.server.parts, owner());
    for (const steps of [0, 1, 2]) {
      const login = await toPan();
      if (steps > 0) await login.submit({ pan: owner().pan });
      if (steps > 1) await login.enterOtp(owner());
      await login.submit({ decision: "deny" });
      expect(login.callback.get("error")).toBe("access_denied");
    }
    expect(await accountState(broker.server.parts, owner())).toEqual(before);
  });

  it("cannot be reached before the phone was proven", async () => {
    for (const fields of [{ decision: "forgot_pin" }, { pan: owner().pan }, { pin: NEW_PIN, pin_again: NEW_PIN }]) {
      const login = await Login.open(broker);
      await login.enterMobile(owner());
      await login.submit(fields);
      expect(login.shown).toBe("mobile");
    }
  });
});

describe("a wrong PAN (S-43, S-48)", () => {
  /** Everything a person sees of a recovery that starts with this PAN, without values that differ every time. */
  async function seen(pan: string, place: TestBroker): Promise<string[]> {
    const login = await (await Login.open(place)).toPin(customer(place, 0));
    await login.submit({ decision: "forgot_pin" });
    const pages: string[] = [];
    const note = () => {
      const html = withoutReference(login.page.html)
        .replaceAll(login.attempt, "")
        .replace(/value="[^"]{43}"/g, "");
      pages.push(`${login.page.status} ${html}`);
    };
    for (const fields of [
      { pan },
      { otp: "12" },
      { otp: "000000" },
      { decision: "resend" },
      { decision: "resend" },
      { otp: "000000" },
      { decision: "resend" },
    ]) {
      await login.submit(fields);
      note();
    }
    return pages;
  }

  it("looks the same as a right one at every step, and no code ever goes out", async () => {
    const right = await seen(owner().pan, broker);
    await broker.reset();
    broker.clock.freeze(NOW);
    expect(await seen(WRONG_PAN, broker)).toEqual(right);
    expect(await otpsSentTo(broker, owner()), "only the code of the login itself").toHaveLength(1);
    expect((await broker.inbox()).filter(({ kind }) => kind === "email")).toEqual([]);
  });

  it("looks the same when the number has had its three codes", async () => {
    const settings = { KUNJI_OTP_PER_NUMBER: 3 };
    await using one = await startBroker({ customers: 1, settings });
    await using two = await startBroker({ customers: 1, settings });
    for (const place of [one, two]) place.clock.freeze(NOW);
    expect(await seen(WRONG_PAN, two)).toEqual(await seen(customer(one, 0).pan, one));
  });

  it("is in the audit, without itself (S-98)", async () => {
    const login = await toPan();
    await login.submit({ pan: WRONG_PAN });
    const rows = await broker.server.parts.db.read(() => selectAll<{ event: string }>("SELECT * FROM audit"));
    expect(rows.map(({ event }) => event)).toContain("login.pan-refused");
    expect(JSON.stringify(rows)).not.toContain(WRONG_PAN);
  });

  it("cannot be made good by a code of another login", async () => {
    const login = await toPan();
    await login.submit({ pan: WRONG_PAN });
    const other = await Login.open(broker);
    await other.enterMobile(owner());
    await login.submit({ otp: await other.sentOtp(owner()) });
    expect(login.shown).toBe("recovery-otp");
  });

  it("is slowed down after five tries, over logins", async () => {
    for (let count = 0; count < 5; count++) await (await toPan()).submit({ pan: WRONG_PAN });
    const login = await toPan();
    await login.submit({ pan: owner().pan });
    expect([login.shown, login.notice]).toEqual([
      "pan",
      "There were too many wrong tries. Wait a while, then try again.",
    ]);
    broker.clock.advance(30);
    await login.submit({ pan: owner().pan });
    expect(login.shown).toBe("recovery-otp");
  });
});
