import { execute, selectOne, type Verb } from "./verb.ts";

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
  readonly issued_at: number;
  readonly expires_at: number;
  readonly spent_at: number | null;
  readonly token_key: string | null;
}

export function* saveCode(code: Omit<StoredCode, "spent_at" | "token_key">): Verb<void> {
  yield* execute(
    `INSERT INTO codes (code_key, digest, client_id, account_id, redirect_uri, code_challenge, attempt_key,
       client_epoch, issued_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    code.code_key,
    code.digest,
    code.client_id,
    code.account_id,
    code.redirect_uri,
    code.code_challenge,
    code.attempt_key,
    code.client_epoch,
    code.issued_at,
    code.expires_at,
  );
}

export function* findCode(codeKey: string): Verb<StoredCode | undefined> {
  return yield* selectOne<StoredCode>("SELECT * FROM codes WHERE code_key = ?", codeKey);
}

/**
 * Spends a code: one conditional update whose row count decides, in the transaction of whatever it buys (S-13).
 * @param tokenKey the token it buys; null when the attempt fails and the code is spent all the same (D1)
 * @returns false when the code was spent or had expired
 */
export function* spendCode(codeKey: string, tokenKey: string | null, now: number): Verb<boolean> {
  const changed = yield* execute(
    "UPDATE codes SET spent_at = ?, token_key = ? WHERE code_key = ? AND spent_at IS NULL AND expires_at > ?",
    now,
    tokenKey,
    codeKey,
    now,
  );
  return changed === 1;
}
