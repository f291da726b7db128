import { equalDigests, keyedDigest } from "../crypto/digest.ts";
import { rowKeyFloor } from "../crypto/row-key.ts";
import type { BrokerParts } from "../parts.ts";
import { findAccount, holdAccount, replacePin } from "../store/accounts.ts";
import { changeAttemptAt, restartOtherAttempts } from "../store/attempts.ts";
import { appendAudit } from "../store/audit.ts";
import { endBrowserSessions } from "../store/browser-sessions.ts";
import type { Verb } from "../store/verb.ts";
import { type Attempt, forgetAccount } from "./attempt.ts";
import type { LoginNotice, LoginStep } from "./login-request.ts";
import { countGuess, forgiveGuess } from "./throttle.ts";

const PAN = /^[A-Z]{5}[0-9]{4}[A-Z]$/;

/** A PAN as it is printed: five letters, four digits, a letter; case does not matter. */
export function readPan(text: string): string | undefined {
  const upper = text.trim().toUpperCase();
  return PAN.test(upper) ? upper : undefined;
}

/** PANs are guessable, so they are kept as keyed digests. */
export function panDigest(parts: BrokerParts, pan: string): Buffer {
  return keyedDigest(parts.keys.guessable, `pan:${pan}`);
}

/**
 * Checks the PAN of the account whose phone was just proven; throttled like a one-time code. A wrong one takes the
 * account from the attempt, in the same transaction, so that it costs what a right one costs (S-43).
 */
export function* verifyPan(
  parts: BrokerParts,
  attempt: Attempt,
  pan: string,
  source: string,
  now: number,
): Verb<"right" | "wrong" | "wait"> {
  const guess = { factor: "pan", dialect: attempt.dialect, loginName: attempt.loginName ?? "", source } as const;
  const verdict = yield* countGuess(guess, now);
  if (!verdict.allowed) return "wait";
  const account = yield* findAccount(attempt.accountId ?? "");
  const isRight = account?.panDigest ? equalDigests(panDigest(parts, pan), account.panDigest) : false;
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event: isRight ? "login.pan-accepted" : "login.pan-refused",
    accountId: account?.accountId,
    detail: { attempt: attempt.key },
  });
  if (isRight) yield* forgiveGuess(verdict.counted, now);
  else yield* forgetAccount(attempt);
  return isRight ? "right" : "wrong";
}

export interface RecoveredPin {
  readonly pinHash: string;
  /** The browser's new cookie after this proof (S-37). */
  readonly newCookieDigest: Uint8Array;
  /** Where the new PIN or password is used. */
  readonly nextStep: LoginStep;
}

/**
 * Sets the new PIN or password: unlocks the account, ends its tokens and signed-in browsers, and goes back to the login.
 * Logins that the old one began start again, or they would still turn into a token; codes die by their epoch.
 * @returns false, and nothing is changed, when the login was cancelled while the new one was hashed
 */
export function* setRecoveredPin(
  parts: BrokerParts,
  attempt: Attempt,
  { pinHash, newCookieDigest, nextStep }: RecoveredPin,
  now: number,
): Verb<boolean> {
  const accountId = attempt.accountId ?? "";
  // Before any row is taken, as logins do that finish at this moment: otherwise each could wait for the other.
  yield* holdAccount(accountId);
  const back = { step: nextStep, pin_tries: 0, cookie_digest: newCookieDigest, notice: "pin-changed" } as const;
  if (!(yield* changeAttemptAt(attempt.key, attempt.step, back satisfies { notice: LoginNotice }))) return false;
  const { KUNJI_ATTEMPT_LIFETIME } = parts.settings;
  const first = { step: "identify", notice: "restarted" } as const satisfies { step: LoginStep; notice: LoginNotice };
  yield* restartOtherAttempts(accountId, attempt.key, first, rowKeyFloor(now - KUNJI_ATTEMPT_LIFETIME * 1000));
  yield* replacePin(accountId, pinHash);
  yield* endBrowserSessions(accountId);
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event: "login.pin-reset",
    accountId,
    detail: { attempt: attempt.key },
  });
  return true;
}
