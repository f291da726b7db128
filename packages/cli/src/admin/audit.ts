import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { AuditReport } from "@kunji/broker";
import { CommandError, exitCodes } from "../command-error.ts";
import type { AdminFlags } from "./admin-plan.ts";
import { type AdminSession, withAdmin } from "./with-admin.ts";

export interface AuditVerifyFlags extends AdminFlags {
  readonly head?: string;
  readonly export?: string;
}

/** `kunji admin audit verify`: exit code 1 when anything is wrong. */
export async function verifyAudit(flags: AuditVerifyFlags): Promise<void> {
  await withAdmin(flags, async (session) => {
    const report = await (flags.export === undefined
      ? session.broker.verifyAuditTrail(session.parts, flags.head)
      : verifyFile(session, flags.export, flags.head));
    session.print.answer(report, () => reportText(report, flags));
    if (report.outcome === "broken") {
      throw new CommandError(
        exitCodes.failed,
        "The audit rows are not as they were written. Keep the database as it is, with its key and its backups: it is evidence.",
      );
    }
  });
}

async function verifyFile(
  { broker, parts }: AdminSession,
  file: string,
  head: string | undefined,
): Promise<AuditReport> {
  const lines = createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Number.POSITIVE_INFINITY });
  return await broker.verifyAuditExport(parts, broker.readAuditLines(lines), head);
}

/** `kunji admin audit head` */
export async function printHead(flags: AdminFlags & { readonly renew?: true }): Promise<void> {
  await withAdmin(flags, async ({ broker, parts, print }) => {
    const head = flags.renew ? await broker.renewHead(parts) : await broker.auditHead(parts);
    print.answer({ head }, () => head);
  });
}

/** `kunji admin audit export`: a line of JSON for each row, whether or not `--json` is given. */
export async function exportAudit(flags: AdminFlags & { readonly to?: string }): Promise<void> {
  await withAdmin(flags, async ({ broker, parts, print }) => {
    let rows = 0;
    const lines = async function* () {
      for await (const line of broker.exportAuditTrail(parts)) {
        rows += 1;
        yield `${line}\n`;
      }
    };
    if (flags.to === undefined) {
      // Whoever reads may have seen enough (`... | head`).
      await pipeline(Readable.from(lines()), process.stdout, { end: false }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EPIPE") throw error;
      });
      return;
    }
    await pipeline(Readable.from(lines()), createWriteStream(flags.to, { flags: "wx" })).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
        throw new CommandError(exitCodes.failed, `${flags.to} is there already: give the export another name.`);
      },
    );
    print.answer({ path: flags.to, rows }, () => `Wrote ${rows} rows to ${flags.to}.`);
  });
}

function reportText(report: AuditReport, flags: AuditVerifyFlags): string {
  const lines: string[] = [];
  if (report.outcome === "whole") {
    lines.push(`The audit rows are whole: ${report.rows} of them.`, ...provenText(report));
    if (report.head !== null && flags.export === undefined) {
      lines.push(`Keep this head away from the database, for --head of the next time:\n${report.head}`);
    }
  } else {
    lines.push(`${report.rows} audit rows, and this is wrong with them:`);
    lines.push(...report.problems.map((problem) => `  - ${problemText(problem)}`));
    const more = report.problemCount - report.problems.length;
    if (more > 0) lines.push(`  - ${more} more like these. Is it the right broker key?`);
  }
  return lines.join("\n");
}

/** Up to where the newest rows cannot have been cut off, and by whose word. */
function provenText({ rows, storedHead, keptHead }: AuditReport): string[] {
  if (rows === 0) return [];
  const lines: string[] = [];
  if (keptHead !== null) lines.push(`None up to row ${keptHead} was cut off, says the head that was kept.`);
  if (storedHead !== null) lines.push(`None up to row ${storedHead} was cut off, says the head in the database.`);
  if (keptHead === null) lines.push("To be sure of the newest ones, keep a head elsewhere and give it with --head.");
  return lines;
}

function problemText(problem: AuditReport["problems"][number]): string {
  switch (problem.kind) {
    case "edited":
      return `row ${problem.seq} is not what was written there`;
    case "added":
      return `row ${problem.seq} was put in between`;
    case "missing":
      return problem.after === 0
        ? `the rows before ${problem.before} are missing`
        : `rows between ${problem.after} and ${problem.before} are missing`;
    case "cut-off":
      return `the rows after ${problem.after} were cut off: there was a row ${problem.upTo}`;
    case "replaced":
      return `the rows up to ${problem.seq} were cut off, and others stand in their place`;
    case "head-missing":
      return "the head in the database was removed, so the newest rows may have been cut off";
    case "head-forged":
      return "the head in the database was not written by this broker, so the newest rows may have been cut off";
  }
}
