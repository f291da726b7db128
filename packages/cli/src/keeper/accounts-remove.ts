import { CommandError, exitCodes } from "../command-error.ts";
import type { AccountFlags } from "../commands/account-options.ts";
import { requireBroker } from "./require-broker.ts";
import { withKeeper } from "./with-keeper.ts";

/** Forgets an account with everything kept for it. */
export async function removeAccount(broker: string, { account, json }: AccountFlags): Promise<void> {
  await withKeeper(async ({ keeper, terminal }) => {
    // Also one of a broker that this Kunji does not know: a newer one may have added it.
    if (!(await keeper.accounts.remove({ broker, account }))) {
      requireBroker(keeper, broker);
      throw new CommandError(exitCodes.usedWrongly, `There is no account ${broker}/${account}.`);
    }
    terminal.print(json ? JSON.stringify({ broker, account, removed: true }) : `Forgot ${broker}/${account}.`);
  });
}
