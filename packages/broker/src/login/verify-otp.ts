import { equalDigests } from "../crypto/digest.ts";
import type { BrokerParts } from "../parts.ts";
import { findAccountByLoginName } from "../store/accounts.ts";
import { changeAttempt } from "../store/attempts.ts";
import { appendAudit } from "../store/audit.ts";
import type { Verb } from "../store/verb.ts";
import type { Attempt } from "./attempt.ts";
import type { LoginNotice, LoginStep } from "./login-request.ts";
import { otpDigest } from "./send-otp.ts";
import { countGuess, forgiveGuess, OTP_TRIES } from "./throttle.ts";
import { verifyTotp } from "./verify-totp.ts";

export interface OtpTry {
  readonly otp: string;
  readonly source: string;
  /** Whether an authenticator code counts as well as the SMS code. */
  readonly totpCounts: boolean;
  /** Where a right code leads. */
  readonly nextStep: LoginStep;
  /** The browser's new cookie after this proof (S-37). */
  readonly newCookieDigest: Uint8Array;
}

/**
 * Checks a one-time code: counted first, then compared, used up when right (S-44, S-47). An unknown number, a wrong
 * code and an expired one look and cost the same (S-43, S-111).
 * @returns whether the attempt moved on; otherwise it carries a notice
 */
export function* verifyOtp(parts: BrokerParts, attempt: Attempt, entry: OtpTry, now: number): Verb<boolean> {
  const loginName = attempt.loginName ?? "";
  const guess = { factor: "otp", dialect: attempt.dialect, loginName, source: entry.source } as const;
  const verdict = yield* countGuess(guess, now);
  if (!verdict.allowed) return yield* refuse(attempt, "wait");

  const account = yield* findAccountByLoginName(attempt.dialect, loginName);
  const tries = attempt.otpTries + 1;
  const presented = otpDigest(parts, attempt.key, entry.otp);
  const smsMatches = equalDigests(presented, attempt.otpDigest ?? new Uint8Array(presented.length));
  const smsCounts = smsMatches && tries <= OTP_TRIES && attempt.otpDigest !== null && (attempt.otpExpiresAt ?? 0) > now;
  const totpMatches = yield* verifyTotp(parts, entry.totpCounts ? account : undefined, entry.otp, now);
  if (account?.status !== "active" || !(smsCounts || totpMatches)) {
    yield* changeAttempt(attempt.key, { otp_tries: tries });
    yield* appendAudit(parts.keys.audit, {
      at: now,
      event: "login.otp-refused",
      accountId: account?.accountId,
      detail: { attempt: attempt.key },
    });
    return yield* refuse(attempt, tries >= OTP_TRIES ? "otp-used-up" : "otp-wrong");
  }

  yield* forgiveGuess(verdict.counted, now);
  yield* changeAttempt(attempt.key, {
    step: entry.nextStep,
    account_id: account.accountId,
    otp_digest: null,
    cookie_digest: entry.newCookieDigest,
  });
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event: "login.otp-accepted",
    accountId: account.accountId,
    detail: { attempt: attempt.key, by: smsCounts ? "sms" : "totp" },
  });
  return true;
}

function* refuse(attempt: Attempt, notice: LoginNotice): Verb<false> {
  yield* changeAttempt(attempt.key, { notice });
  return false;
}
