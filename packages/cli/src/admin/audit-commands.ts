import type { Command } from "commander";
import type { AdminFlags } from "./admin-plan.ts";
import type { AuditVerifyFlags } from "./audit.ts";
import { leaf } from "./leaf.ts";

/** `kunji admin audit ...` */
export function addAuditCommands(group: Command): void {
  leaf(group, "verify", "Check that no row was edited, added, removed or cut off. Exit code 1 when one was.")
    .option("--head <text>", "a head that was kept: all rows up to it must be there")
    .option("--export <file>", "check what kunji admin audit export wrote, instead of the database")
    .action(async (flags: AuditVerifyFlags) => {
      const { verifyAudit } = await import("./audit.ts");
      await verifyAudit(flags);
    });
  leaf(group, "head", "Print the newest row's number and hash, to keep away from the database.")
    .option("--renew", "begin anew after rows were lost and it is known why; a row says so")
    .action(async (flags: AdminFlags & { readonly renew?: true }) => {
      const { printHead } = await import("./audit.ts");
      await printHead(flags);
    });
  leaf(group, "export", "Print the rows as lines of JSON, oldest first. They hold no secret.")
    .option("--to <file>", "write them into a new file")
    .action(async (flags: AdminFlags & { readonly to?: string }) => {
      const { exportAudit } = await import("./audit.ts");
      await exportAudit(flags);
    });
}
