import type { AuditRow } from "../store/audit-chain.ts";
import { AdminError } from "./admin-error.ts";

/** One audit row as a line of an export; the columns under names that read well. */
export function writeAuditLine(row: AuditRow): string {
  return JSON.stringify({
    seq: row.seq,
    at: new Date(row.at).toISOString(),
    event: row.event,
    clientId: row.client_id,
    accountId: row.account_id,
    detail: detailOf(row.detail),
    hash: Buffer.from(row.hash).toString("base64url"),
  });
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
    if (typeof seq === "number" && typeof at === "string" && typeof event === "string" && typeof hash === "string") {
      return {
        seq,
        at: Date.parse(at),
        event,
        client_id: textOrNull(clientId),
        account_id: textOrNull(accountId),
        detail: typeof detail === "string" ? detail : JSON.stringify(detail),
        hash: Buffer.from(hash, "base64url"),
      };
    }
  } catch {
    // Not even JSON: the same answer.
  }
  throw new AdminError("REFUSED", `Line ${number} is no line of kunji admin audit export.`);
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
