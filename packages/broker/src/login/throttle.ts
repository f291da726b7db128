import type { BrokerParts } from "../parts.ts";
import { forgetThrottles } from "../store/forget-throttles.ts";
import {
  forgive,
  isRemembered,
  type Quota,
  remember,
  type StrikeRule,
  strike,
  type ThrottleRow,
  takeBack,
  takeFromQuota,
  withdrawStrike,
} from "../store/throttles.ts";
import type { Verb } from "../store/verb.ts";

const TEN_MINUTES_MS = 600_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Wrong PINs that lock an account; only somebody who proved the phone gets that far (S-49). */
export const PIN_TRIES = 5;

/** Tries one SMS code allows (S-44). */
export const OTP_TRIES = 5;

/** One source guessing at one account: five free, then 30 s doubling to an hour (S-49). */
const GUESSES_PER_SOURCE: StrikeRule = { free: 5, firstDelayMs: 30_000, maxDelayMs: HOUR_MS, forgetAfterMs: DAY_MS };

/**
 * All sources guessing at one account: never more than 100 wrong ones in a row, then one an hour; two quiet days and
 * the count starts again. The most a month allows is then some 1,600 guesses. At four right codes in a million, three
 * of the authenticator's and the one by SMS, that is below one chance in a hundred (S-48).
 */
const GUESSES_PER_ACCOUNT: StrikeRule = {
  free: 100,
  firstDelayMs: HOUR_MS,
  maxDelayMs: HOUR_MS,
  forgetAfterMs: 2 * DAY_MS,
};

/** A source that gave a right code lately does not wait for what strangers do elsewhere (S-49). */
const KNOWN_SOURCE_MS = 30 * DAY_MS;

/** Who is trying, and at what. Unknown login names are throttled like known ones (S-43). */
export interface Guess {
  readonly factor: "otp" | "pan" | "password";
  readonly dialect: string;
  readonly loginName: string;
  /** Network source, already widened to what one party controls (S-51). */
  readonly source: string;
}

export type GuessVerdict = { readonly allowed: true; readonly counted: CountedGuess } | { readonly allowed: false };

/** A guess that was counted; for `forgiveGuess()`. */
export interface CountedGuess extends Guess {
  readonly accountBefore: ThrottleRow | undefined;
}

/** Counts a guess before it is evaluated (S-47). */
export function* countGuess(guess: Guess, now: number): Verb<GuessVerdict> {
  const bySource = yield* strike(sourceKey(guess), GUESSES_PER_SOURCE, now);
  if (!bySource.allowed) return { allowed: false };
  const isKnown = yield* isRemembered(knownKey(guess), KNOWN_SOURCE_MS, now);
  const byAccount = yield* strike(accountKey(guess), GUESSES_PER_ACCOUNT, now);
  if (byAccount.allowed) return { allowed: true, counted: { ...guess, accountBefore: byAccount.before } };
  // Its own strikes still slow it down, so that this door is no wider than one source's.
  return isKnown ? { allowed: true, counted: { ...guess, accountBefore: byAccount.standing } } : { allowed: false };
}

/**
 * A right guess clears the source's strikes and its own count against the account. What others guessed wrong stays
 * counted (S-48).
 */
export function* forgiveGuess(guess: CountedGuess, now: number): Verb<void> {
  yield* forgive(sourceKey(guess));
  yield* takeBack(accountKey(guess), guess.accountBefore, GUESSES_PER_ACCOUNT);
  yield* remember(knownKey(guess), KNOWN_SOURCE_MS, now);
}

/**
 * The same for a guess that was evaluated outside the transaction that counted it, as passwords are: their hash takes
 * a while.
 */
export function* forgiveEarlierGuess(guess: CountedGuess, now: number): Verb<void> {
  yield* forgive(sourceKey(guess));
  yield* withdrawStrike(accountKey(guess));
  yield* remember(knownKey(guess), KNOWN_SOURCE_MS, now);
}

/** Takes back a guess that was counted and never evaluated, in a later transaction. */
export function* withdrawGuess(guess: Guess): Verb<void> {
  yield* withdrawStrike(sourceKey(guess));
  yield* withdrawStrike(accountKey(guess));
}

/** Forgets all guesses at a login name, wrong and right: it is another person's now. What was sent to it still counts. */
export function* forgetGuesses(dialect: string, loginName: string): Verb<void> {
  for (const factor of ["otp", "pan", "password"] as const) {
    const guess = { factor, dialect, loginName };
    yield* forgive(accountKey(guess));
    // Whatever source stands behind it.
    for (const keyOf of [sourceKey, knownKey]) yield* forgetThrottles(keyOf({ ...guess, source: "" }));
  }
}

export type SendVerdict =
  | { readonly outcome: "send" }
  /** This number got its share; the login goes on, for people with an authenticator app. */
  | { readonly outcome: "number-exhausted" }
  /** Nothing is sent, and nobody is told. */
  | { readonly outcome: "withheld" }
  | { readonly outcome: "refused"; readonly retryAt: number };

/** A message somebody asks for. */
export interface Send {
  readonly dialect: string;
  readonly loginName: string;
  readonly source: string;
  /**
   * Where anybody may ask, but a login's codes are sent only to who gave a password: the tries of strangers have a
   * share of their own, so that they cannot use up the login's (S-49). What is really sent counts in both (S-44).
   */
  readonly byStranger?: "sent" | "silent" | undefined;
}

/** Takes one message from the caps per address, per number and in total (S-44). */
export function* countSend(parts: BrokerParts, send: Send, now: number): Verb<SendVerdict> {
  const { settings } = parts;
  const perAddress = yield* takeFromQuota(
    `otp-address:${send.source}`,
    tenMinutes(settings.KUNJI_OTP_PER_ADDRESS),
    now,
  );
  if (!perAddress.allowed) return { outcome: "refused", retryAt: perAddress.retryAt };
  const number = `${send.dialect}:${send.loginName}`;
  const most = tenMinutes(settings.KUNJI_OTP_PER_NUMBER);
  const share = send.byStranger === undefined ? "otp-number" : "otp-stranger";
  const perNumber = yield* takeFromQuota(`${share}:${number}`, most, now);
  if (!perNumber.allowed) return { outcome: "number-exhausted" };
  if (send.byStranger !== undefined) {
    // A row is written either way, so that a right PAN costs what a wrong one costs (S-43).
    const counted = send.byStranger === "sent" ? "otp-number" : "otp-silent";
    if (!(yield* takeFromQuota(`${counted}:${number}`, most, now)).allowed) return { outcome: "withheld" };
  }
  const total = yield* takeFromQuota("otp-total", tenMinutes(settings.KUNJI_OTP_TOTAL), now);
  return total.allowed ? { outcome: "send" } : { outcome: "refused", retryAt: total.retryAt };
}

function tenMinutes(limit: number): Quota {
  return { limit, windowMs: TEN_MINUTES_MS };
}

function sourceKey(guess: Guess): string {
  return `${guess.factor}-source:${guess.dialect}:${guess.loginName}:${guess.source}`;
}

function knownKey(guess: Guess): string {
  return `${guess.factor}-known:${guess.dialect}:${guess.loginName}:${guess.source}`;
}

function accountKey(guess: Omit<Guess, "source">): string {
  return `${guess.factor}-account:${guess.dialect}:${guess.loginName}`;
}
