import type { AccountFlags } from "../commands/account-options.ts";
import { withKeeper } from "./with-keeper.ts";

/** Ends the session at the broker and forgets its token. */
export async function logout(broker: string, { account, json }: AccountFlags): Promise<void> {
  await withKeeper(async ({ keeper, terminal, signal }) => {
    const wasLoggedIn = await keeper.logout(broker, { account, signal });
    const text = wasLoggedIn ? `Logged out of ${broker}/${account}.` : `${broker}/${account} was not logged in.`;
    terminal.print(json ? JSON.stringify({ broker, account, wasLoggedIn }) : text);
  });
}
