import type { Command } from "commander";
import { accountName } from "./account-options.ts";

/** `kunji vault list|rotate|forget`. */
export function addVaultCommand(program: Command): void {
  const vault = program
    .command("vault")
    .description("Look after the place where tokens and app secrets are kept, sealed.")
    .helpCommand(false);
  vault
    .command("list")
    .description("List what is kept; nothing is opened.")
    .option("--json", "print one line of JSON")
    .allowExcessArguments(false)
    .showHelpAfterError("See kunji vault list --help.")
    .action(async (flags: { json?: true }) => {
      const { listVault } = await import("../keeper/vault-list.ts");
      await listVault(flags);
    });
  vault
    .command("rotate")
    .description("Seal everything with a fresh key.")
    .option("--json", "print one line of JSON")
    .allowExcessArguments(false)
    .showHelpAfterError("See kunji vault rotate --help.")
    .action(async (flags: { json?: true }) => {
      const { rotateVault } = await import("../keeper/vault-rotate.ts");
      await rotateVault(flags);
    });
  vault
    .command("forget")
    .description("Remove the kept token of an account, here only: at the broker it lives on. See kunji logout.")
    .argument("<broker>", "upstox or tradejini")
    .option("--account <name>", "which of your accounts there", accountName, "default")
    .option("--factors", "remove the stored PIN and TOTP seed instead")
    .option("--json", "print one line of JSON")
    .allowExcessArguments(false)
    .showHelpAfterError("See kunji vault forget --help.")
    .action(async (broker: string, flags: import("../keeper/vault-forget.ts").ForgetFlags) => {
      const { forget } = await import("../keeper/vault-forget.ts");
      await forget(broker, flags);
    });
}
