import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type NewAccount, openKeeper } from "../src/index.ts";
import { failure } from "./_kept.ts";
import { testHome } from "./_vault.ts";

const upstox: NewAccount = {
  broker: "upstox",
  clientId: "3f0c2a9e-6d51-4b7e-9a43-1f2e77c0d5aa",
  clientSecret: "k3v9q0xw2z-canary",
  redirectUri: "http://127.0.0.1:7475/callback",
};
const direct: NewAccount = {
  broker: "tradejini",
  account: "own",
  way: "totp",
  clientId: "5b0f9d7ce1a24c3e9a6d80b4f7132ce8",
  password: "4417-canary",
  totpSecret: "JBSWY3DPEHPK3PXPCANARY2",
};

describe("keeper.accounts", () => {
  it("keeps many accounts per broker, by name", async () => {
    await using home = await testHome();
    await using keeper = await openKeeper({ vault: await home.open() });
    await keeper.accounts.add(upstox);
    await keeper.accounts.add({ ...upstox, account: "family", way: "approval" });
    await keeper.accounts.add(direct);
    const list = await keeper.accounts.list();
    expect(list.map(({ broker, account, way }) => `${broker}/${account} ${way}`)).toEqual([
      "tradejini/own totp",
      "upstox/default browser",
      "upstox/family approval",
    ]);
    const [own, normal, family] = list;
    expect(normal?.clientSecret?.reveal()).toBe(upstox.clientSecret);
    expect([own?.clientSecret, own?.redirectUri, normal?.notifierKey]).toEqual([undefined, undefined, undefined]);
    // 256 bits, base64url (S-80).
    expect(family?.notifierKey?.reveal()).toMatch(/^[\w-]{43}$/);
    expect(await keeper.accounts.find({ broker: "upstox", account: "nobody" })).toBeUndefined();
  });

  it("keeps PIN and TOTP seed only for the way that needs them, and in an entry of their own (S-78)", async () => {
    await using home = await testHome();
    const vault = await home.open();
    await using keeper = await openKeeper({ vault });
    await keeper.accounts.add({ ...upstox, password: "1234", totpSecret: "JBSWY3DPEHPK3PXP" });
    expect((await vault.list()).map(({ kind }) => kind)).toEqual(["account"]);
    await keeper.accounts.add(direct);
    const kinds = (await vault.list()).filter(({ broker }) => broker === "tradejini").map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(["account", "factors"]);
    // The broker knows a way that needs them; this account's is another.
    await keeper.accounts.add({ ...direct, ...upstox, broker: "tradejini", account: "by-hand", way: "browser" });
    const byHand = (await vault.list()).filter(({ account }) => account === "by-hand").map(({ kind }) => kind);
    expect(byHand).toEqual(["account"]);
  });

  it("writes no secret outside the vault, and none in the clear", async () => {
    await using home = await testHome();
    await using keeper = await openKeeper({ vault: await home.open() });
    await keeper.accounts.add(upstox);
    await keeper.accounts.add(direct);
    const files = await readdir(home.path, { recursive: true, withFileTypes: true });
    for (const file of files.filter((each) => each.isFile())) {
      const content = await readFile(join(file.parentPath, file.name), "latin1");
      expect(content.toLowerCase()).not.toContain("canary");
    }
  });

  it("refuses a second account of the same name, unless it replaces the first with all it had", async () => {
    await using home = await testHome();
    const vault = await home.open();
    await using keeper = await openKeeper({ vault });
    await keeper.accounts.add({ ...direct, account: "default" });
    const again: NewAccount = { ...upstox, broker: "tradejini" };
    expect((await failure(keeper.accounts.add(again))).code).toBe("USAGE");
    await keeper.accounts.add({ ...again, replace: true });
    expect((await vault.list()).map(({ kind }) => kind)).toEqual(["account"]);
  });

  it("keeps the notifier URL of an account that is replaced with a new secret, and of no other app or time (S-80)", async () => {
    await using home = await testHome();
    await using keeper = await openKeeper({ vault: await home.open() });
    const family: NewAccount = { ...upstox, account: "family", way: "approval" };
    const keyOf = async (given: NewAccount) =>
      (await keeper.accounts.add({ ...given, replace: true })).notifierKey?.reveal();
    const first = await keyOf(family);
    expect(await keyOf({ ...family, clientSecret: "rotated-secret" })).toBe(first);
    expect(await keyOf({ ...family, clientId: "another-app" })).not.toBe(first);
    expect(await keyOf({ ...family, way: "browser" })).toBeUndefined();
    expect(await keyOf(family)).not.toBe(first);
  });

  it("forgets everything of an account that is removed", async () => {
    await using home = await testHome();
    const vault = await home.open();
    await using keeper = await openKeeper({ vault });
    await keeper.accounts.add(direct);
    const id = { broker: "tradejini", account: "own" };
    await vault.write({ ...id, kind: "pending" }, "{}");
    expect(await keeper.accounts.remove(id)).toBe(true);
    expect(await keeper.accounts.remove(id)).toBe(false);
    expect(await vault.list()).toEqual([]);
  });

  it.each<[string, Partial<NewAccount>, RegExp]>([
    ["no secret", { clientSecret: undefined }, /API secret is missing/],
    ["no redirect URI", { redirectUri: "" }, /Redirect URL is missing/],
    ["a redirect URI without a port", { redirectUri: "http://127.0.0.1/callback" }, /Redirect URL must be/],
    ["a redirect URI on the network in the clear", { redirectUri: "http://desk.example.in:80/callback" }, /must be/],
    ["a pasted line", { clientSecret: "k3v9\nq0" }, /API secret holds spaces or odd characters/],
    ["a way that the broker has not", { way: "totp" }, /Upstox has no totp login: choose browser or approval/],
    ["a name that is a path", { account: "../x" }, /an account name has/],
    ["an address that is none", { host: "not a url" }, /Upstox cannot be reached by its address/],
    ["an address that would get the secret in the clear (S-72)", { host: "http://api.example.in" }, /use https/],
    ["several things at once", { clientId: "", clientSecret: "" }, /API key is missing; API secret is missing/],
  ])("refuses %s, and says what is wrong without the value", async (_name, change, words) => {
    await using home = await testHome();
    await using keeper = await openKeeper({ vault: await home.open() });
    const error = await failure(keeper.accounts.add({ ...upstox, ...change }));
    expect(error.code).toBe("USAGE");
    expect(error.message).toMatch(words);
    expect(error.message).not.toContain("k3v9");
  });

  it("tells forms what to ask for", async () => {
    await using home = await testHome();
    await using keeper = await openKeeper({ vault: await home.open() });
    const asks = keeper.brokers.flatMap(({ name, ways, fields }) =>
      ways.map((way) => [
        name,
        way,
        fields
          .filter((each) => each.ways.includes(way))
          .map((each) => each.name)
          .join(),
      ]),
    );
    expect(asks).toEqual([
      ["upstox", "browser", "clientId,clientSecret,redirectUri"],
      ["upstox", "approval", "clientId,clientSecret"],
      ["tradejini", "browser", "clientId,clientSecret,redirectUri"],
      ["tradejini", "totp", "clientId,password,totpSecret"],
    ]);
  });
});
