import type { Command } from "commander";
import { type AccountFlags, accountCommand } from "./account-options.ts";

/** `kunji logout`. */
export function addLogoutCommand(program: Command): void {
  accountCommand(program, "logout", "End the session: the token stops working.").action(
    async (broker: string, flags: AccountFlags) => {
      const { logout } = await import("../keeper/logout.ts");
      await logout(broker, flags);
    },
  );
}
