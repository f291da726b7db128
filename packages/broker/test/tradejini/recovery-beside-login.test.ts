import { startBroker, type TestBroker, type TradejiniDemoCustomer } from "@kunji/broker/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { setAccountSecret } from "../../src/admin/accounts.ts";
import { execute, selectAll, selectOne } from "../../src/store/verb.ts";
import { customerOf, exchange, expectError, MORNING } from "./_api.ts";
import { Login } from "./_login.ts";

const TRANSACTIONS = [1, 2, 3, 4];
const NEW_PASSWORD = "a longer password";

let broker: TestBroker;
let customer: TradejiniDemoCustomer;
beforeEach(async () => {
  broker = await startBroker();
  broker.clock.freeze(MORNING);
  customer = customerOf(broker);
});
afterEach(() => broker.close());

/** Runs `work`, and sets a new password behind its n-th transaction; behind all of it when it has fewer. */
async function withRecoveryBehind(nth: number, work: () => Promise<unknown>): Promise<void> {
  const { parts } = broker.server;
  const write = parts.db.write.bind(parts.db);
  let seen = 0;
  let recovered: Promise<unknown> | undefined;
  const recover = () => {
    spy.mockRestore();
    return setAccountSecret(parts, { broker: "tradejini", userId: customer.clientCode }, NEW_PASSWORD);
  };
  const spy = vi.spyOn(parts.db, "write").mockImplementation(async (verb) => {
    const result = await write(verb);
    seen += 1;
    if (seen === nth) {
      recovered = recover();
      await recovered;
    }
    return result;
  });
  await work();
  // Behind the last one it may be a message that is still on its way.
  await (recovered ?? recover());
}

async function stepOf(login: Login): Promise<string | undefined> {
  const key = login.path.split("/").at(-1) ?? "";
  const { db } = broker.server.parts;
  return (await db.read(() => selectOne<{ step: string }>("SELECT step FROM attempts WHERE attempt_key = ?", key)))
    ?.step;
}

describe.each(TRANSACTIONS)("a new password that is set behind transaction %i of a step (S-50)", (nth) => {
  it("takes the login back that gave the old one", async () => {
    const login = await Login.open(broker);
    await withRecoveryBehind(nth, () => login.enterPassword(customer));
    expect(await stepOf(login)).toBe("identify");
  });

  it("takes the login back that asks for a code behind the old one", async () => {
    const login = await Login.open(broker);
    await login.enterPassword(customer);
    await withRecoveryBehind(nth, () => login.submit({ decision: "send_otp" }));
    expect(await stepOf(login)).toBe("identify");
  });

  it("takes the login back that gives the second factor", async () => {
    const login = await Login.open(broker);
    await login.enterPassword(customer);
    const second = { two_fa: broker.totpCode(customer.totpSecret), two_fa_type: "totp" };
    await withRecoveryBehind(nth, () => login.submit(second));
    expect(await stepOf(login)).toBe("identify");
  });

  it("signs the browser out that signs in", async () => {
    const login = await Login.open(broker, { address: `${broker.url}/account/login/tradejini` });
    await login.enterPassword(customer);
    const second = { two_fa: broker.totpCode(customer.totpSecret), two_fa_type: "totp" };
    await withRecoveryBehind(nth, () => login.submit(second));
    const { db } = broker.server.parts;
    expect(await db.read(() => selectAll("SELECT session_key FROM browser_sessions"))).toEqual([]);
  });

  it("leaves the app nothing of an approval", async () => {
    const login = await (await Login.open(broker)).toApproval(customer);
    await withRecoveryBehind(nth, () => login.submit({ decision: "approve" }));
    const code = login.callback.get("code");
    if (code !== null) expectError(await exchange(broker, code), "UNAUTHORIZED");
  });
});

describe("an account that another channel locks while a login waits for its second factor (S-50)", () => {
  it("is not entered at the console either", async () => {
    const login = await Login.open(broker, { address: `${broker.url}/account/login/tradejini` });
    await login.enterPassword(customer);
    const { db } = broker.server.parts;
    await db.write(function* () {
      yield* execute("UPDATE accounts SET locked_at = ? WHERE user_id = ?", MORNING, customer.clientCode);
    });
    await login.submit({ two_fa: broker.totpCode(customer.totpSecret), two_fa_type: "totp" });
    expect(await db.read(() => selectAll("SELECT session_key FROM browser_sessions"))).toEqual([]);
    expect(login.heading).not.toBe("Your account");
    expect(await stepOf(login)).toBe("ended");
  });
});
