import type { BrokerParts } from "../parts.ts";
import { changeAttemptAt } from "../store/attempts.ts";
import { appendAudit } from "../store/audit.ts";
import type { Verb } from "../store/verb.ts";
import { type Attempt, noteOnAttempt } from "./attempt.ts";
import { checkCode } from "./check-code.ts";
import type { LoginNotice, LoginStep } from "./login-request.ts";
import { OTP_TRIES } from "./throttle.ts";

export interface OtpTry {
  readonly otp: string;
  readonly source: string;
  /** Which codes count: the one sent by SMS, the authenticator's, or both. */
  readonly accepts: readonly ("sms" | "totp")[];
  /** Where a right code leads. */
  readonly nextStep: LoginStep;
  /** The browser's new cookie after this proof (S-37). */
  readonly newCookieDigest: Uint8Array;
}

const OTP = /^[0-9]{6}$/;

/** A one-time code is six ASCII digits. */
export function isOtp(text: string): boolean {
  return OTP.test(text);
}

/**
 * Checks a one-time code entered on a page. An unknown number, a wrong code and an expired one look and cost the same
 * (S-43, S-111). What the attempt had proven before may have been taken from it since the form came, by a recovery or in
 * another tab: then a right code leads nowhere.
 * @returns whether the attempt moved on; otherwise it carries a notice
 */
export function* verifyOtp(parts: BrokerParts, attempt: Attempt, entry: OtpTry, now: number): Verb<boolean> {
  const { otp, source, accepts } = entry;
  const loginName = attempt.loginName ?? "";
  const guess = { dialect: attempt.dialect, loginName, source, otp, accepts, attemptKey: attempt.key };
  const verdict = yield* checkCode(parts, guess, now);
  if (verdict.outcome === "wait") return yield* refuse(attempt, "wait");
  if (verdict.outcome === "wrong") {
    return yield* refuse(attempt, verdict.tries >= OTP_TRIES ? "otp-used-up" : "otp-wrong");
  }
  const proven = {
    step: entry.nextStep,
    account_id: verdict.account.accountId,
    otp_digest: null,
    cookie_digest: entry.newCookieDigest,
  };
  if (!(yield* changeAttemptAt(attempt.key, attempt.step, proven))) return false;
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event: "login.otp-accepted",
    accountId: verdict.account.accountId,
    detail: { attempt: attempt.key, by: verdict.by },
  });
  return true;
}

function* refuse(attempt: Attempt, notice: LoginNotice): Verb<false> {
  yield* noteOnAttempt(attempt, notice);
  return false;
}
