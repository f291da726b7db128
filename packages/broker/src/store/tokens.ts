import { execute, selectOne, type Verb } from "./verb.ts";

/** `access` does everything until the daily cut-off; `extended` is the one-year read-only token. */
export type TokenKind = "access" | "extended";

export interface NewToken {
  readonly tokenKey: string;
  readonly digest: Uint8Array;
  readonly kind: TokenKind;
  readonly clientId: string;
  readonly accountId: string;
  readonly clientEpoch: number;
  readonly accountEpoch: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export function* saveToken(token: NewToken): Verb<void> {
  yield* execute(
    `INSERT INTO tokens (token_key, digest, kind, client_id, account_id, client_epoch, account_epoch, issued_at,
       expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    token.tokenKey,
    token.digest,
    token.kind,
    token.clientId,
    token.accountId,
    token.clientEpoch,
    token.accountEpoch,
    token.issuedAt,
    token.expiresAt,
  );
}

/** A token with what decides whether it lives, read in one statement. */
export interface StoredToken {
  readonly token_key: string;
  readonly digest: Uint8Array;
  readonly kind: TokenKind;
  readonly client_id: string;
  readonly account_id: string;
  readonly issued_at: number;
  readonly expires_at: number;
  readonly user_id: string;
  readonly profile: string;
  readonly current: number;
}

/**
 * `current` is 1 while the token is not revoked, app and account are in good standing and neither has voided its tokens
 * since issue.
 */
export function* findToken(tokenKey: string): Verb<StoredToken | undefined> {
  return yield* selectOne<StoredToken>(
    `SELECT t.token_key, t.digest, t.kind, t.client_id, t.account_id, t.issued_at, t.expires_at,
       a.user_id, a.profile,
       CASE WHEN t.revoked_at IS NULL AND a.status = 'active' AND c.status = 'active' AND c.token_epoch = t.client_epoch
         AND (CASE t.kind WHEN 'extended' THEN a.extended_epoch ELSE a.token_epoch END) = t.account_epoch
         THEN 1 ELSE 0 END AS current
     FROM tokens t JOIN accounts a ON a.account_id = t.account_id JOIN clients c ON c.client_id = t.client_id
     WHERE t.token_key = ?`,
    tokenKey,
  );
}

/** @returns false when it was revoked before or is unknown */
export function* revokeToken(tokenKey: string, now: number): Verb<boolean> {
  const changed = yield* execute(
    "UPDATE tokens SET revoked_at = ? WHERE token_key = ? AND revoked_at IS NULL",
    now,
    tokenKey,
  );
  return changed === 1;
}

/** Row key of the token of a kind that an app holds for an account, if it lives at their present epochs. */
export function* findHeldToken(
  held: Pick<NewToken, "clientId" | "clientEpoch" | "accountId" | "accountEpoch" | "kind">,
  now: number,
): Verb<string | undefined> {
  const row = yield* selectOne<{ token_key: string }>(
    `SELECT h.token_key FROM held_tokens h JOIN tokens t ON t.token_key = h.token_key
     WHERE h.client_id = ? AND h.account_id = ? AND h.kind = ? AND t.revoked_at IS NULL AND t.expires_at > ?
       AND t.client_epoch = ? AND t.account_epoch = ?`,
    held.clientId,
    held.accountId,
    held.kind,
    now,
    held.clientEpoch,
    held.accountEpoch,
  );
  return row?.token_key;
}

/** Ends the token of a kind that app and account hold, if it was issued at that moment. */
export function* revokeHeldTokenFrom(
  clientId: string,
  accountId: string,
  kind: TokenKind,
  issuedAt: number,
  now: number,
): Verb<void> {
  yield* execute(
    `UPDATE tokens SET revoked_at = ? WHERE revoked_at IS NULL AND issued_at = ? AND token_key =
       (SELECT token_key FROM held_tokens WHERE client_id = ? AND account_id = ? AND kind = ?)`,
    now,
    issuedAt,
    clientId,
    accountId,
    kind,
  );
}

/** Makes a token the one of its kind that app and account hold; the one before it dies. */
export function* holdToken(token: NewToken, now: number): Verb<void> {
  yield* execute(
    `UPDATE tokens SET revoked_at = ? WHERE revoked_at IS NULL AND token_key =
       (SELECT token_key FROM held_tokens WHERE client_id = ? AND account_id = ? AND kind = ?)`,
    now,
    token.clientId,
    token.accountId,
    token.kind,
  );
  yield* execute(
    `INSERT INTO held_tokens (client_id, account_id, kind, token_key) VALUES (?, ?, ?, ?)
     ON CONFLICT (client_id, account_id, kind) DO UPDATE SET token_key = excluded.token_key`,
    token.clientId,
    token.accountId,
    token.kind,
    token.tokenKey,
  );
}
