import { describe, expect, it } from "vitest";
import { demoAccount, startKept } from "../_kept.ts";
import { call } from "./_request.ts";
import { startTestService } from "./_service.ts";

describe("a service beside an account that a newer Kunji wrote", () => {
  it("starts, shows it with its reason everywhere, offers no login for it, and serves the others", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const before = await kept.keeper();
    await before.accounts.add(demoAccount(broker, "upstox"));
    await before.login("upstox", { person });
    await person.done();
    await before.vault.write({ broker: "upstox", account: "newer", kind: "account" }, '{"version":2}');
    await before.vault.write({ broker: "tomorrow", account: "default", kind: "account" }, '{"version":1}');

    await using service = await startTestService(kept);
    const { accounts } = (await service.ask("/v1/accounts")).json as { accounts: Record<string, unknown>[] };
    expect(accounts.map((account) => `${account.broker}/${account.account} ${account.state}`)).toEqual([
      "tomorrow/default unusable",
      "upstox/default valid",
      "upstox/newer unusable",
    ]);
    // Not "damaged", although nothing of it could be read.
    expect(accounts[0]?.problem).toMatchObject({ message: "this Kunji does not know the broker tomorrow" });
    expect(accounts[2]?.problem).toEqual({
      code: "VAULT_DAMAGED",
      message: "the account upstox/newer was written by a newer Kunji (format 2)",
      nextStep: "Update Kunji on this machine.",
    });
    expect((await service.ask("/v1/tokens/upstox/default")).status).toBe(200);
    expect((await service.ask("/v1/tokens/upstox/newer")).json).toMatchObject({ code: "VAULT_DAMAGED" });
    expect((await service.ask("/v1/accounts/upstox/newer/login", { method: "POST" })).status).toBe(503);

    const warnings = service.log().filter(({ message }) => message === "cannot be used");
    expect(warnings.map(({ account }) => account)).toEqual(["tomorrow/default", "upstox/newer"]);

    const { pathname } = new URL(service.running.createDashboardLink());
    const entered = await call(service.running.url, pathname, { headers: { "sec-fetch-site": "none" } });
    const cookie = String(entered.headers["set-cookie"]).split(";")[0] ?? "";
    const page = await call(service.running.url, "/", { headers: { cookie, "sec-fetch-site": "same-origin" } });
    expect(page.text).toContain("Cannot be used");
    expect(page.text).toContain("The account upstox/newer was written by a newer Kunji (format 2).");
    expect(page.text).not.toContain("upstox/newer/login");
    expect(page.text).toContain("upstox/default/logout");
  });
});
