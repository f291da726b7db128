import type { Command } from "commander";
import { type AccountFlags, accountCommand } from "./account-options.ts";

/** `kunji profile`. */
export function addProfileCommand(program: Command): void {
  accountCommand(program, "profile", "Show whose token it is, as the broker says.").action(
    async (broker: string, flags: AccountFlags) => {
      const { profile } = await import("../keeper/profile.ts");
      await profile(broker, flags);
    },
  );
}
