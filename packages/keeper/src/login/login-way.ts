/**
 * What the ways in share: what they are given, whom they may ask, and what they bring back.
 */
import type { AccountId, AccountProfile, LoginFactors } from "../account.ts";
import type { Broker, IssuedToken } from "../brokers/broker.ts";
import type { Vault } from "../vault/vault.ts";

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
    readonly notifierUrl: string | undefined;
    /** Two digits to compare or type at the broker, when it shows some (D6). */
    readonly matchNumber: string | undefined;
    readonly endsAt: number;
  }) => void;
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
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Ends the attempt; its reason is thrown. */
  readonly signal: AbortSignal;
}

/**
 * Logs in once. One attempt, never a loop.
 * @throws LoginRequired when a person is needed and there is none
 * @throws KeeperError `LOGIN_DENIED`, `LOGIN_TIMEOUT`, `LOGIN_FAILED`, `PORT_TAKEN`, `BROKER_UNREACHABLE`
 */
export type LogIn = (request: LoginRequest) => Promise<IssuedToken>;
