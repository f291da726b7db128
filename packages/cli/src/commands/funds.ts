import type { Command } from "commander";
import { type AccountFlags, accountCommand } from "./account-options.ts";

/** `kunji funds`. */
export function addFundsCommand(program: Command): void {
  accountCommand(program, "funds", "Show the funds of an account.").action(
    async (broker: string, flags: AccountFlags) => {
      const { funds } = await import("../keeper/funds.ts");
      await funds(broker, flags);
    },
  );
}
