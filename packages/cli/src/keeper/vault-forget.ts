import type { AccountFlags } from "../commands/account-options.ts";
import { withKeeper } from "./with-keeper.ts";

export interface ForgetFlags extends AccountFlags {
  readonly factors?: true;
}

/** Removes what is kept of one account, here only. */
export async function forget(broker: string, { account, factors, json }: ForgetFlags): Promise<void> {
  await withKeeper(async ({ keeper, terminal }) => {
    await keeper.accounts.load({ broker, account });
    const kind = factors ? "factors" : "session";
    const removed = await keeper.vault.remove({ kind, broker, account });
    const what = factors ? "the PIN and TOTP seed" : "the token";
    const text = removed ? `Forgot ${what} of ${broker}/${account}.` : `${broker}/${account} has none stored.`;
    terminal.print(json ? JSON.stringify({ broker, account, kind, removed }) : text);
  });
}
