import type { Account } from "./accounts.ts";
import { execute, manyAtOnce, selectOne, type Verb } from "./verb.ts";

/** An authorization code as stored. What it is bound to: S-12. */
export interface StoredCode {
  readonly code_key: string;
  readonly digest: Uint8Array;
  readonly client_id: string;
  readonly account_id: string;
  readonly redirect_uri: string;
  readonly code_challenge: string | null;
  readonly attempt_key: string;
  readonly client_epoch: number;
  /** The account's `extended_epoch` at issue: a PIN recovery voids codes as well. */
  readonly account_epoch: number;
  readonly issued_at: number;
  readonly expires_at: number;
  readonly spent_at: number | null;
  readonly token_key: string | null;
}

export function* saveCode(code: Omit<StoredCode, "account_epoch" | "spent_at" | "token_key">): Verb<void> {
  yield* execute(
    SAVE,
    code.code_key,
    code.digest,
    code.client_id,
    code.account_id,
    code.redirect_uri,
    code.code_challenge,
    code.attempt_key,
    code.client_epoch,
    code.account_id,
    code.issued_at,
    code.expires_at,
  );
}

const SAVE = manyAtOnce(
  `INSERT INTO codes (code_key, digest, client_id, account_id, redirect_uri, code_challenge, attempt_key,
     client_epoch, account_epoch, issued_at, expires_at)
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, COALESCE((SELECT extended_epoch FROM accounts WHERE account_id = ?), 0), ?, ?)`,
  ["text", "bytes", "text", "text", "text", "text", "text", "number", "text", "number", "number"],
);

/** What an exchange asks about the account of a code. */
export type CodeHolder = Pick<Account, "accountId" | "status" | "profile" | "tokenEpoch" | "extendedEpoch">;

/** What an exchange asks about a code. */
export interface FoundCode extends Omit<StoredCode, "attempt_key" | "issued_at" | "expires_at"> {
  /** Undefined when the account is gone. */
  readonly holder: CodeHolder | undefined;
}

type CodeRow = Omit<FoundCode, "code_key" | "holder"> & {
  readonly status: CodeHolder["status"] | null;
  readonly profile: string;
  readonly token_epoch: number;
  readonly extended_epoch: number;
};

/** A code with its account, in one statement and only the columns that are asked for: this is the hot path. */
export function* findCode(codeKey: string): Verb<FoundCode | undefined> {
  const row = yield* selectOne<CodeRow>(FIND, codeKey);
  return row && toFoundCode(codeKey, row);
}

const FIND = manyAtOnce(
  `SELECT c.digest, c.client_id, c.account_id, c.redirect_uri, c.code_challenge, c.client_epoch, c.account_epoch,
     c.spent_at, c.token_key, a.status, a.profile, a.token_epoch, a.extended_epoch
   FROM codes c LEFT JOIN accounts a ON a.account_id = c.account_id WHERE c.code_key = ?`,
  ["text"],
);

// Named one by one: an object spread and then added to leaves the fast paths of the engine on every request.
function toFoundCode(codeKey: string, row: CodeRow): FoundCode {
  return {
    code_key: codeKey,
    digest: row.digest,
    client_id: row.client_id,
    account_id: row.account_id,
    redirect_uri: row.redirect_uri,
    code_challenge: row.code_challenge,
    client_epoch: row.client_epoch,
    account_epoch: row.account_epoch,
    spent_at: row.spent_at,
    token_key: row.token_key,
    holder: holderOf(row),
  };
}

function holderOf(row: CodeRow): CodeHolder | undefined {
  if (row.status === null) return undefined;
  return {
    accountId: row.account_id,
    status: row.status,
    profile: row.profile,
    tokenEpoch: row.token_epoch,
    extendedEpoch: row.extended_epoch,
  };
}

/**
 * Spends a code: one conditional update whose row count decides, in the transaction of whatever it buys (S-13).
 * @param tokenKey the token it buys; null when the attempt fails and the code is spent all the same (D1)
 * @returns false when the code was spent or had expired
 */
export function* spendCode(codeKey: string, tokenKey: string | null, now: number): Verb<boolean> {
  return (yield* execute(SPEND, now, tokenKey, codeKey, now)) === 1;
}

const SPEND = manyAtOnce(
  "UPDATE codes SET spent_at = ?, token_key = ? WHERE code_key = ? AND spent_at IS NULL AND expires_at > ?",
  ["number", "text", "text", "number"],
);
