import type { HmacKey } from "../crypto/hmac-key.ts";
import type { BrokerParts } from "../parts.ts";
import { listAuditRows, newestAuditRow } from "../store/audit.ts";
import { type AuditHead, type AuditProblem, type AuditRow, AuditWalk } from "../store/audit-chain.ts";
import {
  findStoredHead,
  reachesHead,
  readAuditHead,
  renewAuditHead,
  type StoredAuditHead,
  writeAuditHead,
} from "../store/audit-head.ts";
import { AdminError } from "./admin-error.ts";
import { writeAuditLine } from "./audit-line.ts";

/** What a walk over the audit rows found (S-99). */
export interface AuditReport {
  readonly outcome: "whole" | "broken";
  readonly rows: number;
  /** What is wrong and where; the first hundred. */
  readonly problems: readonly (AuditProblem | HeadProblem)[];
  readonly problemCount: number;
  /**
   * The row of the head in the database: none up to it was cut off, unless somebody put an earlier head back with the
   * earlier rows. null when there is no such head to go by.
   */
  readonly storedHead: number | null;
  /** The row of the head that was given: none up to it was cut off. */
  readonly keptHead: number | null;
  /** The head to keep until the next time; null when something is wrong. */
  readonly head: string | null;
}

/** The head in the database is no help. */
export type HeadProblem = { readonly kind: "head-missing" } | { readonly kind: "head-forged" };

type TrailParts = Pick<BrokerParts, "db" | "keys">;

const PAGE = 1_000;

/**
 * Walks all audit rows, a page at a time; a broker may go on writing meanwhile.
 * @param keptHead what `auditHead()` gave earlier, kept away from the database: the rows up to it must all be there
 * @throws AdminError `REFUSED` when the head was not made under this key
 */
export async function verifyAuditTrail(parts: TrailParts, keptHead?: string): Promise<AuditReport> {
  const { db, keys } = parts;
  // Before the first row: the chain may only grow from here on.
  const stored = await db.read(() => findStoredHead(keys.audit));
  return await walk(keys.audit, readAuditRows(parts), stored, keptHead);
}

/**
 * The same for what `exportAuditTrail()` wrote. An export holds no head, so where it ends only the kept one can tell.
 * @throws AdminError `REFUSED`, also for a line that is none
 */
export async function verifyAuditExport(
  { keys }: Pick<BrokerParts, "keys">,
  rows: AsyncIterable<AuditRow>,
  keptHead?: string,
): Promise<AuditReport> {
  return await walk(keys.audit, rows, undefined, keptHead);
}

async function walk(
  key: HmacKey,
  rows: AsyncIterable<AuditRow>,
  stored: StoredAuditHead | undefined,
  keptHead: string | undefined,
): Promise<AuditReport> {
  const kept = keptHead === undefined ? undefined : requireHead(key, keptHead);
  const heads = [...(stored?.outcome === "head" ? [stored.head] : []), ...(kept ? [kept] : [])];
  const chain = new AuditWalk(key, heads);
  for await (const row of rows) chain.take(row);
  const found = chain.finish();
  const ofHead = headProblems(stored, found.rows);
  const problemCount = found.problemCount + ofHead.length;
  const isWhole = problemCount === 0;
  return {
    outcome: isWhole ? "whole" : "broken",
    rows: found.rows,
    problems: [...found.problems, ...ofHead],
    problemCount,
    storedHead: stored?.outcome === "head" ? stored.head.seq : null,
    keptHead: kept?.seq ?? null,
    head: isWhole ? writeAuditHead(key, found.head) : null,
  };
}

/** A broker stores the head before its first row, so rows without one mean that somebody removed it. */
function headProblems(stored: StoredAuditHead | undefined, rows: number): HeadProblem[] {
  if (stored?.outcome === "forged") return [{ kind: "head-forged" }];
  return stored?.outcome === "absent" && rows > 0 ? [{ kind: "head-missing" }] : [];
}

/**
 * The newest row, its hash and a tag, as text: to be kept where whoever can change the database cannot change it.
 * @throws AdminError `DAMAGED` when the chain no longer goes through the stored head: a new one would hide that
 */
export async function auditHead({ db, keys }: TrailParts): Promise<string> {
  const { newest, isWhole } = await db.read(function* () {
    const stored = yield* findStoredHead(keys.audit);
    const newest = yield* newestAuditRow();
    const isWhole = stored.outcome === "head" ? yield* reachesHead(stored.head) : newest.seq === 0;
    return { newest, isWhole };
  });
  if (isWhole) return writeAuditHead(keys.audit, newest);
  throw new AdminError("DAMAGED", "The audit rows were cut off or changed: kunji admin audit verify says where.");
}

/**
 * Begins anew after rows were lost and it is known why: the head is the newest row, and an audit row says so. What is
 * wrong with the rows before stays wrong.
 * @returns the new head
 */
export async function renewHead({ db, keys, clock }: TrailParts & Pick<BrokerParts, "clock">): Promise<string> {
  const now = clock.now();
  await db.write(() => renewAuditHead(keys.audit, now));
  return await auditHead({ db, keys });
}

/** The audit rows as lines of JSON, oldest first, read a page at a time. They hold no secret. */
export async function* exportAuditTrail(parts: Pick<BrokerParts, "db">): AsyncGenerator<string> {
  for await (const row of readAuditRows(parts)) yield writeAuditLine(row);
}

async function* readAuditRows({ db }: Pick<BrokerParts, "db">): AsyncGenerator<AuditRow> {
  let after = 0;
  for (;;) {
    const from = after;
    const rows = await db.read(() => listAuditRows(from, PAGE));
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    after = last.seq;
  }
}

function requireHead(key: HmacKey, text: string): AuditHead {
  const head = readAuditHead(key, text.trim());
  if (head) return head;
  throw new AdminError("REFUSED", "The head is not one that kunji admin audit head printed for this broker key.");
}
