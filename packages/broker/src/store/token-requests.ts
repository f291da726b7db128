import { execute, selectAll, selectOne, under, type Verb } from "./verb.ts";

export type TokenRequestState = "pending" | "approved" | "rejected" | "expired";

/** A program's request for a token of its owner's account, waiting for the owner. */
export interface StoredTokenRequest {
  readonly request_key: string;
  readonly link_digest: Uint8Array;
  readonly form_nonce: string;
  readonly client_id: string;
  readonly account_id: string;
  readonly state: TokenRequestState;
  readonly match_number: string | null;
  /** What the person is told on the page shown next. */
  readonly notice: string | null;
  readonly created_at: number;
  readonly expires_at: number;
  readonly decided_at: number | null;
  /** The token that an approval bought. */
  readonly token_key: string | null;
}

export type NewTokenRequest = Omit<StoredTokenRequest, "state" | "notice" | "decided_at" | "token_key">;

/** Ends what waits for a decision on an app's behalf. */
export function* expireTokenRequests(clientId: string, now: number): Verb<void> {
  yield* execute(
    "UPDATE token_requests SET state = 'expired', decided_at = ? WHERE client_id = ? AND state = 'pending'",
    now,
    clientId,
  );
}

export function* saveTokenRequest(request: NewTokenRequest): Verb<void> {
  yield* execute(
    `INSERT INTO token_requests (request_key, link_digest, form_nonce, client_id, account_id, state, match_number,
       created_at, expires_at) VALUES (?, ?, ?, ?, ?, 'pending', ?, ?, ?)`,
    request.request_key,
    request.link_digest,
    request.form_nonce,
    request.client_id,
    request.account_id,
    request.match_number,
    request.created_at,
    request.expires_at,
  );
}

export function* findTokenRequest(requestKey: string): Verb<StoredTokenRequest | undefined> {
  return yield* selectOne<StoredTokenRequest>("SELECT * FROM token_requests WHERE request_key = ?", requestKey);
}

export function* findPendingTokenRequest(
  clientId: string,
  accountId: string,
  now: number,
): Verb<StoredTokenRequest | undefined> {
  // Whoever looks, opens one when there is none: one after the other.
  yield* execute(under(`token request ${clientId} ${accountId}`, EXPIRE), now, clientId, accountId, now);
  return yield* selectOne<StoredTokenRequest>(
    "SELECT * FROM token_requests WHERE client_id = ? AND account_id = ? AND state = 'pending'",
    clientId,
    accountId,
  );
}

const EXPIRE = `UPDATE token_requests SET state = 'expired', decided_at = ?
  WHERE client_id = ? AND account_id = ? AND state = 'pending' AND expires_at <= ?`;

export function* listPendingTokenRequests(accountId: string, now: number): Verb<StoredTokenRequest[]> {
  return yield* selectAll<StoredTokenRequest>(
    `SELECT * FROM token_requests WHERE account_id = ? AND state = 'pending' AND expires_at > ?
     ORDER BY created_at DESC`,
    accountId,
    now,
  );
}

/** Uses up the form shown last (S-41). */
export function* replaceFormNonce(requestKey: string, nonce: string, nextNonce: string): Verb<boolean> {
  const changed = yield* execute(
    "UPDATE token_requests SET form_nonce = ?, notice = NULL WHERE request_key = ? AND form_nonce = ?",
    nextNonce,
    requestKey,
    nonce,
  );
  return changed === 1;
}

export function* noteOnTokenRequest(requestKey: string, notice: string): Verb<void> {
  yield* execute("UPDATE token_requests SET notice = ? WHERE request_key = ?", notice, requestKey);
}

/**
 * Decides a request once, whoever comes first (S-52).
 * @param tokenKey what an approval buys
 * @returns false when it was decided before or has lapsed
 */
export function* decideTokenRequest(
  requestKey: string,
  decision: { readonly state: "approved"; readonly tokenKey: string } | { readonly state: "rejected" },
  now: number,
): Verb<boolean> {
  const changed = yield* execute(
    `UPDATE token_requests SET state = ?, token_key = ?, decided_at = ?
     WHERE request_key = ? AND state = 'pending' AND expires_at > ?`,
    decision.state,
    decision.state === "approved" ? decision.tokenKey : null,
    now,
    requestKey,
    now,
  );
  return changed === 1;
}
