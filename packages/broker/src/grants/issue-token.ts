import { credentialText, type MintedCredential, mintCredential, sealCredential } from "../crypto/credential.ts";
import { keyedDigest } from "../crypto/digest.ts";
import { newRowKey } from "../crypto/row-key.ts";
import type { BrokerParts } from "../parts.ts";
import { countSession } from "../store/account-sessions.ts";
import { appendAudit } from "../store/audit.ts";
import type { Client } from "../store/clients.ts";
import type { CodeHolder } from "../store/codes.ts";
import {
  findHeldToken,
  type HeldToken,
  holdToken,
  type NewToken,
  revokeToken,
  saveToken,
  type TokenKind,
} from "../store/tokens.ts";
import type { Verb } from "../store/verb.ts";
import type { TokenRules } from "./token-rules.ts";
import { requireTrustedClock } from "./trusted-clock.ts";

/** Whom a token is for, with the epochs it was issued under. */
export interface TokenOwner {
  readonly clientId: string;
  readonly clientEpoch: number;
  readonly accountId: string;
  readonly accountEpoch: number;
  readonly extendedEpoch: number;
}

/** The owner of a token for this account through this app, at their present epochs. */
export function tokenOwner(
  client: Pick<Client, "clientId" | "tokenEpoch">,
  account: Omit<CodeHolder, "status" | "profile">,
): TokenOwner {
  return {
    clientId: client.clientId,
    clientEpoch: client.tokenEpoch,
    accountId: account.accountId,
    accountEpoch: account.tokenEpoch,
    extendedEpoch: account.extendedEpoch,
  };
}

export interface IssuedToken {
  readonly text: string;
  readonly tokenKey: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/**
 * Mints an access token without storing it: `saveAccessToken()` does, in the transaction of the grant.
 * @throws ClockBehind
 */
export function mintAccessToken(parts: BrokerParts, rules: TokenRules, now: number): MintedCredential {
  requireTrustedClock(parts);
  return mintCredential(rules.accessPrefix, now, parts.random);
}

/** Stores a minted access token with its audit row. */
export function* saveAccessToken(
  parts: BrokerParts,
  rules: TokenRules,
  minted: MintedCredential,
  owner: TokenOwner,
  now: number,
): Verb<IssuedToken> {
  const token = newToken("access", minted, owner, now, rules.accessExpiry(now));
  if (parts.settings.KUNJI_NEWEST_LOGIN_WINS) yield* holdToken(token, now);
  yield* saveToken(token);
  if (rules.mostSessions !== undefined) yield* endSurplusSessions(parts, token, rules.mostSessions, now);
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event: "token.issued",
    clientId: owner.clientId,
    accountId: owner.accountId,
    detail: { token: minted.rowKey },
  });
  return { text: minted.text, tokenKey: minted.rowKey, issuedAt: now, expiresAt: token.expiresAt };
}

function* endSurplusSessions(parts: BrokerParts, token: NewToken, most: number, now: number): Verb<void> {
  for (const tokenKey of yield* countSession(token.accountId, token.tokenKey, most, now)) {
    yield* revokeToken(tokenKey, now);
    yield* appendAudit(parts.keys.audit, {
      at: now,
      event: "token.revoked",
      accountId: token.accountId,
      detail: { token: tokenKey, newer: token.tokenKey },
    });
  }
}

/** Which extended token an exchange is to give. */
export interface ExtendedTokenWish {
  /** A new one, whatever there is. */
  readonly refresh: boolean;
  /** Row key of the one that lives, if one was seen. */
  readonly heldKey: string | undefined;
}

/**
 * The extended token of app and account: the one that lives, or a new one when there is none or `refresh` asks for
 * it. Its secret is derived from its row key under a key outside the database, so the same token can be given again
 * although only its digest is stored (S-27).
 */
export function* giveExtendedToken(
  parts: BrokerParts,
  rules: NonNullable<TokenRules["extended"]>,
  owner: TokenOwner,
  wish: ExtendedTokenWish,
  now: number,
): Verb<string> {
  if (!wish.refresh) {
    // Two logins at once must not make two: who has seen none looks again when nobody else can.
    const heldKey = wish.heldKey ?? (yield* findHeldToken(heldBy(owner), now));
    if (heldKey !== undefined) return credentialText(rules.prefix, heldKey, extendedSecret(parts, heldKey));
  }
  const rowKey = newRowKey(now, parts.random);
  const minted = sealCredential(rules.prefix, rowKey, extendedSecret(parts, rowKey));
  const token = newToken("extended", minted, owner, now, now + rules.lifetimeMs);
  yield* holdToken(token, now);
  yield* saveToken(token);
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event: "extended-token.issued",
    clientId: owner.clientId,
    accountId: owner.accountId,
    detail: { token: minted.rowKey },
  });
  return minted.text;
}

function heldBy({ clientId, clientEpoch, accountId, extendedEpoch }: TokenOwner): HeldToken {
  return { clientId, clientEpoch, accountId, accountEpoch: extendedEpoch, kind: "extended" };
}

function extendedSecret(parts: BrokerParts, rowKey: string): Buffer {
  return keyedDigest(parts.keys.extendedToken, rowKey);
}

function newToken(
  kind: TokenKind,
  minted: MintedCredential,
  owner: TokenOwner,
  issuedAt: number,
  expiresAt: number,
): NewToken {
  return {
    kind,
    tokenKey: minted.rowKey,
    digest: minted.digest,
    clientId: owner.clientId,
    clientEpoch: owner.clientEpoch,
    accountId: owner.accountId,
    accountEpoch: kind === "extended" ? owner.extendedEpoch : owner.accountEpoch,
    issuedAt,
    expiresAt,
  };
}
