import { describe, expect, it } from "vitest";
import type { Keeper } from "../src/index.ts";
import { demoAccount, failure, type Kept, startKept } from "./_kept.ts";

/** One account that works, and beside it what a newer Kunji left in the vault. */
async function besideNewer({ broker, person }: Kept, keeper: Keeper): Promise<void> {
  await keeper.accounts.add(demoAccount(broker, "upstox"));
  await keeper.login("upstox", { person });
  await person.done();
  await keeper.accounts.add({ ...demoAccount(broker, "upstox"), account: "newer-session" });
  const { vault } = keeper;
  await vault.write({ broker: "upstox", account: "newer", kind: "account" }, '{"version":2,"clientId":"app-2"}');
  await vault.write({ broker: "upstox", account: "newer-session", kind: "session" }, '{"version":7}');
  const known = await vault.read({ broker: "upstox", account: "default", kind: "account" });
  await vault.write({ broker: "tomorrow", account: "default", kind: "account" }, known ?? "");
}

const NEWER_ACCOUNT = {
  code: "VAULT_DAMAGED",
  message: "the account upstox/newer was written by a newer Kunji (format 2)",
  nextStep: "Update Kunji on this machine.",
};
const UNKNOWN_BROKER = {
  code: "USAGE",
  message: "this Kunji does not know the broker tomorrow",
  nextStep: "A newer one added the account: update Kunji on this machine.",
};

describe("an account that this Kunji can do nothing with", () => {
  it("shows up as itself and says why, and every other account goes on", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper();
    await besideNewer(kept, keeper);
    const status = await keeper.status();
    expect(status.map(({ broker, account, state }) => `${broker}/${account} ${state}`)).toEqual([
      "tomorrow/default unusable",
      "upstox/default valid",
      "upstox/newer unusable",
      "upstox/newer-session unusable",
    ]);
    expect(status.map(({ title, way, problem }) => ({ title, way, problem }))).toEqual([
      { title: "tomorrow", way: "browser", problem: UNKNOWN_BROKER },
      { title: "Upstox", way: "browser", problem: undefined },
      { title: "Upstox", way: undefined, problem: NEWER_ACCOUNT },
      {
        title: "Upstox",
        way: "browser",
        problem: {
          code: "VAULT_DAMAGED",
          message: "the session of upstox/newer-session was written by a newer Kunji (format 7)",
          nextStep: "Update Kunji on this machine.",
        },
      },
    ]);
    expect(await keeper.token("upstox")).toMatch(/^\S{20,}$/);
  });

  it("is listed with what can be read of it", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper();
    await besideNewer(kept, keeper);
    const listed = await keeper.accounts.listAll();
    expect(listed.map(({ broker, account, profile, problem }) => [broker, account, profile?.way, problem])).toEqual([
      ["tomorrow", "default", "browser", UNKNOWN_BROKER],
      ["upstox", "default", "browser", undefined],
      ["upstox", "newer", undefined, NEWER_ACCOUNT],
      ["upstox", "newer-session", "browser", undefined],
    ]);
  });

  it("is never written over: what asks for it is told the same, and the newer Kunji finds it as it was", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper({ person: kept.person });
    await besideNewer(kept, keeper);
    for (const account of ["newer", "newer-session"]) {
      const code = "VAULT_DAMAGED";
      expect(await failure(keeper.token("upstox", { account }))).toMatchObject({ code });
      expect(await failure(keeper.login("upstox", { account }))).toMatchObject({ code });
    }
    await keeper.status();
    const entry = { broker: "upstox", account: "newer-session", kind: "session" } as const;
    expect(await keeper.vault.read(entry)).toBe('{"version":7}');
  });

  it("can be removed", async () => {
    await using kept = await startKept();
    const keeper = await kept.keeper();
    await besideNewer(kept, keeper);
    expect(await keeper.accounts.remove({ broker: "tomorrow", account: "default" })).toBe(true);
    expect(await keeper.accounts.remove({ broker: "upstox", account: "newer" })).toBe(true);
    expect((await keeper.status()).map(({ account }) => account)).toEqual(["default", "newer-session"]);
  });

  it("is not mistaken for a vault that is away: that concerns everybody", async () => {
    await using kept = await startKept();
    const vault = await kept.home.open();
    await using keeper = await kept.keeper({ vault });
    await keeper.accounts.add(demoAccount(kept.broker, "upstox"));
    await vault.close();
    await expect(keeper.status()).rejects.toThrow();
  });
});
