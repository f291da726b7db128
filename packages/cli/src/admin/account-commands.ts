import type { Command } from "commander";
import type { AccountCreateFlags } from "./accounts.ts";
import type { AdminFlags } from "./admin-plan.ts";
import { leaf } from "./leaf.ts";

const SECRETS = ["--secrets-stdin", 'read from stdin instead of asking: {"pin":"..."} or {"password":"..."}'] as const;

/** `kunji admin account ...` */
export function addAccountCommands(group: Command): void {
  account(group, "create", "Open an account. Asks for the PIN or password, without echo.")
    .requiredOption("--name <name>", "the person's name")
    .requiredOption("--mobile <number>", "ten digits; SMS codes go there")
    .requiredOption("--email <address>", "codes for a new PIN or password go there too")
    .option("--totp", "enrol an authenticator app; its secret is printed once")
    .option(SECRETS[0], `${SECRETS[1]}, with "pan" for recovery`)
    .action(async (broker: string, userId: string, flags: AccountCreateFlags) => {
      const { createAccount } = await import("./accounts.ts");
      await createAccount(broker, userId, flags);
    });
  leaf(group, "list", "List all accounts.").action(async (flags: AdminFlags) => {
    const { listAccounts } = await import("./accounts.ts");
    await listAccounts(flags);
  });
  account(group, "show", "Show an account.").action(async (broker: string, userId: string, flags: AdminFlags) => {
    const { showAccount } = await import("./accounts.ts");
    await showAccount(broker, userId, flags);
  });
  account(group, "set", "Change a person's mobile number. Ends the account's browsers, logins and requests under way.")
    .requiredOption("--mobile <number>", "ten digits; SMS codes go there, and at Upstox it is what one logs in with")
    .action(async (broker: string, userId: string, flags: AdminFlags & { readonly mobile: string }) => {
      const { setAccount } = await import("./accounts.ts");
      await setAccount(broker, userId, flags);
    });
  account(group, "set-pin", "Set a new PIN or password. Unlocks the account and ends its tokens and logins.")
    .option(...SECRETS)
    .action(async (broker: string, userId: string, flags: AdminFlags & { readonly secretsStdin?: true }) => {
      const { setPin } = await import("./accounts.ts");
      await setPin(broker, userId, flags);
    });
  account(group, "reset-totp", "Forget the authenticator app of somebody who lost it.").action(
    async (broker: string, userId: string, flags: AdminFlags) => {
      const { resetTotp } = await import("./accounts.ts");
      await resetTotp(broker, userId, flags);
    },
  );
  account(group, "unlock", "Let somebody try again who was locked out after wrong PINs or passwords.").action(
    async (broker: string, userId: string, flags: AdminFlags) => {
      const { unlockAccount } = await import("./accounts.ts");
      await unlockAccount(broker, userId, flags);
    },
  );
  account(group, "disable", "Disable an account: all that it holds ends at once, and nobody logs in to it.").action(
    async (broker: string, userId: string, flags: AdminFlags) => {
      const { disableAccount } = await import("./accounts.ts");
      await disableAccount(broker, userId, flags);
    },
  );
  account(group, "enable", "Let a disabled account log in again.").action(
    async (broker: string, userId: string, flags: AdminFlags) => {
      const { enableAccount } = await import("./accounts.ts");
      await enableAccount(broker, userId, flags);
    },
  );
}

function account(group: Command, name: string, description: string): Command {
  return leaf(group, name, description)
    .argument("<broker>", "upstox or tradejini")
    .argument("<user-id>", "user id or client code");
}
