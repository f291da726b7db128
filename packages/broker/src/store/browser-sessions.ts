import { execute, selectAll, selectOne, type Verb } from "./verb.ts";

/** A signed-in browser at the account console: a row that signing out deletes (S-40). */
export interface StoredBrowserSession {
  readonly session_key: string;
  readonly digest: Uint8Array;
  readonly form_nonce: string;
  readonly account_id: string;
  /** Sealed TOTP secret on offer while the person enrols. */
  readonly totp_offer: Uint8Array | null;
  readonly notice: string | null;
  /** Sealed: a secret that an app was just given, until a page has shown it. */
  readonly fresh_secret: Uint8Array | null;
  readonly created_at: number;
  readonly expires_at: number;
}

export type NewBrowserSession = Omit<StoredBrowserSession, "totp_offer" | "notice" | "fresh_secret">;

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

/** @param sealed null takes it away */
export function* keepFreshSecret(sessionKey: string, sealed: Uint8Array | null): Verb<void> {
  yield* execute("UPDATE browser_sessions SET fresh_secret = ? WHERE session_key = ?", sealed, sessionKey);
}

/** Takes the fresh secret for the one page that shows it. @returns false when another page was first */
export function* takeFreshSecret(sessionKey: string, sealed: Uint8Array): Verb<boolean> {
  const text = "UPDATE browser_sessions SET fresh_secret = NULL WHERE session_key = ? AND fresh_secret = ?";
  return (yield* execute(text, sessionKey, sealed)) === 1;
}

export type ListedBrowserSession = Pick<StoredBrowserSession, "session_key" | "created_at" | "expires_at">;

/** The browsers in which somebody is signed in, newest first. */
export function* listBrowserSessions(accountId: string, now: number): Verb<ListedBrowserSession[]> {
  return yield* selectAll<ListedBrowserSession>(
    `SELECT session_key, created_at, expires_at FROM browser_sessions WHERE account_id = ? AND expires_at > ?
     ORDER BY session_key DESC`,
    accountId,
    now,
  );
}

/** Signs one browser of a person out. @returns false when it is not the person's, or signed out before (S-62) */
export function* endOwnBrowserSession(sessionKey: string, accountId: string): Verb<boolean> {
  const text = "DELETE FROM browser_sessions WHERE session_key = ? AND account_id = ?";
  return (yield* execute(text, sessionKey, accountId)) === 1;
}

export function* endBrowserSession(sessionKey: string): Verb<void> {
  yield* execute("DELETE FROM browser_sessions WHERE session_key = ?", sessionKey);
}

/** Turning TOTP off, or a new PIN, ends every signed-in browser of the account. */
export function* endBrowserSessions(accountId: string): Verb<void> {
  yield* execute("DELETE FROM browser_sessions WHERE account_id = ?", accountId);
}
