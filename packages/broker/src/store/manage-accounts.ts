import { execute, selectAll, selectOne, type Verb } from "./verb.ts";

/** An account as whoever runs the broker sees it. */
export interface AccountRow {
  readonly account_id: string;
  readonly dialect: string;
  readonly user_id: string;
  readonly login_name: string;
  readonly email: string;
  readonly status: "active" | "closed";
  readonly locked_at: number | null;
  readonly has_totp: number;
  readonly has_pan: number;
  readonly profile: string;
  readonly created_at: number;
}

const COLUMNS = `account_id, dialect, user_id, login_name, email, status, locked_at,
  CASE WHEN totp_secret IS NULL THEN 0 ELSE 1 END AS has_totp,
  CASE WHEN pan_digest IS NULL THEN 0 ELSE 1 END AS has_pan, profile, created_at`;

/** Reads on from an account, in the order of their ids. */
export function* listAccounts(afterId: string, most: number): Verb<AccountRow[]> {
  return yield* selectAll<AccountRow>(
    `SELECT ${COLUMNS} FROM accounts WHERE account_id > ? ORDER BY account_id LIMIT ?`,
    afterId,
    most,
  );
}

export function* findAccountRow(accountId: string): Verb<AccountRow | undefined> {
  return yield* selectOne<AccountRow>(`SELECT ${COLUMNS} FROM accounts WHERE account_id = ?`, accountId);
}

export function* replaceAccountStatus(accountId: string, status: "active" | "closed"): Verb<void> {
  yield* execute("UPDATE accounts SET status = ? WHERE account_id = ?", status, accountId);
}

/**
 * Gives an account another mobile number: what it is logged in by, and the profile, change with it as the dialect says.
 * A code that was sent to the earlier number is no longer the account's.
 */
export function* replaceAccountMobile(
  accountId: string,
  { loginName, profile }: { readonly loginName: string; readonly profile: string },
): Verb<void> {
  yield* execute(
    "UPDATE accounts SET login_name = ?, profile = ?, otp_attempt = NULL WHERE account_id = ?",
    loginName,
    profile,
    accountId,
  );
}

/** Voids every code, access token and extended token of an account at once. */
export function* voidAllOfAccount(accountId: string): Verb<void> {
  yield* execute(
    "UPDATE accounts SET token_epoch = token_epoch + 1, extended_epoch = extended_epoch + 1 WHERE account_id = ?",
    accountId,
  );
}

/** Forgets the wrong PINs or passwords of an account. @returns false when it was not locked */
export function* unlockAccount(accountId: string): Verb<boolean> {
  const changed = yield* execute(
    "UPDATE accounts SET pin_failures = 0, locked_at = NULL WHERE account_id = ? AND locked_at IS NOT NULL",
    accountId,
  );
  return changed === 1;
}

/** Ends the requests that wait for an account's owner. */
export function* expireRequestsToAccount(accountId: string, now: number): Verb<void> {
  yield* execute(
    "UPDATE token_requests SET state = 'expired', decided_at = ? WHERE account_id = ? AND state = 'pending'",
    now,
    accountId,
  );
}
