/**
 * What the ways in share: what they are given, whom they may ask, and what they bring back.
 */
import type { AccountId, AccountProfile, LoginFactors, Session } from "../account.ts";
import type { Broker, IssuedToken } from "../brokers/broker.ts";
import type { Vault } from "../vault/vault.ts";
import type { SetTimer } from "./timer.ts";

/** Somebody who can be asked: a terminal, a dashboard. Each method returns at once; showing things is its business. */
export interface Person {
  /** Open this address in a browser, or show it; after `endsAt` (epoch ms) nobody waits any more. */
  readonly openLogin: (login: {
    readonly id: AccountId;
    readonly title: string;
    readonly url: string;
    readonly redirectUri: string;
    readonly endsAt: number;
  }) => void;
  /** Say that the broker's app or page now asks for an approval. */
  readonly awaitApproval: (request: {
    readonly id: AccountId;
    readonly title: string;
    /** Where the token will be posted, without the last part of the path: that one is a capability (S-80). */
    readonly notifierUrl: string | undefined;
    /** Why the token may not arrive here, as a sentence. */
    readonly warning: string | undefined;
    /** Two digits to compare or type at the broker, when it shows some (D6). */
    readonly matchNumber: string | undefined;
    readonly endsAt: number;
  }) => void;
  /** Say that somebody else logs this account in just now: their session will do, and else it is this person's turn. */
  readonly waitInLine?: (() => void) | undefined;
  /**
   * Redirected URLs that the person pastes, for machines whose loopback the browser cannot reach (SSH). Absent where
   * nothing can be pasted. Ends with the signal.
   */
  readonly pastedUrls?: ((signal: AbortSignal) => AsyncIterable<string>) | undefined;
  /** A pasted URL was not the answer to this login; the wait goes on. */
  readonly refusedPaste?: ((why: string) => void) | undefined;
}

export interface LoginRequest {
  readonly profile: AccountProfile;
  readonly broker: Broker;
  /** Undefined when nobody can be asked. */
  readonly person: Person | undefined;
  readonly vault: Vault;
  /** Opened only by the way that needs it. */
  readonly factors: () => Promise<LoginFactors | undefined>;
  /**
   * Called before anything is sent that must not be sent again soon when its answer gets lost: a process may be killed
   * while it waits (protocol/tradejini.md 5).
   */
  readonly noteAttempt: () => Promise<void>;
  /**
   * Proves a token by asking the broker whose it is, and stores it (S-77, S-82, S-83). A way in calls it before it
   * tells the person that the login worked, so that the last page never says more than is true.
   * @throws KeeperError `WRONG_USER`, `LOGIN_FAILED` for a token that is no good, `BROKER_UNREACHABLE`, `CLOSED`, `WRONG_IP`
   */
  readonly accept: (token: IssuedToken) => Promise<Session>;
  /** The account's living session as the vault has it now: another process may finish the login. */
  readonly stored: () => Promise<Session | undefined>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** @defaultValue the system's timers */
  readonly setTimer?: SetTimer | undefined;
  /** Loopback port of the webhook receiver (approval way). @defaultValue 7476 */
  readonly webhookPort?: number | undefined;
  /** Ends the attempt; its reason is thrown. */
  readonly signal: AbortSignal;
}

/**
 * Logs in once. One attempt, never a loop.
 * @returns the session, proven and stored
 * @throws LoginRequired when a person is needed and there is none
 * @throws KeeperError `LOGIN_DENIED`, `LOGIN_TIMEOUT`, `LOGIN_FAILED`, `PORT_TAKEN`, `BROKER_UNREACHABLE`, and what `accept` throws
 */
export type LogIn = (request: LoginRequest) => Promise<Session>;
