// What an app is called and whose it is.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changeClient, createClient, type NewClientRequest, showClient } from "../../src/admin/clients.ts";
import { selectAll } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { ApprovalPage, askForToken } from "../approvals/_approval.ts";
import { signIn } from "../console/_console.ts";
import { textOf } from "../console/_console-page.ts";
import { Login } from "../login/_login.ts";
import { customer } from "../login/_people.ts";
import { exchange, getProfile, getTokens, issueCode, MORNING } from "../upstox/_api.ts";
import { eventsOf } from "./_admin.ts";

let broker: TestBroker;
beforeEach(async () => {
  broker = await startBroker({ customers: 2 });
  broker.clock.freeze(MORNING);
});
afterEach(() => broker.close());

const parts = () => broker.server.parts;
const owner = () => customer(broker, 0);
const another = () => customer(broker, 1);
const app = () => broker.upstox.app.clientId;
const rename = (name: string) => changeClient(parts(), app(), { name });
const giveTo = (userId: string | null) => changeClient(parts(), app(), { owner: userId });
const detailsOf = async (wanted: string) =>
  (await eventsOf(parts()))
    .filter(({ event }) => event === wanted)
    .map(({ account_id, detail }) => [account_id, JSON.parse(detail) as unknown]);

describe("another name of an app", () => {
  it("is what people read at the next login, and one under way does not go on under it", async () => {
    const before = (await showClient(parts(), app())).name;
    const login = await (await Login.open(broker)).toPin(owner());
    const { access } = await getTokens(broker);
    const code = await issueCode(broker);
    expect((await rename("Night Desk")).name).toBe("Night Desk");
    await login.submit({ pin: owner().pin });
    expect(login.callback.get("code")).toBeNull();
    expect((await exchange(broker, code)).status).toBe(400);
    expect((await getProfile(broker, access)).status).toBe(200);
    const next = await (await Login.open(broker)).toPin(owner());
    expect(textOf(next.page)).toContain("Night Desk");
    const owned = `upstox:${owner().userId}`;
    expect(await detailsOf("client.renamed")).toEqual([[owned, { by: "operator", from: before, to: "Night Desk" }]]);
  });

  it.each(["", "a\nb", "Desk\u202Eksed", "x".repeat(500)])("is refused when it is %j", async (name) => {
    const before = await showClient(parts(), app());
    await expect(rename(name)).rejects.toMatchObject({ code: "REFUSED" });
    expect(await showClient(parts(), app())).toEqual(before);
  });
});

describe("another owner of an app", () => {
  it("sees it at the console, and the earlier one does not; both read of it", async () => {
    const [earlier, later] = [await signIn(broker, owner()), await signIn(broker, another())];
    expect((await giveTo(another().userId)).owner).toBe(another().userId);
    expect((await earlier.get(`/account/apps/${app()}`)).status).toBe(404);
    expect((await later.get(`/account/apps/${app()}`)).status).toBe(200);
    for (const browser of [earlier, later]) {
      expect(textOf(await browser.get("/account/activity"))).toContain("given to another owner");
    }
    const [from, to] = [`upstox:${owner().userId}`, `upstox:${another().userId}`];
    const detail = { by: "operator", from, to };
    expect(await detailsOf("client.owner-changed")).toEqual([
      [from, detail],
      [to, detail],
    ]);
  });

  it("gets nothing that it held: codes, tokens, logins, requests and waiting webhooks end (S-24)", async () => {
    const { access, extended } = await getTokens(broker);
    const code = await issueCode(broker);
    const login = await (await Login.open(broker)).toPin(owner());
    await askForToken(broker, broker.upstox.app);
    const approved = await ApprovalPage.open(broker);
    await approved.approve(owner().pin);
    await giveTo(another().userId);
    for (const token of [access, extended]) expect((await getProfile(broker, token)).status).toBe(401);
    expect((await exchange(broker, code)).status).toBe(400);
    await login.submit({ pin: owner().pin });
    expect(login.callback.get("code")).toBeNull();
    const states = await parts().db.read(() => selectAll<{ state: string }>("SELECT state FROM outbox"));
    expect(states.map(({ state }) => state)).not.toContain("waiting");
  });

  it("is asked for the approvals from now on", async () => {
    await askForToken(broker, broker.upstox.app);
    const before = await ApprovalPage.open(broker);
    await giveTo(another().userId);
    await before.reject();
    expect(before.heading).toBe("This request has ended");
    await askForToken(broker, broker.upstox.app);
    const requests = await parts().db.read(() =>
      selectAll("SELECT account_id, state FROM token_requests ORDER BY state"),
    );
    expect(requests).toEqual([
      { account_id: `upstox:${owner().userId}`, state: "expired" },
      { account_id: `upstox:${another().userId}`, state: "pending" },
    ]);
  });

  it("can be nobody, where the app needs none", async () => {
    await expect(giveTo(null)).rejects.toThrow("--owner");
    const plain: NewClientRequest = {
      broker: "upstox",
      name: "Desk",
      redirectUris: ["https://desk.example.in/callback"],
      owner: owner().userId,
    };
    const { clientId } = await createClient(parts(), plain);
    expect((await changeClient(parts(), clientId, { owner: null })).owner).toBeNull();
    await expect(changeClient(parts(), clientId, { owner: null })).rejects.toThrow("nobody's already");
  });

  it("is refused for whoever owns it, for somebody unknown and for somebody of the other broker", async () => {
    const before = await eventsOf(parts());
    const [trader] = broker.tradejini.customers;
    await expect(giveTo(owner().userId)).rejects.toMatchObject({ code: "REFUSED" });
    await expect(giveTo("NONE99")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(giveTo(trader?.clientCode ?? "")).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await eventsOf(parts())).toEqual(before);
  });

  it("comes with a new name and another way to tokens at once, or not at all", async () => {
    const wanted = { name: "Day Desk", owner: another().userId, redirectUris: ["http://desk.example.in/"] };
    await expect(changeClient(parts(), app(), wanted)).rejects.toMatchObject({ code: "REFUSED" });
    expect(await showClient(parts(), app())).toMatchObject({ owner: owner().userId });
    const { redirectUris: _, ...rest } = wanted;
    const flows = ["authorization_code"] as const;
    expect(await changeClient(parts(), app(), { ...rest, flows })).toMatchObject({ ...rest, flows });
  });
});
