/**
 * An account as the keeper knows it: whose login it is, through which app, and by which way in.
 */
import type { Secret } from "./secret.ts";

/** Names one account of one broker, `upstox/default` for instance. */
export interface AccountId {
  /** A broker of `brokers/brokers.ts`. */
  readonly broker: string;
  /** The owner's own name for it: 1 to 64 of `a-z 0-9 . _ -`, beginning with a letter or digit. */
  readonly account: string;
}

/** `browser`: a person fills in the broker's page. `approval`: a person approves on the phone. `totp`: nobody is asked. */
export type LoginWay = "browser" | "approval" | "totp";

/** What the vault holds about an account besides its session. */
export interface AccountProfile extends AccountId {
  readonly way: LoginWay;
  /** The app's API key. */
  readonly clientId: string;
  /** Absent where the way in needs none (Tradejini individual apps). */
  readonly clientSecret: Secret | undefined;
  /** As registered with the broker; for the browser way a loopback address with a fixed port. */
  readonly redirectUri: string | undefined;
  /** The broker's user id this account must belong to. Learnt at the first login when it was not given. */
  readonly userId: string | undefined;
  /** Where the broker's API is, when not at its own address. */
  readonly host: string | undefined;
  /** Last part of the path the broker posts approved tokens to: 256 random bits, base64url (S-80). */
  readonly notifierKey: Secret | undefined;
}

/** Stored only when the owner opted in, under a key of its own (S-78). */
export interface LoginFactors {
  /** Password or PIN of the direct login. */
  readonly password: Secret;
  /** TOTP seed, base32. */
  readonly totpSecret: Secret;
}

/** A token and whose it is. Times are epoch seconds by the broker's clock. */
export interface Session extends AccountId {
  readonly accessToken: Secret;
  readonly clientId: string;
  readonly userId: string;
  readonly userName: string | undefined;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly obtainedBy: LoginWay;
  /** When the broker's profile call last said that this token is this user's (S-82). */
  readonly provenAt: number;
  /** Seconds the broker's clock is ahead of this machine's, when it is more than 5 (S-74); else 0. */
  readonly clockOffset: number;
}

export const DEFAULT_ACCOUNT = "default";

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

/** @throws TypeError on a name that could not be a file name, a URL part and a command argument alike */
export function requireAccountName(name: string): string {
  if (!NAME.test(name)) {
    throw new TypeError("an account name has 1 to 64 of a-z 0-9 . _ - and begins with a letter or digit");
  }
  return name;
}

/** `upstox/default`: how an account is written in messages and logs. */
export function accountLabel({ broker, account }: AccountId): string {
  return `${broker}/${account}`;
}
