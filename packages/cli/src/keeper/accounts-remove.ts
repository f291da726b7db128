import { CommandError, exitCodes } from "../command-error.ts";
import type { AccountFlags } from "../commands/account-options.ts";
import { requireBroker } from "./require-broker.ts";
import { withKeeper } from "./with-keeper.ts";

/** Forgets an account with everything kept for it. */
export async function removeAccount(broker: string, { account, json }: AccountFlags): Promise<void> {
  await withKeeper(async ({ keeper, terminal }) => {
    // A newer Kunji may have added one of a broker that this one does not know.
    const isThere = (await keeper.accounts.listAll()).some((one) => one.broker === broker && one.account === account);
    if (!isThere) requireBroker(keeper, broker);
    if (!(await keeper.accounts.remove({ broker, account }))) {
      throw new CommandError(exitCodes.usedWrongly, `There is no account ${broker}/${account}.`);
    }
    terminal.print(json ? JSON.stringify({ broker, account, removed: true }) : `Forgot ${broker}/${account}.`);
  });
}
