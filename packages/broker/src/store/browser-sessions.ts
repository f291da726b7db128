import { execute, selectOne, type Verb } from "./verb.ts";

/** A signed-in browser at the account console: a row that signing out deletes (S-40). */
export interface StoredBrowserSession {
  readonly session_key: string;
  readonly digest: Uint8Array;
  readonly form_nonce: string;
  readonly account_id: string;
  /** Sealed TOTP secret on offer while the person enrols. */
  readonly totp_offer: Uint8Array | null;
  readonly notice: string | null;
  readonly created_at: number;
  readonly expires_at: number;
}

export type NewBrowserSession = Omit<StoredBrowserSession, "totp_offer" | "notice">;

export function* saveBrowserSession(session: NewBrowserSession): Verb<void> {
  yield* execute(
    `INSERT INTO browser_sessions (session_key, digest, form_nonce, account_id, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?)`,
    session.session_key,
    session.digest,
    session.form_nonce,
    session.account_id,
    session.created_at,
    session.expires_at,
  );
}

export function* findBrowserSession(sessionKey: string): Verb<StoredBrowserSession | undefined> {
  return yield* selectOne<StoredBrowserSession>("SELECT * FROM browser_sessions WHERE session_key = ?", sessionKey);
}

/** Uses up the form shown last (S-41). */
export function* takeSessionForm(sessionKey: string, nonce: string, nextNonce: string): Verb<boolean> {
  const changed = yield* execute(
    "UPDATE browser_sessions SET form_nonce = ?, notice = NULL WHERE session_key = ? AND form_nonce = ?",
    nextNonce,
    sessionKey,
    nonce,
  );
  return changed === 1;
}

export function* offerTotp(sessionKey: string, sealed: Uint8Array | null): Verb<void> {
  yield* execute("UPDATE browser_sessions SET totp_offer = ? WHERE session_key = ?", sealed, sessionKey);
}

export function* noteOnSession(sessionKey: string, notice: string): Verb<void> {
  yield* execute("UPDATE browser_sessions SET notice = ? WHERE session_key = ?", notice, sessionKey);
}

export function* endBrowserSession(sessionKey: string): Verb<void> {
  yield* execute("DELETE FROM browser_sessions WHERE session_key = ?", sessionKey);
}

/** Turning TOTP off, or a new PIN, ends every signed-in browser of the account. */
export function* endBrowserSessions(accountId: string): Verb<void> {
  yield* execute("DELETE FROM browser_sessions WHERE account_id = ?", accountId);
}
