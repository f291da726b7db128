import type { AccountFlags } from "../commands/account-options.ts";
import { showView } from "./show-view.ts";

/** Whose token it is, as the broker says. */
export async function profile(broker: string, flags: AccountFlags): Promise<void> {
  await showView("profile", broker, flags);
}
