/** A keeper's service with accounts in the states of an ordinary morning, for whoever looks at its dashboard. */
import { accountEntry, writeAccountRecord } from "../../packages/keeper/src/account-record.ts";
import { NOTIFIER_PATH } from "../../packages/keeper/src/login/notifier-address.ts";
import { Secret } from "../../packages/keeper/src/secret.ts";
import { demoAccount, type Kept, startKept } from "../../packages/keeper/test/_kept.ts";
import { freePort } from "../../packages/keeper/test/login/_bench.ts";
import { startTestService, type TestService } from "../../packages/keeper/test/service/_service.ts";

export interface DashboardHouse extends AsyncDisposable {
  readonly kept: Kept;
  readonly service: TestService;
  /** Of the account that logs in by approval: the broker has its address before the account is there. */
  readonly notifierKey: Secret;
}

export async function startDashboard(): Promise<DashboardHouse> {
  const webhookPort = await freePort();
  const notifierKey = new Secret("a".repeat(43));
  const notifierUrl = `http://127.0.0.1:${webhookPort}${NOTIFIER_PATH}${notifierKey.reveal()}`;
  const kept = await startKept({ customers: 3, notifierUrl });
  const service = await startTestService(kept, { webhookPort, schedule: undefined });
  return {
    kept,
    service,
    notifierKey,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await kept[Symbol.asyncDispose]();
    },
  };
}

/** Two accounts are logged in, one waits for an approval, and one for a click. */
export async function fillDashboard({ kept, service, notifierKey }: DashboardHouse): Promise<void> {
  const { broker, person } = kept;
  const { accounts, vault } = service.keeper;
  const upstox = demoAccount(broker, "upstox");
  await accounts.add(upstox);
  await service.keeper.login("upstox", { person });
  await person.done();
  await accounts.add(demoAccount(broker, "tradejini-totp"));
  await service.keeper.login("tradejini", { account: "own" });
  await accounts.add(demoAccount(broker, "tradejini"));
  const family = await accounts.add({ ...upstox, account: "family", way: "approval" });
  await vault.write(accountEntry(family), writeAccountRecord({ ...family, notifierKey }));
  await service.ask("/v1/accounts/upstox/family/login", { method: "POST" });
}
