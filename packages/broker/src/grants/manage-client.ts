/**
 * Changes of a registered app, for the console and for `kunji admin`. Each is a verb to be run in one transaction: it
 * checks, changes, cancels the app's codes, logins under way and pending requests (S-63), and leaves its audit row
 * (S-98). Secrets are made beforehand, since a transaction may be run again.
 */
import { keyedDigest } from "../crypto/digest.ts";
import type { Randomness } from "../crypto/random.ts";
import { seal } from "../crypto/sealed-box.ts";
import { readIpAddress } from "../http/ip-address.ts";
import { checkRedirectUri, type RedirectUriProblem } from "../http/redirect-uri-rules.ts";
import type { BrokerParts } from "../parts.ts";
import { type AuditEvent, appendAudit } from "../store/audit.ts";
import {
  type Client,
  type ClientStatus,
  holdClient,
  replaceClientIps,
  replaceClientSecret,
  replaceClientStatus,
  replaceNotifierUrl,
  replaceRedirectUris,
  replaceWebhookSecret,
  voidClientCodes,
  voidClientTokens,
} from "../store/clients.ts";
import { expireDeliveries } from "../store/outbox.ts";
import { expireTokenRequests } from "../store/token-requests.ts";
import type { Verb } from "../store/verb.ts";
import { checkWebhookUrl, type WebhookUrlRules } from "../webhooks/address-guard.ts";
import { webhookSecretContext } from "../webhooks/outbox-runner.ts";
import { newWebhookSecret } from "../webhooks/webhook-signature.ts";

/** What a change needs of the world. */
export type ManageParts = Pick<BrokerParts, "keys" | "random">;

/** Which app is changed, and by whom. */
export interface ClientChange {
  readonly clientId: string;
  /** The app's owner, who then must own it (S-62); or who runs the broker. */
  readonly by: { readonly kind: "owner"; readonly accountId: string } | { readonly kind: "operator" };
  /** Epoch milliseconds. */
  readonly now: number;
}

export type ChangeOutcome =
  | { readonly outcome: "changed" }
  /** No such app, or another person's. */
  | { readonly outcome: "unknown" }
  /** `problem` is a sentence or two for the app's owner; `index` says which of several values it is about. */
  | { readonly outcome: "refused"; readonly problem: string; readonly index?: number };

/** Redirect URIs an app may have (S-03). */
export const MOST_REDIRECT_URIS = 10;

/** Addresses an app may have to call from. */
export const MOST_CLIENT_IPS = 10;

/** The longest an earlier secret counts beside the new one (S-24). */
export const SECRET_OVERLAP_MS = 86_400_000;

const SECRET_BYTES = 32;
const CHANGED: ChangeOutcome = { outcome: "changed" };
const UNKNOWN: ChangeOutcome = { outcome: "unknown" };

/** A new app secret: 256 random bits in base64url (S-20). Shown once, stored as a digest. */
export function newClientSecret(random: Randomness): string {
  return random.bytes(SECRET_BYTES).toString("base64url");
}

/** A new secret for signing webhooks, `whsec_...` (S-71). Shown once, stored sealed. */
export function newSigningSecret(random: Randomness): string {
  return newWebhookSecret((size) => random.bytes(size));
}

/**
 * Gives an app a new secret (S-24).
 * @param next.overlapMs how long the earlier one still counts; 0 when it leaked, at most `SECRET_OVERLAP_MS`
 * @throws TypeError for a longer overlap
 */
export function* rotateSecret(
  parts: ManageParts,
  change: ClientChange,
  next: { readonly secret: string; readonly overlapMs: number },
): Verb<ChangeOutcome> {
  if (!(next.overlapMs >= 0 && next.overlapMs <= SECRET_OVERLAP_MS)) throw new TypeError("secret overlap");
  const client = yield* findManaged(change);
  if (!client) return UNKNOWN;
  if (client.secretDigest === null) return refused("This app has no secret: its API key is all it needs.");
  const digest = keyedDigest(parts.keys.clientSecret, next.secret);
  yield* replaceClientSecret(client.clientId, digest, change.now + next.overlapMs);
  const overlapSeconds = next.overlapMs / 1000;
  return yield* finish(parts, change, client, "client.secret-rotated", { overlapSeconds });
}

/**
 * Replaces the redirect URIs of an app (S-03). One that stays registered goes on working; logins under way start again.
 * @param rules.allowLoopbackHttp plain http to this machine also for apps that are not native
 */
export function* setRedirectUris(
  parts: ManageParts,
  change: ClientChange,
  uris: readonly string[],
  rules: { readonly allowLoopbackHttp: boolean },
): Verb<ChangeOutcome> {
  const client = yield* findManaged(change);
  if (!client) return UNKNOWN;
  if (uris.length === 0 && needsRedirectUri(client)) return refused("This app needs at least one redirect URI.");
  if (uris.length > MOST_REDIRECT_URIS) return refused(`An app has at most ${MOST_REDIRECT_URIS} redirect URIs.`);
  for (const [index, uri] of uris.entries()) {
    const problem = checkRedirectUri(uri, { native: client.native, ...rules });
    if (problem) return refused(redirectUriProblems[problem], index);
    if (uris.indexOf(uri) !== index) return refused("This redirect URI stands here twice.", index);
  }
  yield* replaceRedirectUris(client.clientId, uris);
  return yield* finish(parts, change, client, "client.redirect-uris-changed", { uris: uris.join(" ") });
}

/**
 * Replaces the URL that gets approved tokens (S-64). What waits to be delivered to the earlier one is dropped.
 * @param url null: the app gets no tokens that way
 */
