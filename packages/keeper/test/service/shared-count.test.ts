import { describe, expect, it } from "vitest";
import { writePending } from "../../src/login/pending-approval.ts";
import { DEFAULT_PLAN } from "../../src/service/index.ts";
import { demoAccount, MORNING, startKept } from "../_kept.ts";
import { startTestService } from "./_service.ts";
import { TestClock } from "./_service-clock.ts";

const ID = { broker: "upstox", account: "default" };
const NOW = MORNING / 1000;

describe("the schedule of a service that shares its vault", () => {
  it.each([
    ["asks when nobody has", [], true],
    ["asks when the last request is long ago", [NOW - 3_000], true],
    ["does not ask right after another service did", [NOW - 60], false],
    ["does not ask for the sixth time in an hour", [3_000, 2_700, 2_400, 2_100, 1_000].map((ago) => NOW - ago), false],
  ])("%s", async (_name, sentAt, asks) => {
    await using kept = await startKept();
    const { clientId, ...account } = demoAccount(kept.broker, "upstox");
    const elsewhere = await kept.keeper();
    await elsewhere.accounts.add({ ...account, clientId, way: "approval" });
    await writePending(elsewhere.vault, ID, { clientId, requestedAt: NOW - 3_000, expiresAt: NOW + 3_600, sentAt });

    const clock = new TestClock(MORNING);
    await using service = await startTestService(kept, { clock, schedule: DEFAULT_PLAN });
    // It has looked when it waits for its next look.
    await expect.poll(() => clock.waiting()).toContain(30_000);
    const answer = (await service.ask("/v1/accounts")).json as { accounts: { login?: unknown; failure?: unknown }[] };
    const [{ login, failure } = {}] = answer.accounts;
    expect(login !== undefined || failure !== undefined).toBe(asks);
  });
});
