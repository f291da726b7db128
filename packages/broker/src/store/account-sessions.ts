import type { TokenKind } from "./tokens.ts";
import { execute, selectAll, under, type Verb } from "./verb.ts";

/**
 * Counts a token that was just saved among the person's sessions. An account never has more than `most` rows here, so
 * this costs one insert and one short range of an index.
 * @returns keys of the tokens that are one too many, oldest first: the caller revokes them
 */
export function* countSession(accountId: string, tokenKey: string, most: number, now: number): Verb<string[]> {
  const insert = "INSERT INTO account_sessions (account_id, token_key) VALUES (?, ?)";
  yield* execute(under(`sessions ${accountId}`, insert), accountId, tokenKey);
  const sessions = yield* selectAll<{ seq: number; token_key: string; live: number }>(
    `SELECT s.seq, s.token_key,
       CASE WHEN t.revoked_at IS NULL AND t.expires_at > ? AND a.token_epoch = t.account_epoch
         AND c.token_epoch = t.client_epoch THEN 1 ELSE 0 END AS live
     FROM account_sessions s LEFT JOIN tokens t ON t.token_key = s.token_key
       LEFT JOIN accounts a ON a.account_id = t.account_id LEFT JOIN clients c ON c.client_id = t.client_id
     WHERE s.account_id = ? ORDER BY s.seq DESC`,
    now,
    accountId,
  );
  const live = sessions.filter((session) => session.live === 1);
  const kept = new Set(live.slice(0, most));
  for (const session of sessions) {
    if (!kept.has(session)) yield* execute("DELETE FROM account_sessions WHERE seq = ?", session.seq);
  }
  return live
    .slice(most)
    .map((session) => session.token_key)
    .reverse();
}

/** A token that lives, with the app that holds it. */
export interface LiveToken {
  readonly token_key: string;
  readonly kind: TokenKind;
  readonly client_id: string;
  readonly client_name: string;
  readonly account_id: string;
  readonly issued_at: number;
  readonly expires_at: number;
}

/**
 * The tokens of a person that live, by app, newest first. They are found by what bought them - a code, an approval, a
 * direct login - and by what is held for a year: an index on the token rows would cost every exchange.
 */
export function* listLiveTokens(accountId: string, now: number): Verb<LiveToken[]> {
  return yield* selectAll<LiveToken>(
    `SELECT t.token_key, t.kind, t.client_id, c.name AS client_name, t.account_id, t.issued_at, t.expires_at
     FROM tokens t JOIN accounts a ON a.account_id = t.account_id JOIN clients c ON c.client_id = t.client_id
     WHERE t.token_key IN (
         SELECT token_key FROM codes WHERE account_id = ? AND token_key IS NOT NULL
         UNION SELECT token_key FROM token_requests WHERE account_id = ? AND token_key IS NOT NULL
         UNION SELECT token_key FROM account_sessions WHERE account_id = ?
         UNION SELECT token_key FROM held_tokens WHERE account_id = ?)
       AND t.account_id = ? AND t.revoked_at IS NULL AND t.expires_at > ?
       AND a.status = 'active' AND c.status = 'active' AND c.token_epoch = t.client_epoch
       AND (CASE t.kind WHEN 'extended' THEN a.extended_epoch ELSE a.token_epoch END) = t.account_epoch
     ORDER BY c.name, t.client_id, t.token_key DESC`,
    accountId,
    accountId,
    accountId,
    accountId,
    accountId,
    now,
  );
}
