import { execute, manyAtOnce, selectOne, type Verb } from "./verb.ts";

/** One person's way through the login pages, as stored. It belongs to one browser cookie (S-35). */
export interface StoredAttempt {
  readonly attempt_key: string;
  readonly cookie_digest: Uint8Array;
  readonly form_nonce: string;
  readonly dialect: string;
  readonly step: string;
  /** JSON text of what was asked for; validated once and kept here (S-08). */
  readonly request: string;
  readonly login_name: string | null;
  readonly account_id: string | null;
  readonly otp_digest: Uint8Array | null;
  readonly otp_expires_at: number | null;
  readonly otp_tries: number;
  readonly pin_tries: number;
  readonly notice: string | null;
  readonly created_at: number;
  readonly expires_at: number;
}

export type NewAttempt = Pick<
  StoredAttempt,
  "attempt_key" | "cookie_digest" | "form_nonce" | "dialect" | "step" | "request" | "created_at" | "expires_at"
>;

export function* saveAttempt(attempt: NewAttempt): Verb<void> {
  yield* execute(
    `INSERT INTO attempts (attempt_key, cookie_digest, form_nonce, dialect, step, request, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    attempt.attempt_key,
    attempt.cookie_digest,
    attempt.form_nonce,
    attempt.dialect,
    attempt.step,
    attempt.request,
    attempt.created_at,
    attempt.expires_at,
  );
}

const FIND = manyAtOnce("SELECT * FROM attempts WHERE attempt_key = ?", ["text"]);

export function* findAttempt(attemptKey: string): Verb<StoredAttempt | undefined> {
  return yield* selectOne<StoredAttempt>(FIND, attemptKey);
}

/** Uses up the form of the page shown last: each works once (S-41). */
export function* takeForm(attemptKey: string, nonce: string, nextNonce: string): Verb<boolean> {
  return (yield* execute(TAKE_FORM, nextNonce, attemptKey, nonce)) === 1;
}

const TAKE_FORM = manyAtOnce(
  "UPDATE attempts SET form_nonce = ?, notice = NULL WHERE attempt_key = ? AND form_nonce = ?",
  ["text", "text", "text"],
);

/** Counts a try at the attempt's SMS code before it is compared (S-47). */
export function* countOtpTry(attemptKey: string): Verb<void> {
  yield* execute("UPDATE attempts SET otp_tries = otp_tries + 1 WHERE attempt_key = ?", attemptKey);
}

/** Uses up an SMS code. @returns false when another channel was first */
export function* spendOtp(attemptKey: string, digest: Uint8Array): Verb<boolean> {
  const changed = yield* execute(
    "UPDATE attempts SET otp_digest = NULL WHERE attempt_key = ? AND otp_digest = ?",
    attemptKey,
    digest,
  );
  return changed === 1;
}

/** The columns a step may change. */
export type AttemptChange = Partial<
  Pick<
    StoredAttempt,
    | "step"
    | "cookie_digest"
    | "login_name"
    | "account_id"
    | "otp_digest"
    | "otp_expires_at"
    | "otp_tries"
    | "pin_tries"
    | "notice"
  >
>;

const CHANGEABLE = [
  "step",
  "cookie_digest",
  "login_name",
  "account_id",
  "otp_digest",
  "otp_expires_at",
  "otp_tries",
  "pin_tries",
  "notice",
] as const satisfies readonly (keyof AttemptChange)[];

export function* changeAttempt(attemptKey: string, change: AttemptChange): Verb<void> {
  const { assignments, values } = assign(change);
  yield* execute(`UPDATE attempts SET ${assignments} WHERE attempt_key = ?`, ...values, attemptKey);
}

/** Changes an attempt that still stands at this step. @returns false when it went elsewhere meanwhile */
export function* changeAttemptAt(attemptKey: string, step: string, change: AttemptChange): Verb<boolean> {
  const { assignments, values } = assign(change);
  const text = `UPDATE attempts SET ${assignments} WHERE attempt_key = ? AND step = ?`;
  return (yield* execute(text, ...values, attemptKey, step)) === 1;
}

function assign(change: AttemptChange) {
  // Column names come from the fixed list above, never from input.
  const columns = CHANGEABLE.filter((column) => change[column] !== undefined);
  const values = columns.map((column) => change[column] ?? null);
  return { assignments: columns.map((column) => `${column} = ?`).join(", "), values };
}

/**
 * Sends the other logins of an account back to their first step: what they proved, they proved with a secret that no
 * longer counts. Those that are over stay so.
 * @param sinceKey `rowKeyFloor()` of the longest a login may take: only that span of keys is read
 */
export function* restartOtherAttempts(
  accountId: string,
  attemptKey: string,
  first: { readonly step: string; readonly notice: string },
  sinceKey: string,
): Verb<void> {
  yield* execute(
    `${RESTART} WHERE attempt_key >= ? AND account_id = ? AND attempt_key <> ? AND step <> 'ended'`,
    first.step,
    first.notice,
    sinceKey,
    accountId,
    attemptKey,
  );
}

/** The same for all logins with a login name, also where nothing was proven yet but a code was sent. */
export function* restartAttemptsNamed(
  dialect: string,
  loginName: string,
  first: { readonly step: string; readonly notice: string },
  sinceKey: string,
): Verb<void> {
  yield* execute(
    `${RESTART} WHERE attempt_key >= ? AND dialect = ? AND login_name = ? AND step <> 'ended'`,
    first.step,
    first.notice,
    sinceKey,
    dialect,
    loginName,
  );
}

const RESTART = `UPDATE attempts SET step = ?, notice = ?, login_name = NULL, account_id = NULL, otp_digest = NULL,
  otp_tries = 0, pin_tries = 0`;
