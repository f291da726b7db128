import type { Command } from "commander";
import { addAccountCommands } from "../admin/account-commands.ts";
import type { AdminFlags } from "../admin/admin-plan.ts";
import { addAuditCommands } from "../admin/audit-commands.ts";
import { addClientCommands } from "../admin/client-commands.ts";
import { leaf } from "../admin/leaf.ts";

/** `kunji admin`: what whoever runs a broker does to its database. Its code is loaded only when it runs. */
export function addAdminCommand(program: Command): void {
  const admin = program
    .command("admin")
    .description("Run a real broker: register apps, open accounts, check the audit rows, back up and restore.")
    .helpCommand(false)
    .addHelpText(
      "after",
      `
The database is the one of --database or KUNJI_DATABASE_URL (default: sqlite:kunji.db), the key the one kunji serve reads.
A broker may be running on it, but for restore.`,
    );
  addClientCommands(admin.command("client").description("The apps that may ask people to log in.").helpCommand(false));
  addAccountCommands(admin.command("account").description("The people who log in.").helpCommand(false));
  addAuditCommands(admin.command("audit").description("The rows that say what happened.").helpCommand(false));
  leaf(admin, "backup", "Copy a SQLite database into a new file, also while the broker runs.")
    .argument("<path>", "where the copy goes")
    .action(async (path: string, flags: AdminFlags) => {
      const { backUp } = await import("../admin/backups.ts");
      await backUp(path, flags);
    });
  leaf(admin, "restore", "Put a backup in the database's place, in a new epoch. The broker must be stopped.")
    .argument("<path>", "a file that kunji admin backup made")
    .action(async (path: string, flags: AdminFlags) => {
      const { restore } = await import("../admin/backups.ts");
      await restore(path, flags);
    });
  leaf(admin, "new-epoch", "Void every code, session and token at once, as after a restore with other tools.").action(
    async (flags: AdminFlags) => {
      const { beginNewEpoch } = await import("../admin/backups.ts");
      await beginNewEpoch(flags);
    },
  );
}
