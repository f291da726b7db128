import { execute, manyAtOnce, reading, selectOne, under, type Verb } from "./verb.ts";

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
    SAVE,
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

const SAVE = manyAtOnce(
  `INSERT INTO tokens (token_key, digest, kind, client_id, account_id, client_epoch, account_epoch, issued_at,
     expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ["text", "bytes", "text", "text", "text", "number", "number", "number", "number"],
);

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
  return yield* selectOne(FIND, tokenKey);
}

const FIND = reading(
  manyAtOnce(
    `SELECT t.token_key, t.digest, t.kind, t.client_id, t.account_id, t.issued_at, t.expires_at,
       a.user_id, a.profile,
       CASE WHEN t.revoked_at IS NULL AND a.status = 'active' AND c.status = 'active' AND c.token_epoch = t.client_epoch
         AND (CASE t.kind WHEN 'extended' THEN a.extended_epoch ELSE a.token_epoch END) = t.account_epoch
         THEN 1 ELSE 0 END AS current
     FROM tokens t JOIN accounts a ON a.account_id = t.account_id JOIN clients c ON c.client_id = t.client_id
     WHERE t.token_key = ?`,
    ["text"],
  ),
  readStoredToken,
);

function readStoredToken(values: readonly unknown[]): StoredToken {
  return {
    token_key: values[0] as string,
    digest: values[1] as Uint8Array,
    kind: values[2] as TokenKind,
    client_id: values[3] as string,
    account_id: values[4] as string,
    issued_at: values[5] as number,
    expires_at: values[6] as number,
    user_id: values[7] as string,
    profile: values[8] as string,
    current: values[9] as number,
  };
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

/** The token of a kind that an app holds for an account, at their present epochs. */
export type HeldToken = Pick<NewToken, "clientId" | "clientEpoch" | "accountId" | "accountEpoch" | "kind">;

/** Its row key, if it lives. Nobody else makes another token the one that is held until this transaction has ended. */
export function* findHeldToken(held: HeldToken, now: number): Verb<string | undefined> {
  const { clientId, accountId, kind, clientEpoch, accountEpoch } = held;
  const select = under(place(held), FIND_HELD);
  return yield* selectOne(select, clientId, accountId, kind, now, clientEpoch, accountEpoch);
}

/** What there is one of. */
function place({ kind, clientId, accountId }: Pick<HeldToken, "kind" | "clientId" | "accountId">): string {
  return `held ${kind} ${clientId} ${accountId}`;
}

const FIND_HELD = reading(
  manyAtOnce(
    `SELECT h.token_key FROM held_tokens h JOIN tokens t ON t.token_key = h.token_key
     WHERE h.client_id = ? AND h.account_id = ? AND h.kind = ? AND t.revoked_at IS NULL AND t.expires_at > ?
       AND t.client_epoch = ? AND t.account_epoch = ?`,
    ["text", "text", "text", "number", "number", "number"],
  ),
  ([tokenKey]) => tokenKey as string,
);

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
  const revoke = `UPDATE tokens SET revoked_at = ? WHERE revoked_at IS NULL AND token_key =
    (SELECT token_key FROM held_tokens WHERE client_id = ? AND account_id = ? AND kind = ?)`;
  yield* execute(under(place(token), revoke), now, token.clientId, token.accountId, token.kind);
  yield* execute(
    `INSERT INTO held_tokens (client_id, account_id, kind, token_key) VALUES (?, ?, ?, ?)
     ON CONFLICT (client_id, account_id, kind) DO UPDATE SET token_key = excluded.token_key`,
    token.clientId,
    token.accountId,
    token.kind,
    token.tokenKey,
  );
}
