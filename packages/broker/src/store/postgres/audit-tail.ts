import { NEWEST_AUDIT_HASH } from "../audit-link.ts";
import type { AuditLink } from "../verb.ts";
import type { Answer, Query } from "./connection.ts";
import { lockNumber } from "./group-locks.ts";
import { prepared } from "./statement-text.ts";

/**
 * The audit chain is one line through all transactions of all processes, so only one of them at a time may be at its
 * end. Each comes there last, when nothing else is left to do but to append and to commit, and leaves with its commit: the
 * wait is as long as one commit takes, whatever the verbs did before, and many verbs share it.
 */
const AUDIT_LOCK: Query = {
  name: "audit lock",
  text: "SELECT pg_advisory_xact_lock($1::bigint)",
  values: [lockNumber("the end of the audit chain")],
};

const APPEND = `INSERT INTO audit (at, event, client_id, account_id, detail, hash)
  SELECT at, event, client_id, account_id, detail, hash
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[]) WITH ORDINALITY
    AS many (at, event, client_id, account_id, detail, hash, ord) ORDER BY ord`;

/**
 * Everybody comes here, and it moves on: a longer wait than for somebody's rows is no bad sign. It ends with the time that
 * a statement has.
 */
const BE_PATIENT: Query = { text: "SET LOCAL lock_timeout = 0" };

/** Takes the end of the chain, and then, in a statement of its own that sees what was committed meanwhile, reads it. */
export const TAIL_QUERIES: readonly Query[] = [BE_PATIENT, AUDIT_LOCK, prepared(NEWEST_AUDIT_HASH)];

/** The hash of the newest row; undefined before there is one. @param answers to a round that ends with TAIL_QUERIES */
export function readTail(answers: readonly Answer[]): Uint8Array | undefined {
  return answers.at(-1)?.rows[0]?.[0] as Uint8Array | undefined;
}

/** Appends the rows, each linked to the one before it. */
export function auditQueries(links: readonly AuditLink[], newest: Uint8Array | undefined): Query[] {
  let previous = newest;
  const hashes = links.map(({ hashAfter }) => {
    previous = hashAfter(previous);
    return previous;
  });
  const column = (name: keyof AuditLink["link"]) => links.map(({ link }) => link[name]);
  const values = [column("at"), column("event"), column("client_id"), column("account_id"), column("detail"), hashes];
  return [{ name: "append audit", text: APPEND, values }];
}
