import { keyedDigest } from "../crypto/digest.ts";
import { randomDigits } from "../crypto/random.ts";
import type { OutgoingMessage } from "../messages/message-sender.ts";
import type { SendQueue } from "../messages/send-queue.ts";
import type { BrokerParts } from "../parts.ts";
import { type Account, findAccountByLoginName } from "../store/accounts.ts";
import { changeAttemptAt } from "../store/attempts.ts";
import { appendAudit } from "../store/audit.ts";
import type { Verb } from "../store/verb.ts";
import type { Attempt } from "./attempt.ts";
import type { LoginNotice, LoginStep } from "./login-request.ts";
import { countSend } from "./throttle.ts";

/** A code to be sent after the answer has gone out, so that both kinds of numbers take the same time (S-43). */
export interface OtpToSend {
  readonly account: Account;
  readonly otp: string;
}

export type OtpSent =
  /** `send` is absent for a number nobody has, and when this number's share is used up. */
  | { readonly outcome: "stepped"; readonly send: OtpToSend | undefined }
  | { readonly outcome: "refused"; readonly retryAt: number };

/** The step that asks for the code. */
export interface NextOtpStep {
  readonly step: LoginStep;
  readonly notice: LoginNotice | null;
  /** Nothing is to be sent, and the page must not show it: everything else happens as if it were (S-43). */
  readonly silent: boolean;
  /** How long the code lives; KUNJI_OTP_LIFETIME unless the broker has a life of its own for it. */
  readonly lifetimeSeconds?: number;
  /** Nobody proved anything before they asked for it. */
  readonly isForAnybody?: boolean;
}

/** Puts a message into the queue. */
export type SendMessage = (message: OutgoingMessage) => void;

/** A code that replaces the PIN or password goes by e-mail as well. */
function placesFor(next: Pick<NextOtpStep, "step">): number {
  return next.step === "recover-otp" ? 2 : 1;
}

/**
 * Does the work of `sendOtp()` with places kept for its messages. When the queue is full nothing is written and counted,
 * for a number somebody has and for one nobody has alike, since places are kept for both (S-43, S-124).
 * @throws SendQueueFull
 */
export function withOtpPlaces<T>(
  { messages }: { readonly messages: SendQueue },
  next: Pick<NextOtpStep, "step">,
  work: (send: SendMessage) => Promise<T>,
): Promise<T> {
  return messages.withPlaces(placesFor(next), work);
}

/** Asks for that room before something else is written, such as a guess at the PAN. @throws SendQueueFull */
export function requireOtpPlaces(
  { messages }: { readonly messages: SendQueue },
  next: Pick<NextOtpStep, "step">,
): void {
  messages.requireRoom(placesFor(next));
}

/**
 * Makes a one-time code for the login name and moves the attempt to the step that asks for it. The same rows are
 * written whether or not an account has that name (S-43). Nothing is sent for an attempt that went elsewhere meanwhile:
 * at a recovery, or when it was cancelled, it lost what it had proven.
 */
export function* sendOtp(
  parts: BrokerParts,
  attempt: Attempt,
  loginName: string,
  source: string,
  next: NextOtpStep,
  now: number,
): Verb<OtpSent> {
  const byStranger = next.isForAnybody ? (next.silent ? "silent" : "sent") : undefined;
  const verdict = yield* countSend(parts, { dialect: attempt.dialect, loginName, source, byStranger }, now);
  if (verdict.outcome === "refused") return { outcome: "refused", retryAt: verdict.retryAt };
  const account = yield* findAccountByLoginName(attempt.dialect, loginName);
  const otp = randomDigits(parts.random, 6);
  const { lifetimeSeconds = parts.settings.KUNJI_OTP_LIFETIME } = next;
  const mayReceive = account?.status === "active" && verdict.outcome === "send" && !next.silent;
  const notice: LoginNotice | null = verdict.outcome === "number-exhausted" ? "otp-not-sent" : next.notice;
  const asked = {
    step: next.step,
    login_name: loginName,
    otp_digest: otpDigest(parts, attempt.key, otp),
    // A code that is not sent cannot be used either.
    otp_expires_at: mayReceive ? now + lifetimeSeconds * 1000 : 0,
    otp_tries: 0,
    notice,
  };
  // Where none is sent, the code that was sent to this attempt goes on working: it is all the person has now.
  const keepsCode = verdict.outcome !== "send" && attempt.step === next.step;
  const isHere = yield* changeAttemptAt(attempt.key, attempt.step, keepsCode ? { notice } : asked);
  const isSent = mayReceive && isHere;
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event: "login.otp-sent",
    accountId: account?.accountId,
    detail: { attempt: attempt.key, sent: isSent ? 1 : 0 },
  });
  return { outcome: "stepped", send: account && isSent ? { account, otp } : undefined };
}

/** Six digits are guessable, so their digest is keyed, and bound to the attempt (S-44). */
export function otpDigest(parts: BrokerParts, attemptKey: string, otp: string): Buffer {
  return keyedDigest(parts.keys.guessable, `otp:${attemptKey}:${otp}`);
}

/** The message a code travels in. @param purpose completes "is your code to ..." */
export function otpText(otp: string, purpose: string, lifetimeSeconds: number): string {
  const lifetime = lifetimeSeconds < 120 ? `${lifetimeSeconds} seconds` : `${Math.round(lifetimeSeconds / 60)} minutes`;
  return `${otp} is your code to ${purpose}. It is valid for ${lifetime}. Never tell it to anyone.`;
}
