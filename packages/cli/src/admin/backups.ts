import type { AdminFlags } from "./admin-plan.ts";
import { readMasterKey, runAdmin, withAdmin } from "./with-admin.ts";

/** `kunji admin backup` */
export async function backUp(path: string, flags: AdminFlags): Promise<void> {
  await runAdmin(flags, async ({ broker, database, print }) => {
    const made = await broker.backUp(database, path);
    print.answer(
      made,
      () => `Backed up to ${made.path}. It is of no use without the broker key: keep a copy of that elsewhere.`,
    );
  });
}

/** `kunji admin restore` */
export async function restore(path: string, flags: AdminFlags): Promise<void> {
  await runAdmin(flags, async (work) => {
    const { broker, database, settings, print } = work;
    const masterKey = readMasterKey(work, { create: false });
    const report = await broker.restore({ database, settings, masterKey }, path);
    print.answer(report, () =>
      [
        `Restored ${report.path} from ${path}, in a new epoch: every code, session and token of before is void.`,
        report.replaced === null ? "There was no database before." : `The database it replaced is ${report.replaced}.`,
        report.audit.outcome === "whole"
          ? `Its audit rows are whole: ${report.audit.rows} of them.`
          : `${report.audit.problemCount} things are wrong with its audit rows: see kunji admin audit verify.`,
        "What changed after the backup is lost: secrets that were rotated, apps and accounts that were disabled. Do it again before the broker starts.",
      ].join("\n"),
    );
  });
}

/** `kunji admin new-epoch` */
export async function beginNewEpoch(flags: AdminFlags): Promise<void> {
  await withAdmin(flags, async ({ broker, parts, print }) => {
    await broker.beginNewEpoch(parts);
    print.answer(
      { done: true },
      () => "A new epoch has begun: every code, session and token is void. People log in again.",
    );
  });
}