export function* setNotifierUrl(
  parts: ManageParts,
  change: ClientChange,
  url: string | null,
  rules: WebhookUrlRules,
): Verb<ChangeOutcome> {
  const client = yield* findManaged(change);
  if (!client) return UNKNOWN;
  const check = url === null ? undefined : checkWebhookUrl(url, rules);
  if (check?.outcome === "refused") return refused(check.problem);
  yield* replaceNotifierUrl(client.clientId, url);
  yield* expireDeliveries(client.clientId, change.now);
  // Its path or query may hold what only the receiver should know.
  const host = check?.outcome === "accepted" ? check.url.host : "none";
  return yield* finish(parts, change, client, "client.notifier-url-changed", { host });
}

/**
 * Gives an app a new secret for signing webhooks (S-71); tries from now on are signed with it.
 * @param secret from `newSigningSecret()`; null: deliveries carry no signature
 */
export function* setWebhookSecret(
  parts: ManageParts,
  change: ClientChange,
  secret: string | null,
): Verb<ChangeOutcome> {
  const client = yield* findManaged(change);
  if (!client) return UNKNOWN;
  const context = webhookSecretContext(client.clientId);
  const sealed = secret && seal(parts.keys.seal, secret, context, (size) => parts.random.bytes(size));
  yield* replaceWebhookSecret(client.clientId, sealed || null);
  return yield* finish(parts, change, client, "client.webhook-secret-changed", { signed: secret ? "yes" : "no" });
}

/**
 * Replaces the addresses an app may call from.
 * @param addresses in any usual spelling; empty: any
 */
export function* setClientIps(
  parts: ManageParts,
  change: ClientChange,
  addresses: readonly string[],
): Verb<ChangeOutcome> {
  const client = yield* findManaged(change);
  if (!client) return UNKNOWN;
  if (addresses.length > MOST_CLIENT_IPS) return refused(`An app has at most ${MOST_CLIENT_IPS} addresses.`);
  const canonical: string[] = [];
  for (const [index, text] of addresses.entries()) {
    const address = readIpAddress(text);
    if (address === undefined) return refused("This is no IP address, such as 203.0.113.7 or 2001:db8::7.", index);
    if (canonical.includes(address)) return refused("This address stands here twice.", index);
    canonical.push(address);
  }
  yield* replaceClientIps(client.clientId, canonical);
  return yield* finish(parts, change, client, "client.ips-changed", { ips: canonical.join(" ") });
}

/**
 * Changes an app's status. Whatever it becomes, all that it holds ends at once: codes, tokens, logins under way, pending
 * requests and deliveries that wait (S-24). An owner may switch an app off and on again; a status that somebody else
 * gave is not the owner's to change.
 */
export function* setClientStatus(parts: ManageParts, change: ClientChange, status: ClientStatus): Verb<ChangeOutcome> {
  const client = yield* findManaged(change);
  if (!client) return UNKNOWN;
  const isOwners = (one: ClientStatus) => one === "active" || one === "inactive";
  if (change.by.kind === "owner" && !(isOwners(client.status) && isOwners(status))) {
    return refused("Only the broker can change the status of this app.");
  }
  yield* replaceClientStatus(client.clientId, status);
  yield* voidClientTokens(client.clientId);
  yield* expireDeliveries(client.clientId, change.now);
  return yield* finish(parts, change, client, "client.status-changed", { status });
}

/** Whether somebody is led back to the app, so that it cannot be without an address. */
export function needsRedirectUri({ flows }: Pick<Client, "flows">): boolean {
  return flows.includes("authorization_code") || flows.includes("order_connect");
}

/** An unknown app and another person's look the same (S-62). */
function* findManaged({ clientId, by }: ClientChange): Verb<Client | undefined> {
  const client = yield* holdClient(clientId);
  return by.kind === "operator" || client?.ownerAccount === by.accountId ? client : undefined;
}

/** What every change brings with it (S-63, S-98). */
function* finish(
  parts: ManageParts,
  { by, now }: ClientChange,
  client: Client,
  event: AuditEvent,
  detail: Readonly<Record<string, string | number>>,
): Verb<ChangeOutcome> {
  yield* voidClientCodes(client.clientId);
  yield* expireTokenRequests(client.clientId, now);
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event,
    clientId: client.clientId,
    accountId: client.ownerAccount ?? undefined,
    detail: { by: by.kind, ...detail },
  });
  return CHANGED;
}

function refused(problem: string, index?: number): ChangeOutcome {
  return index === undefined ? { outcome: "refused", problem } : { outcome: "refused", problem, index };
}

const redirectUriProblems: Readonly<Record<RedirectUriProblem, string>> = {
  "too-long": "A redirect URI has at most 512 characters.",
  "forbidden-character": "This URI contains characters that do not belong in one.",
  "bad-encoding": "This URI contains percent-encoding that is broken or hides a control character.",
  "not-https":
    "A redirect URI starts with https://. Plain http:// is for this machine only, such as http://127.0.0.1:3000/callback.",
  userinfo: "A redirect URI must not contain a user name or password.",
  fragment: "A redirect URI must not contain a fragment (#).",
  wildcard: "A redirect URI is one address: it must not contain an asterisk.",
  "bad-host": "This URI has no valid host name in small letters.",
  "bad-port": "The port of this URI is not a number from 1 to 65535.",
  "dot-segment": "The path of this URI must not contain “.” or “..” as a part.",
  "reserved-query-key": "Its query must not contain code, state, error or iss: the answer of a login has those.",
};
