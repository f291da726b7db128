import type { Account } from "./accounts.ts";
import { execute, manyAtOnce, reading, selectOne, type Verb } from "./verb.ts";

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

/** The columns of a code `c` and its account `a`, only those that an exchange asks for; see `readFoundCode()`. */
export const FOUND_CODE_COLUMNS = `c.code_key, c.digest, c.client_id, c.account_id, c.redirect_uri, c.code_challenge,
  c.client_epoch, c.account_epoch, c.spent_at, c.token_key, a.status, a.profile, a.token_epoch, a.extended_epoch`;

/**
 * Reads FOUND_CODE_COLUMNS.
 * @param at where they begin
 * @returns undefined when there was no code
 */
export function readFoundCode(values: readonly unknown[], at: number): FoundCode | undefined {
  const codeKey = values[at] as string | null;
  if (codeKey === null) return undefined;
  const accountId = values[at + 3] as string;
  return {
    code_key: codeKey,
    digest: values[at + 1] as Uint8Array,
    client_id: values[at + 2] as string,
    account_id: accountId,
    redirect_uri: values[at + 4] as string,
    code_challenge: values[at + 5] as string | null,
    client_epoch: values[at + 6] as number,
    account_epoch: values[at + 7] as number,
    spent_at: values[at + 8] as number | null,
    token_key: values[at + 9] as string | null,
    holder: readHolder(accountId, values, at + 10),
  };
}

function readHolder(accountId: string, values: readonly unknown[], at: number): CodeHolder | undefined {
  const status = values[at] as CodeHolder["status"] | null;
  if (status === null) return undefined;
  return {
    accountId,
    status,
    profile: values[at + 1] as string,
    tokenEpoch: values[at + 2] as number,
    extendedEpoch: values[at + 3] as number,
  };
}

/** A code with its account. */
export function* findCode(codeKey: string): Verb<FoundCode | undefined> {
  return yield* selectOne(FIND, codeKey);
}

const FIND = reading(
  manyAtOnce(
    `SELECT ${FOUND_CODE_COLUMNS} FROM codes c LEFT JOIN accounts a ON a.account_id = c.account_id
     WHERE c.code_key = ?`,
    ["text"],
  ),
  (values) => readFoundCode(values, 0),
);

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
