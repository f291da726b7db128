// What an operator does to people and apps ends what was begun before, also where it would live again later (S-24).
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { disableAccount, enableAccount, resetTotp, setAccountSecret } from "../../src/admin/accounts.ts";
import { changeClient } from "../../src/admin/clients.ts";
import { selectAll } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { ApprovalPage, askForToken } from "../approvals/_approval.ts";
import { signIn } from "../console/_console.ts";
import { Login } from "../login/_login.ts";
import { customer } from "../login/_people.ts";
import { exchange, getProfile, getTokens, issueCode, MORNING } from "../upstox/_api.ts";

let broker: TestBroker;
beforeEach(async () => {
  broker = await startBroker({ customers: 2 });
  broker.clock.freeze(MORNING);
});
afterEach(() => broker.close());

const owner = () => customer(broker, 0);
const parts = () => broker.server.parts;
const who = () => ({ broker: "upstox", userId: owner().userId });
const requestStates = () => parts().db.read(() => selectAll("SELECT state, decided_at FROM token_requests"));

describe("what was proven before", () => {
  it.each<[string, () => Promise<unknown>]>([
    ["a new PIN", () => setAccountSecret(parts(), who(), owner().pin)],
    ["a forgotten authenticator app", () => resetTotp(parts(), who())],
    [
      "an account disabled and enabled again",
      async () => {
        await disableAccount(parts(), who());
        await enableAccount(parts(), who());
      },
    ],
  ])("counts no more after %s: browsers and logins under way begin again", async (_name, change) => {
    const browser = await signIn(broker, owner());
    const login = await (await Login.open(broker)).toPin(owner());
    const others = await (await Login.open(broker)).toPin(customer(broker, 1));
    await change();
    expect((await browser.get("/account")).location).toBe("/account/login/upstox");
    await login.submit({ pin: owner().pin });
    expect(login.shown).toBe("mobile");
    await others.submit({ pin: customer(broker, 1).pin });
    expect(others.callback.get("code"), "another person's login").toBeTruthy();
  });
});

describe("a request that waits for an approval", () => {
  const expired = () => [{ state: "expired", decided_at: MORNING }];

  it("ends with the account, and is not there again when it is enabled", async () => {
    await askForToken(broker, broker.upstox.app);
    await disableAccount(parts(), who());
    expect(await requestStates()).toEqual(expired());
    await enableAccount(parts(), who());
    const approval = await ApprovalPage.open(broker);
    expect(approval.heading).toBe("This request has ended");
  });

  it("ends with the ways in which its app gets tokens, like codes, tokens and logins under way", async () => {
    const { clientId } = broker.upstox.app;
    const { access, extended } = await getTokens(broker);
    const code = await issueCode(broker);
    const login = await (await Login.open(broker)).toPin(owner());
    await askForToken(broker, broker.upstox.app);
    await changeClient(parts(), clientId, { flows: ["authorization_code"] });
    expect(await requestStates()).toEqual(expired());
    for (const token of [access, extended]) expect((await getProfile(broker, token)).status).toBe(401);
    expect((await exchange(broker, code)).status).toBe(400);
    await login.submit({ pin: owner().pin });
    expect(login.heading).toBe("This app cannot be used now");
  });
});
