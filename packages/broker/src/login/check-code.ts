import { equalDigests } from "../crypto/digest.ts";
import type { BrokerParts } from "../parts.ts";
import { type Account, findAccountByLoginName } from "../store/accounts.ts";
import { countOtpTry, findAttempt, type StoredAttempt, spendOtp } from "../store/attempts.ts";
import { appendAudit } from "../store/audit.ts";
import type { Verb } from "../store/verb.ts";
import { otpDigest } from "./send-otp.ts";
import { countGuess, forgiveGuess, OTP_TRIES } from "./throttle.ts";
import { verifyTotp } from "./verify-totp.ts";

/** A one-time code somebody gives, over whatever channel. */
export interface CodeGuess {
  readonly dialect: string;
  readonly loginName: string;
  readonly source: string;
  readonly otp: string;
  /** Which codes count: the one sent by SMS, the authenticator's, or both. */
  readonly accepts: readonly ("sms" | "totp")[];
  /** The attempt an SMS code was sent for; it is good for that one only (S-44). */
  readonly attemptKey: string;
  /** Nothing but a key that is no secret came along, so the try must not use up what another was sent (S-49). */
  readonly isStrangers?: boolean;
}

export type CodeVerdict =
  | { readonly outcome: "right"; readonly account: Account; readonly by: "sms" | "totp" }
  | { readonly outcome: "wait" }
  /** `tries` made at the SMS code, this one included. */
  | { readonly outcome: "wrong"; readonly tries: number };

/**
 * Checks a one-time code: counted first, then compared, used up when right (S-44, S-47). Every channel comes here, so
 * that they share one count and a code works once over all of them (S-45, S-50). Run it in the transaction of what the
 * code buys.
 */
export function* checkCode(parts: BrokerParts, guess: CodeGuess, now: number): Verb<CodeVerdict> {
  const { dialect, loginName, source } = guess;
  const verdict = yield* countGuess({ factor: "otp", dialect, loginName, source }, now);
  if (!verdict.allowed) return { outcome: "wait" };

  const account = yield* findAccountByLoginName(dialect, loginName);
  yield* countOtpTry(guess.isStrangers ? "" : guess.attemptKey);
  // Read here and not with the form: another channel may have used the code up meanwhile.
  const attempt = yield* findAttempt(guess.attemptKey);
  const bySms = yield* takeSmsCode(parts, guess, attempt, now);
  const totpAccount = guess.accepts.includes("totp") ? account : undefined;
  const byTotp = yield* verifyTotp(parts, totpAccount, guess.otp, now);
  if (account?.status === "active" && (bySms || byTotp)) {
    yield* forgiveGuess(verdict.counted, now);
    return { outcome: "right", account, by: bySms ? "sms" : "totp" };
  }
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event: "login.otp-refused",
    accountId: account?.accountId,
    detail: attempt ? { attempt: attempt.attempt_key } : {},
  });
  return { outcome: "wrong", tries: attempt?.otp_tries ?? 0 };
}

/** The same is computed and compared whether or not there is a code to compare with (S-43). */
function* takeSmsCode(
  parts: BrokerParts,
  { attemptKey, otp, accepts, loginName }: CodeGuess,
  attempt: StoredAttempt | undefined,
  now: number,
): Verb<boolean> {
  const presented = otpDigest(parts, attemptKey, otp);
  const matches = equalDigests(presented, attempt?.otp_digest ?? new Uint8Array(presented.length));
  if (!matches || !attempt?.otp_digest || !accepts.includes("sms") || attempt.login_name !== loginName) return false;
  if (attempt.otp_tries > OTP_TRIES || (attempt.otp_expires_at ?? 0) <= now || attempt.expires_at <= now) return false;
  return yield* spendOtp(attemptKey, presented);
}
