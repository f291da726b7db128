import type { AuditRow } from "../store/audit-chain.ts";
import { AdminError } from "./admin-error.ts";

/** One audit row as a line of an export; the columns under names that read well. */
export function writeAuditLine(row: AuditRow): string {
  return JSON.stringify({
    seq: row.seq,
    at: timeOf(row.at),
    event: row.event,
    clientId: row.client_id,
    accountId: row.account_id,
    detail: detailOf(row.detail),
    hash: Buffer.from(row.hash).toString("base64url"),
  });
}

/** As it stands there where it is no time: one row that somebody spoiled must not keep the others from being exported. */
function timeOf(at: number): string | number {
  const time = new Date(at);
  return Number.isNaN(time.getTime()) ? at : time.toISOString();
}

/** An object where writing it again gives the bytes that were hashed; somebody may have put any text there. */
function detailOf(text: string): unknown {
  try {
    const detail: unknown = JSON.parse(text);
    return typeof detail === "object" && JSON.stringify(detail) === text ? detail : text;
  } catch {
    return text;
  }
}

/** Reads the lines of an export back. @throws AdminError `REFUSED` for a line that is none */
export async function* readAuditLines(lines: AsyncIterable<string>): AsyncGenerator<AuditRow> {
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line !== "") yield readLine(line, number);
  }
}

function readLine(line: string, number: number): AuditRow {
  try {
    const { seq, at, event, clientId, accountId, detail, hash } = JSON.parse(line) as Record<string, unknown>;
    const time = typeof at === "string" ? Date.parse(at) : at;
    if (typeof seq === "number" && typeof time === "number" && typeof event === "string" && typeof hash === "string") {
      const row: AuditRow = {
        seq,
        at: time,
        event,
        client_id: textOrNull(clientId),
        account_id: textOrNull(accountId),
        detail: typeof detail === "string" ? detail : JSON.stringify(detail),
        hash: Buffer.from(hash, "base64url"),
      };
      // Exactly as it was written: a member twice or one more would be read by people and not by the chain (S-99).
      if (writeAuditLine(row) === line) return row;
    }
  } catch {
    // Not even JSON: the same answer.
  }
  throw new AdminError("REFUSED", `Line ${number} is no line of kunji admin audit export.`);
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
