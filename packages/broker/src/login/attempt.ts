import {
  type MintedCredential,
  mintCredential,
  type PresentedCredential,
  readCredential,
} from "../crypto/credential.ts";
import { equalDigests } from "../crypto/digest.ts";
import { isRowKey, newRowKey } from "../crypto/row-key.ts";
import type { BrokerParts } from "../parts.ts";
import {
  changeAttempt,
  changeAttemptAt,
  findAttempt,
  type StoredAttempt,
  saveAttempt,
  takeForm,
} from "../store/attempts.ts";
import { appendAudit } from "../store/audit.ts";
import type { Verb } from "../store/verb.ts";
import { isFormToken } from "./csrf.ts";
import type { LoginNotice, LoginRequest, LoginStep } from "./login-request.ts";

/** A login in progress, as the steps see it. */
export interface Attempt {
  readonly key: string;
  readonly dialect: string;
  readonly step: LoginStep;
  readonly request: LoginRequest;
  readonly loginName: string | null;
  readonly accountId: string | null;
  readonly otpDigest: Uint8Array | null;
  readonly otpExpiresAt: number | null;
  readonly otpTries: number;
  readonly pinTries: number;
  readonly notice: LoginNotice | null;
  /** Nonce of the form that works now; see csrf.ts. */
  readonly formNonce: string;
  readonly expiresAt: number;
}

const COOKIE_PREFIX = "";

/** A fresh browser cookie for an attempt; its row key is of no use to anybody. */
export function mintAttemptCookie(parts: BrokerParts, now: number): MintedCredential {
  return mintCredential(COOKIE_PREFIX, now, parts.random);
}

export function readAttemptCookie(text: string | undefined): PresentedCredential | undefined {
  return text === undefined ? undefined : readCredential(COOKIE_PREFIX, text);
}

/** Opens an attempt for a validated request. @returns its key, which is the handle in the page's address */
export function* openAttempt(
  parts: BrokerParts,
  dialect: string,
  request: LoginRequest,
  cookie: MintedCredential,
  now: number,
): Verb<string> {
  const key = newRowKey(now, parts.random);
  yield* saveAttempt({
    attempt_key: key,
    cookie_digest: cookie.digest,
    form_nonce: newRowKey(now, parts.random),
    dialect,
    step: "identify" satisfies LoginStep,
    request: JSON.stringify(request),
    created_at: now,
    expires_at: now + parts.settings.KUNJI_ATTEMPT_LIFETIME * 1000,
  });
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event: "login.started",
    clientId: request.kind === "authorize" ? request.clientId : undefined,
    detail: { attempt: key },
  });
  return key;
}

/**
 * Finds an attempt for the browser that holds its cookie (S-35).
 * @returns undefined when it is unknown, lapsed, or another browser's
 */
export function* loadAttempt(
  dialect: string,
  attemptKey: string,
  cookie: PresentedCredential | undefined,
  now: number,
): Verb<Attempt | undefined> {
  if (!cookie || !isRowKey(attemptKey)) return undefined;
  const row = yield* findAttempt(attemptKey);
  if (!row || row.dialect !== dialect || row.expires_at <= now) return undefined;
  return equalDigests(row.cookie_digest, cookie.digest) ? toAttempt(row) : undefined;
}

export type TakenForm =
  | { readonly outcome: "taken"; readonly attempt: Attempt }
  | { readonly outcome: "gone" }
  | { readonly outcome: "form-used" };

/**
 * Takes the form a browser posts: the attempt is its own, and the form is the one shown last and not used before.
 * Reading and using it up are one transaction, so of two posts one wins (S-41).
 */
export function* takeAttemptForm(
  parts: BrokerParts,
  dialect: string,
  attemptKey: string,
  cookie: PresentedCredential | undefined,
  csrf: string | undefined,
  now: number,
): Verb<TakenForm> {
  const attempt = yield* loadAttempt(dialect, attemptKey, cookie, now);
  if (!attempt) return { outcome: "gone" };
  const isCurrent = isFormToken(parts.keys.form, attempt.key, attempt.formNonce, csrf);
  if (!isCurrent || !(yield* takeForm(attempt.key, attempt.formNonce, newRowKey(now, parts.random)))) {
    // An attempt that is over keeps saying how it ended.
    if (attempt.step !== "ended") yield* noteOnAttempt(attempt, "form-used");
    return { outcome: "form-used" };
  }
  return { outcome: "taken", attempt };
}

/** Leaves the attempt where it is and says something on the page. One that went elsewhere meanwhile says that. */
export function* noteOnAttempt(attempt: Attempt, notice: LoginNotice): Verb<void> {
  yield* changeAttemptAt(attempt.key, attempt.step, { notice });
}

/** Ends an attempt: nothing can be posted to it any more. */
export function* endAttempt(attempt: Attempt, notice: LoginNotice): Verb<void> {
  yield* changeAttempt(attempt.key, { step: "ended" satisfies LoginStep, notice, otp_digest: null });
}

/**
 * Ends an attempt from the step it stood at when its form was taken. A PIN takes a while to check, and another tab may
 * have cancelled meanwhile: whoever ends it first decides what the app hears (S-58).
 * @returns false when it is over or stands elsewhere
 */
export function* endAttemptFromHere(attempt: Attempt, notice: LoginNotice): Verb<boolean> {
  const ended = { step: "ended" satisfies LoginStep, notice, otp_digest: null };
  return yield* changeAttemptAt(attempt.key, attempt.step, ended);
}

/** Back to the first step; whatever was proven is forgotten (S-34). One that is over by now stays so. */
export function* restartAttempt(attempt: Attempt): Verb<void> {
  yield* changeAttemptAt(attempt.key, attempt.step, {
    step: "identify" satisfies LoginStep,
    login_name: null,
    account_id: null,
    otp_digest: null,
    otp_tries: 0,
    pin_tries: 0,
    notice: "restarted" satisfies LoginNotice,
  });
}

/** The attempt goes on for nobody: whatever is entered from here on leads nowhere. */
export function* forgetAccount(attempt: Attempt): Verb<void> {
  yield* changeAttempt(attempt.key, { account_id: null });
}

function toAttempt(row: StoredAttempt): Attempt {
  return {
    key: row.attempt_key,
    dialect: row.dialect,
    step: row.step as LoginStep,
    request: JSON.parse(row.request) as LoginRequest,
    loginName: row.login_name,
    accountId: row.account_id,
    otpDigest: row.otp_digest,
    otpExpiresAt: row.otp_expires_at,
    otpTries: row.otp_tries,
    pinTries: row.pin_tries,
    notice: row.notice as LoginNotice | null,
    formNonce: row.form_nonce,
    expiresAt: row.expires_at,
  };
}
