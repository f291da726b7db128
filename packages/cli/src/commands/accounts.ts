import { type Command, Option } from "commander";
import { accountName } from "./account-options.ts";

/** `kunji accounts add|list|show|remove`. */
export function addAccountsCommand(program: Command): void {
  const accounts = program
    .command("accounts")
    .description("Add, list, show and remove the accounts that are kept logged in.")
    .helpCommand(false);
  accounts
    .command("add")
    .description("Add an account: whose login it is and through which app. Asks for what is not given.")
    .argument("<broker>", "upstox or tradejini")
    .option("--account <name>", "your name for it", accountName, "default")
    .addOption(new Option("--way <way>", "how its login goes").choices(["browser", "approval", "totp"]))
    .option("--client-id <key>", "the app's API key")
    .option("--redirect-uri <uri>", "as registered with the broker, http://127.0.0.1:7475/callback for instance")
    .option("--user-id <id>", "the broker's user id; learnt at the first login when left out")
    .option("--host <url>", "where the broker's API is, when not at its own address")
    .option("--secrets-stdin", 'read secrets from stdin: one JSON object, {"clientSecret":"..."}')
    .option("--replace", "replace an account of this name")
    .option("--store-factors", "allow a PIN and TOTP seed to be stored, sealed with a key of their own")
    .option("--json", "print one line of JSON")
    .addHelpText(
      "after",
      "\nSecrets are asked for without echo, or read from stdin. There is no option for them: others could see it.",
    )
    .allowExcessArguments(false)
    .showHelpAfterError("See kunji accounts add --help.")
    .action(async (broker: string, flags: import("../keeper/accounts-add.ts").AccountsAddFlags) => {
      const { addAccount } = await import("../keeper/accounts-add.ts");
      await addAccount(broker, flags);
    });
  accounts
    .command("list")
    .description("List the accounts.")
    .option("--json", "print one line of JSON")
    .allowExcessArguments(false)
    .showHelpAfterError("See kunji accounts list --help.")
    .action(async (flags: { json?: true }) => {
      const { listAccounts } = await import("../keeper/accounts-list.ts");
      await listAccounts(flags);
    });
  accounts
    .command("show")
    .description("Show an account, and the notifier URL to register when it logs in by approval.")
    .argument("<broker>", "upstox or tradejini")
    .option("--account <name>", "which of your accounts there", accountName, "default")
    .option("--json", "print one line of JSON")
    .addHelpText("after", "\nThe notifier URL ends in a key that is like a password: show it to nobody.")
    .allowExcessArguments(false)
    .showHelpAfterError("See kunji accounts show --help.")
    .action(async (broker: string, flags: import("./account-options.ts").AccountFlags) => {
      const { showAccount } = await import("../keeper/accounts-show.ts");
      await showAccount(broker, flags);
    });
  accounts
    .command("remove")
    .description("Forget an account, its app secret and its token. The token is not ended: kunji logout does that.")
    .argument("<broker>", "upstox or tradejini")
    .option("--account <name>", "which of your accounts there", accountName, "default")
    .option("--json", "print one line of JSON")
    .allowExcessArguments(false)
    .showHelpAfterError("See kunji accounts remove --help.")
    .action(async (broker: string, flags: import("./account-options.ts").AccountFlags) => {
      const { removeAccount } = await import("../keeper/accounts-remove.ts");
      await removeAccount(broker, flags);
    });
}
