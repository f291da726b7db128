import type { MintedCredential, PresentedCredential } from "../crypto/credential.ts";
import { equalDigests } from "../crypto/digest.ts";
import type { BrokerParts } from "../parts.ts";
import { type AuditEvent, appendAudit } from "../store/audit.ts";
import { type CodeHolder, type FoundCode, findCode, spendCode } from "../store/codes.ts";
import type { ExchangingClient } from "../store/exchange-lookup.ts";
import { revokeHeldTokenFrom, revokeToken } from "../store/tokens.ts";
import type { Verb } from "../store/verb.ts";
import {
  type ExtendedTokenWish,
  giveExtendedToken,
  type IssuedToken,
  saveAccessToken,
  tokenOwner,
} from "./issue-token.ts";
import { provesChallenge } from "./pkce.ts";
import type { TokenRules } from "./token-rules.ts";

export interface CodeExchange {
  /** The code as presented; undefined when it cannot be one of ours. */
  readonly presented: PresentedCredential | undefined;
  /** The code that is stored under its key, whatever its secret. */
  readonly code: FoundCode | undefined;
  /** Row key of the live extended token that the code's app holds for its account. */
  readonly heldExtended: string | undefined;
  /** The app that proved its secret; undefined when none did. The attempt spends the code all the same (D1). */
  readonly client: ExchangingClient | undefined;
  readonly redirectUri: string;
  readonly codeVerifier: string | undefined;
  readonly refreshExtendedToken: boolean;
  /** The token to store if everything holds. */
  readonly minted: MintedCredential;
  readonly rules: TokenRules;
}

export type Redemption =
  | {
      readonly outcome: "issued";
      readonly token: IssuedToken;
      readonly extendedToken: string | undefined;
      readonly account: CodeHolder;
    }
  /** Unknown, expired, spent, another app's, another redirect URI or verifier: one outcome for all (S-111). */
  | {
      readonly outcome: "refused";
      /** Another exchange spent the code since it was read: `punishRepeated()` is to follow. */
      readonly isRepeated?: boolean;
    }
  /** The code was right and is now spent, but this account gets no token. */
  | { readonly outcome: "objection"; readonly reason: string };

const REFUSED: Redemption = { outcome: "refused" };
const REPEATED: Redemption = { outcome: "refused", isRepeated: true };

/**
 * Exchanges a code, in one transaction: the one conditional update that spends it, the token row and the audit rows
 * stand or fall together (S-13). Any attempt that names a live code spends it, whatever comes of it (D1). A spent
 * code presented by its own app ends the token it bought (S-14).
 */
export function* redeemCode(parts: BrokerParts, exchange: CodeExchange, now: number): Verb<Redemption> {
  const { code, presented } = exchange;
  if (!code || !presented || !equalDigests(code.digest, presented.digest)) return REFUSED;
  if (code.spent_at !== null) {
    if (exchange.client?.clientId === code.client_id) yield* punishReplay(parts, code, now);
    return REFUSED;
  }
  const { client } = exchange;
  if (!client || !isBoundTo(code, exchange, client)) return yield* waste(parts, code, now);

  const account = code.holder;
  if (account?.status !== "active") return yield* waste(parts, code, now);
  const reason = exchange.rules.objection?.(account);
  if (reason !== undefined) {
    yield* waste(parts, code, now);
    return { outcome: "objection", reason };
  }

  if (!(yield* spendCode(code.code_key, exchange.minted.rowKey, now))) return REPEATED;
  const owner = tokenOwner(client, account);
  const token = yield* saveAccessToken(parts, exchange.rules, exchange.minted, owner, now);
  const extendedToken = exchange.rules.extended
    ? yield* giveExtendedToken(parts, exchange.rules.extended, owner, wanted(exchange), now)
    : undefined;
  return { outcome: "issued", token, extendedToken, account };
}

/**
 * Ends what a code bought that two exchanges of its app presented at once (S-14). To be run in a transaction of its own,
 * behind the one that came too late: the winner may share that one, and its tokens may not be there yet.
 */
export function* punishRepeated(parts: BrokerParts, codeKey: string, now: number): Verb<void> {
  const code = yield* findCode(codeKey);
  // It may have expired just then instead.
  if (code && code.spent_at !== null) yield* punishReplay(parts, code, now);
}

function wanted({ refreshExtendedToken, heldExtended }: CodeExchange): ExtendedTokenWish {
  return { refresh: refreshExtendedToken, heldKey: heldExtended };
}

/** The code is this app's, from this redirect URI, and the verifier fits (S-06, S-12, S-19). */
function isBoundTo(code: FoundCode, exchange: CodeExchange, client: ExchangingClient): boolean {
  return (
    code.client_id === client.clientId &&
    code.client_epoch === client.codeEpoch &&
    code.account_epoch === code.holder?.extendedEpoch &&
    code.redirect_uri === exchange.redirectUri &&
    provesChallenge(code.code_challenge, exchange.codeVerifier)
  );
}

function* waste(parts: BrokerParts, code: FoundCode, now: number): Verb<Redemption> {
  if (yield* spendCode(code.code_key, null, now)) yield* auditCode(parts, "code.wasted", code, now);
  return REFUSED;
}

function* punishReplay(parts: BrokerParts, code: FoundCode, now: number): Verb<void> {
  yield* auditCode(parts, "code.replayed", code, now);
  if (code.token_key && (yield* revokeToken(code.token_key, now))) {
    yield* auditCode(parts, "token.revoked", code, now);
  }
  // The extended token made in that very exchange goes as well; one that was there before stays.
  if (code.spent_at !== null)
    yield* revokeHeldTokenFrom(code.client_id, code.account_id, "extended", code.spent_at, now);
}

function* auditCode(parts: BrokerParts, event: AuditEvent, code: FoundCode, now: number): Verb<void> {
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event,
    clientId: code.client_id,
    accountId: code.account_id,
    detail: code.token_key ? { code: code.code_key, token: code.token_key } : { code: code.code_key },
  });
}
