import type { MintedCredential } from "../crypto/credential.ts";
import { randomDigits } from "../crypto/random.ts";
import { newRowKey } from "../crypto/row-key.ts";
import { seal } from "../crypto/sealed-box.ts";
import type { BrokerParts } from "../parts.ts";
import { type Account, findAccount } from "../store/accounts.ts";
import { appendAudit } from "../store/audit.ts";
import { type Client, holdClient } from "../store/clients.ts";
import { saveDelivery } from "../store/outbox.ts";
import { takeFromQuota } from "../store/throttles.ts";
import {
  decideTokenRequest,
  findPendingTokenRequest,
  type StoredTokenRequest,
  saveTokenRequest,
} from "../store/token-requests.ts";
import type { Verb } from "../store/verb.ts";
import { type IssuedToken, mintAccessToken, saveAccessToken, tokenOwner } from "./issue-token.ts";
import type { TokenRules } from "./token-rules.ts";

const HOUR_MS = 3_600_000;

export type OpenedTokenRequest =
  | { readonly outcome: "opened" | "already-pending"; readonly request: StoredTokenRequest }
  | { readonly outcome: "too-many"; readonly retryAt: number };

/**
 * Opens a request for a token of the app owner's account. While one is pending, that one is the answer and nobody is
 * notified again; five an hour is the most (S-52).
 * @param link the capability in the notification's link
 */
export function* openTokenRequest(
  parts: BrokerParts,
  client: Client,
  account: Account,
  link: MintedCredential,
  expiresAt: number,
  now: number,
): Verb<OpenedTokenRequest> {
  const pending = yield* findPendingTokenRequest(client.clientId, account.accountId, now);
  if (pending) return { outcome: "already-pending", request: pending };
  const quota = { limit: parts.settings.KUNJI_TOKEN_REQUESTS_PER_HOUR, windowMs: HOUR_MS };
  const verdict = yield* takeFromQuota(`token-request:${account.accountId}`, quota, now);
  if (!verdict.allowed) return { outcome: "too-many", retryAt: verdict.retryAt };
  const request = {
    request_key: link.rowKey,
    link_digest: link.digest,
    form_nonce: newRowKey(now, parts.random),
    client_id: client.clientId,
    account_id: account.accountId,
    match_number: parts.settings.KUNJI_PUSH_NUMBER_MATCH ? randomDigits(parts.random, 2) : null,
    created_at: now,
    expires_at: expiresAt,
  };
  yield* saveTokenRequest(request);
  yield* auditRequest(parts, "token-request.opened", request, now);
  return {
    outcome: "opened",
    request: { ...request, state: "pending", notice: null, decided_at: null, token_key: null },
  };
}

/** Makes the webhook's body from the token, in the dialect's shape. */
export type NotifierMessage = (client: Client, account: Account, token: IssuedToken) => object;

export type Approval =
  | { readonly outcome: "approved" }
  /** It was decided before, has lapsed, or the app is no longer in good standing. */
  | { readonly outcome: "refused" }
  /** This account gets no token; `reason` is the dialect's error code. The request stays open. */
  | { readonly outcome: "objection"; readonly reason: string };

const REFUSED: Approval = { outcome: "refused" };

/**
 * Approves a request: the conditional update that decides it, the token, the sealed delivery and the audit rows are
 * one transaction (S-52, S-68, S-69).
 */
export function* approveTokenRequest(
  parts: BrokerParts,
  rules: TokenRules,
  request: StoredTokenRequest,
  message: NotifierMessage,
  now: number,
): Verb<Approval> {
  // Its notifier URL may be changed at this moment: the token goes to the new one, or is dropped with the old one (S-64).
  const client = yield* holdClient(request.client_id);
  const account = yield* findAccount(request.account_id);
  if (client?.status !== "active" || !client.notifierUrl || account?.status !== "active") return REFUSED;
  const reason = rules.objection?.(account);
  if (reason !== undefined) return { outcome: "objection", reason };
  const minted = mintAccessToken(parts, rules, now);
  const decision = { state: "approved", tokenKey: minted.rowKey } as const;
  if (!(yield* decideTokenRequest(request.request_key, decision, now))) return REFUSED;
  const token = yield* saveAccessToken(parts, rules, minted, tokenOwner(client, account), now);
  const deliveryKey = newRowKey(now, parts.random);
  yield* saveDelivery({
    delivery_key: deliveryKey,
    client_id: client.clientId,
    url: client.notifierUrl,
    body: sealDelivery(parts, deliveryKey, JSON.stringify(message(client, account, token))),
    created_at: now,
    expires_at: token.expiresAt,
  });
  yield* auditRequest(parts, "token-request.approved", request, now);
  return { outcome: "approved" };
}

/** Rejects a request: it is dropped and nothing is sent. */
export function* rejectTokenRequest(parts: BrokerParts, request: StoredTokenRequest, now: number): Verb<boolean> {
  if (!(yield* decideTokenRequest(request.request_key, { state: "rejected" }, now))) return false;
  yield* auditRequest(parts, "token-request.rejected", request, now);
  return true;
}

/** What a sealed delivery body is bound to. */
export function deliveryContext(deliveryKey: string): string {
  return `outbox:${deliveryKey}`;
}

function sealDelivery(parts: BrokerParts, deliveryKey: string, body: string): Buffer {
  return seal(parts.keys.seal, body, deliveryContext(deliveryKey), (size) => parts.random.bytes(size));
}

function* auditRequest(
  parts: BrokerParts,
  event: "token-request.opened" | "token-request.approved" | "token-request.rejected",
  request: Pick<StoredTokenRequest, "client_id" | "account_id" | "request_key">,
  now: number,
): Verb<void> {
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event,
    clientId: request.client_id,
    accountId: request.account_id,
    detail: { request: request.request_key },
  });
}
