import { execute, manyAtOnce, selectOne, under, type Verb } from "./verb.ts";

/** A person's account at the broker. */
export interface Account {
  /** Internal id, unique over all dialects: `<dialect>:<user id>`. */
  readonly accountId: string;
  readonly dialect: string;
  readonly userId: string;
  /** What the person types first: a mobile number or a client code. */
  readonly loginName: string;
  readonly email: string;
  readonly status: "active" | "closed";
  readonly pinHash: string | null;
  readonly pinFailures: number;
  readonly lockedAt: number | null;
  /** Sealed base32 secret; null until the person enrols. */
  readonly totpSecret: Uint8Array | null;
  readonly panDigest: Uint8Array | null;
  /** JSON text in the dialect's own wire shape. */
  readonly profile: string;
  /** Rises to void all access tokens of the account at once. */
  readonly tokenEpoch: number;
  /** The same for extended tokens, which outlive a change of static IPs. */
  readonly extendedEpoch: number;
}

interface AccountRow {
  account_id: string;
  dialect: string;
  user_id: string;
  login_name: string;
  email: string;
  status: "active" | "closed";
  pin_hash: string | null;
  pin_failures: number;
  locked_at: number | null;
  totp_secret: Uint8Array | null;
  pan_digest: Uint8Array | null;
  profile: string;
  token_epoch: number;
  extended_epoch: number;
}

const COLUMNS = `account_id, dialect, user_id, login_name, email, status, pin_hash, pin_failures, locked_at,
  totp_secret, pan_digest, profile, token_epoch, extended_epoch`;

const BY_LOGIN_NAME = manyAtOnce(`SELECT ${COLUMNS} FROM accounts WHERE dialect = ? AND login_name = ?`, [
  "text",
  "text",
]);
const BY_ID = manyAtOnce(`SELECT ${COLUMNS} FROM accounts WHERE account_id = ?`, ["text"]);

export function* findAccountByLoginName(dialect: string, loginName: string): Verb<Account | undefined> {
  const row = yield* selectOne<AccountRow>(BY_LOGIN_NAME, dialect, loginName);
  return row && toAccount(row);
}

export function* findAccount(accountId: string): Verb<Account | undefined> {
  const row = yield* selectOne<AccountRow>(BY_ID, accountId);
  return row && toAccount(row);
}

/**
 * The account, which nobody locks until this transaction has ended: for a secret that was right and is about to count.
 */
export function* holdAccount(accountId: string): Verb<Account | undefined> {
  const row = yield* selectOne<AccountRow>(under(standing(accountId), BY_ID), accountId);
  return row && toAccount(row);
}

/** What it depends on whether a secret counts. */
function standing(accountId: string): string {
  return `account ${accountId}`;
}

export interface NewAccount {
  readonly accountId: string;
  readonly dialect: string;
  readonly userId: string;
  readonly loginName: string;
  readonly email: string;
  readonly pinHash: string | null;
  readonly totpSecret: Uint8Array | null;
  readonly panDigest: Uint8Array | null;
  /** Wire objects of the dialect, stored as JSON text. */
  readonly profile: object;
  readonly funds: object;
}

export function* saveAccount(account: NewAccount, now: number): Verb<void> {
  yield* execute(
    `INSERT INTO accounts (account_id, dialect, user_id, login_name, email, status, pin_hash, totp_secret, pan_digest,
       profile, funds, created_at) VALUES (?, ?, ?, ?, ?, 'active', ?, ?, ?, ?, ?, ?)`,
    account.accountId,
    account.dialect,
    account.userId,
    account.loginName,
    account.email,
    account.pinHash,
    account.totpSecret,
    account.panDigest,
    JSON.stringify(account.profile),
    JSON.stringify(account.funds),
    now,
  );
}

/** JSON text of the account's funds in the dialect's own shape. */
export function* loadFunds(accountId: string): Verb<string> {
  const row = yield* selectOne<{ funds: string }>("SELECT funds FROM accounts WHERE account_id = ?", accountId);
  if (!row) throw new Error("no such account");
  return row.funds;
}

/** Voids every access token of the account at once, without touching the token rows. */
export function* voidAccountTokens(accountId: string): Verb<void> {
  yield* execute("UPDATE accounts SET token_epoch = token_epoch + 1 WHERE account_id = ?", accountId);
}

/**
 * Counts a PIN try before the PIN is looked at, so that parallel tries cannot outrun the limit (S-47).
 * @returns false when the account is locked or the tries are used up: the PIN must not be evaluated then
 */
