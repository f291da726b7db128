import { describe, expect, it } from "vitest";
import { demoAccount, startKept } from "./_kept.ts";

describe("keeper.token()", () => {
  it("logs in through the broker's pages, and gives the same token from then on", async () => {
    await using kept = await startKept();
    const { broker, person } = kept;
    const keeper = await kept.keeper({ person });
    await keeper.accounts.add(demoAccount(broker, "upstox"));

    const token = await keeper.token("upstox");
    await person.done();
    expect(await keeper.token("upstox")).toBe(token);
    expect(person.asked()).toBe(1);
    const another = await kept.keeper();
    expect(await another.token("upstox")).toBe(token);
  });
});
