import type { AccountFlags } from "../commands/account-options.ts";
import { showView } from "./show-view.ts";

/** What the account can trade with. */
export async function funds(broker: string, flags: AccountFlags): Promise<void> {
  await showView("funds", broker, flags);
}
