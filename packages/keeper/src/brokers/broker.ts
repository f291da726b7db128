/**
 * What a broker must tell the keeper. One file per broker implements it; nothing else knows a broker by name.
 */
import type { CheckedCallback, PkcePair } from "@kunji/client";
import type { AccountProfile, LoginFactors, LoginWay } from "../account.ts";
import type { Secret } from "../secret.ts";

/** A token as a broker gave it. Times are epoch seconds by the broker's clock. */
export interface IssuedToken {
  readonly accessToken: Secret;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** When the answer names it. */
  readonly userId: string | undefined;
}

/** Whose token it is, by the broker's profile call. */
export interface Identity {
  readonly userId: string;
  readonly userName: string | undefined;
  /** The broker's clock at this moment, epoch seconds; undefined when its answer had no date. */
  readonly serverTime: number | undefined;
}

/** A token request that waits for approval. */
export interface PendingApproval {
  /** Epoch seconds. */
  readonly expiresAt: number;
  readonly notifierUrl: string | undefined;
  readonly matchNumber: string | undefined;
}

/** A token that came by webhook: not believed before it is proven (S-82). */
export interface Notification extends IssuedToken {
  readonly clientId: string;
  readonly userId: string;
}

/**
 * What a failed call means for the token.
 * `dead`: log in again. `wrong-ip`: the token is fine, this address is not. `closed`: fine, come back later.
 * `busy`: fine, too many calls. `unreachable`: nothing is known. `refused`: the broker said no to this call.
 */
export type Verdict = "dead" | "wrong-ip" | "closed" | "busy" | "unreachable" | "refused";

/** One thing an owner says when adding an account. */
export interface AccountField {
  readonly name: "clientId" | "clientSecret" | "redirectUri" | "password" | "totpSecret";
  /** As the broker's own pages call it. */
  readonly label: string;
  readonly isSecret: boolean;
  readonly ways: readonly LoginWay[];
  readonly hint: string | undefined;
}

/** How a login page is asked for, where the server says that it understands more than the vendor does. */
export interface DialogExtras {
  readonly pkce: PkcePair | undefined;
}

/** How to reach it, handed in by tests. */
export interface BrokerWire {
  readonly now: () => number;
}

export interface Broker {
  /** `upstox`: as in commands, paths and the vault. */
  readonly name: string;
  /** `Upstox`: as people read it. */
  readonly title: string;
  /** Ways in, the usual one first. */
  readonly ways: readonly LoginWay[];
  readonly fields: readonly AccountField[];
  /** Where its API is for this account: the account's host, else the environment's, else the vendor's. */
  readonly host: (profile: AccountProfile) => string;
  /** The vendor's own address: no metadata is asked for there. */
  readonly isVendorHost: (host: string) => boolean;
  /** Path of the broker's OAuth issuer on a server that is not the vendor's (RFC 8414 3.1). */
  readonly issuerPath: string;
  /** The login page's address. */
  readonly authorizationUrl: (profile: AccountProfile, state: string, extras: DialogExtras) => string;
  /** One request, never repeated (S-15). */
  readonly exchange: (
    profile: AccountProfile,
    callback: CheckedCallback,
    extras: DialogExtras,
    signal: AbortSignal,
  ) => Promise<IssuedToken>;
  /** Whose token this is: the proof before anything is stored. */
  readonly identify: (profile: AccountProfile, token: Secret, signal: AbortSignal) => Promise<Identity>;
  readonly logout: (profile: AccountProfile, token: Secret, signal: AbortSignal) => Promise<void>;
  /** What an error of a call means. */
  readonly judge: (error: unknown) => Verdict;
  /** Approval way only: asks for a token; it comes by webhook. */
  readonly requestApproval?: (profile: AccountProfile, signal: AbortSignal) => Promise<PendingApproval>;
  /** Approval way only. @returns undefined for anything but the broker's message */
  readonly readNotification?: (body: unknown) => Notification | undefined;
  /** TOTP way only: one attempt. @param code six digits */
  readonly directLogin?: (
    profile: AccountProfile,
    factors: LoginFactors,
    code: string,
    signal: AbortSignal,
  ) => Promise<IssuedToken>;
}