export function* countPinTry(accountId: string, limit: number): Verb<boolean> {
  const changed = yield* execute(
    `UPDATE accounts SET pin_failures = pin_failures + 1
     WHERE account_id = ? AND locked_at IS NULL AND pin_failures < ?`,
    accountId,
    limit,
  );
  return changed === 1;
}

/** Takes back a counted try whose PIN was never looked at. */
export function* takeBackPinTry(accountId: string): Verb<void> {
  yield* execute(
    "UPDATE accounts SET pin_failures = pin_failures - 1 WHERE account_id = ? AND locked_at IS NULL AND pin_failures > 0",
    accountId,
  );
}

/** Locks the account when its tries are used up. @returns true when it is locked by this call */
export function* lockAfterFailures(accountId: string, limit: number, now: number): Verb<boolean> {
  const lock = "UPDATE accounts SET locked_at = ? WHERE account_id = ? AND locked_at IS NULL AND pin_failures >= ?";
  const changed = yield* execute(under(standing(accountId), lock), now, accountId, limit);
  return changed === 1;
}

/**
 * After a right PIN: the count starts again. It was within the limit when it was counted, so a lock that wrong ones
 * beside it set meanwhile goes as well. A hash at an older cost is replaced.
 * @param verified the stored hash that the PIN fits
 * @returns false when a recovery set another PIN while this one was checked: it is no right one any more
 */
export function* acceptPin(
  { accountId, extendedEpoch }: Pick<Account, "accountId" | "extendedEpoch">,
  verified: string | null,
  rehash: string | undefined,
): Verb<boolean> {
  const changed = yield* execute(
    "UPDATE accounts SET pin_failures = 0, locked_at = NULL WHERE account_id = ? AND extended_epoch = ?",
    accountId,
    extendedEpoch,
  );
  if (changed === 0) return false;
  if (rehash !== undefined) {
    const replace = "UPDATE accounts SET pin_hash = ? WHERE account_id = ? AND pin_hash = ?";
    yield* execute(replace, rehash, accountId, verified);
  }
  return true;
}

/** A new PIN after recovery: unlocks the account and voids its tokens. */
export function* replacePin(accountId: string, pinHash: string): Verb<void> {
  const replace = `UPDATE accounts SET pin_hash = ?, pin_failures = 0, locked_at = NULL,
    token_epoch = token_epoch + 1, extended_epoch = extended_epoch + 1 WHERE account_id = ?`;
  yield* execute(under(standing(accountId), replace), pinHash, accountId);
}

/** Uses up a TOTP step: each works once, over every channel, also when tries race (S-45). */
export function* spendTotpStep(accountId: string, step: number): Verb<boolean> {
  const changed = yield* execute(
    "UPDATE accounts SET totp_last_step = ? WHERE account_id = ? AND totp_last_step < ?",
    step,
    accountId,
    step,
  );
  return changed === 1;
}

/** Remembers the attempt that the newest SMS code of the account was sent for. */
export function* rememberOtpAttempt(accountId: string, attemptKey: string): Verb<void> {
  yield* execute("UPDATE accounts SET otp_attempt = ? WHERE account_id = ?", attemptKey, accountId);
}

/** @returns undefined when no code was ever sent, or the account is unknown */
export function* findOtpAttempt(accountId: string): Verb<string | undefined> {
  const row = yield* selectOne<{ otp_attempt: string | null }>(
    "SELECT otp_attempt FROM accounts WHERE account_id = ?",
    accountId,
  );
  return row?.otp_attempt ?? undefined;
}

/** Turns TOTP on (sealed secret) or off (null). */
export function* setTotpSecret(accountId: string, sealed: Uint8Array | null): Verb<void> {
  yield* execute("UPDATE accounts SET totp_secret = ? WHERE account_id = ?", sealed, accountId);
}

function toAccount(row: AccountRow): Account {
  return {
    accountId: row.account_id,
    dialect: row.dialect,
    userId: row.user_id,
    loginName: row.login_name,
    email: row.email,
    status: row.status,
    pinHash: row.pin_hash,
    pinFailures: row.pin_failures,
    lockedAt: row.locked_at,
    totpSecret: row.totp_secret,
    panDigest: row.pan_digest,
    profile: row.profile,
    tokenEpoch: row.token_epoch,
    extendedEpoch: row.extended_epoch,
  };
}
