import { execute, selectAll, type Verb } from "./verb.ts";

/**
 * Counts a token that was just saved among the person's sessions. An account never has more than `most` rows here, so
 * this costs one insert and one short range of an index.
 * @returns keys of the tokens that are one too many, oldest first: the caller revokes them
 */
export function* countSession(accountId: string, tokenKey: string, most: number, now: number): Verb<string[]> {
  yield* execute("INSERT INTO account_sessions (account_id, token_key) VALUES (?, ?)", accountId, tokenKey);
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
