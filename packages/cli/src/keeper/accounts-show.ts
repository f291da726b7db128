import { DEFAULT_WEBHOOK_PORT, notifierAdvice, notifierPath } from "@kunji/keeper";
import type { AccountFlags } from "../commands/account-options.ts";
import { alignFacts } from "../terminal/facts.ts";
import { withKeeper } from "./with-keeper.ts";

/** One account as it was added. Its app secret is never shown; its notifier URL is, since its owner has to register it. */
export async function showAccount(brokerName: string, { account: name, json }: AccountFlags): Promise<void> {
  await withKeeper(async ({ keeper, terminal }) => {
    const profile = await keeper.accounts.load({ broker: brokerName, account: name });
    const { broker, account, way, clientId, redirectUri, userId, host, notifierKey } = profile;
    if (json) {
      const path = notifierKey && notifierPath(notifierKey);
      const facts = { broker, account, way, clientId, redirectUri, userId, host, notifierPath: path };
      return terminal.print(JSON.stringify(facts));
    }
    const { style } = terminal;
    const rows = [
      ["Login", way],
      ["API key", clientId],
      ["Redirect URL", redirectUri],
      ["User", userId ?? "known after the first login"],
      ["Broker's address", host],
    ].filter((row): row is string[] => row[1] !== undefined);
    terminal.print(`${style.bold(`${broker}/${account}`)}\n${alignFacts(rows, style, 2)}`);
    if (!notifierKey) return;
    const title = keeper.brokers.find((one) => one.name === broker)?.title ?? broker;
    terminal.print(`\n${notifierAdvice({ title, key: notifierKey, port: DEFAULT_WEBHOOK_PORT })}`);
  });
}
