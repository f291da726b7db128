import { keyedDigest } from "../crypto/digest.ts";
import type { Dialect } from "../dialect.ts";
import {
  type ChangeOutcome,
  type ClientChange,
  needsRedirectUri,
  newClientSecret,
  newSigningSecret,
  rotateSecret,
  SECRET_OVERLAP_MS,
  setClientIps,
  setClientStatus,
  setNotifierUrl,
  setRedirectUris,
  setWebhookSecret,
} from "../grants/manage-client.ts";
import type { BrokerParts } from "../parts.ts";
import { appendAudit } from "../store/audit.ts";
import {
  type Client,
  type ClientKind,
  type Flow,
  findAnyClient,
  holdClient,
  listClients as listStoredClients,
  replaceClientFlows,
  saveClient,
  voidClientCodes,
  voidClientTokens,
} from "../store/clients.ts";
import { expireDeliveries } from "../store/outbox.ts";
import { expireTokenRequests } from "../store/token-requests.ts";
import type { Verb } from "../store/verb.ts";
import { AdminError } from "./admin-error.ts";
import { requireOwner, setName, setOwner } from "./client-identity.ts";
import { isKeyOnly, requireBroker, requireConsistent, requireName, requireNotifier } from "./client-rules.ts";
import { type ClientView, viewOf } from "./client-view.ts";

export interface NewClientRequest {
  /** `upstox` or `tradejini`. */
  readonly broker: string;
  /** What people read when they log in. */
  readonly name: string;
  /** An app of one person for one account, or a sandbox app; `business` by default. */
  readonly kind?: ClientKind | undefined;
  /** User id or client code of its owner. Only the owner's account may log in through an individual app. */
  readonly owner?: string | undefined;
  /** The app runs on its user's machine (RFC 8252): any loopback port, and PKCE is asked for. */
  readonly native?: boolean | undefined;
  readonly flows?: readonly Flow[] | undefined;
  readonly redirectUris: readonly string[];
  readonly notifierUrl?: string | undefined;
  readonly staticIps?: readonly string[] | undefined;
  /** Signs webhooks with a secret of the app's own. */
  readonly signWebhooks?: boolean | undefined;
}

/** The secrets are shown this once: the database has digests and sealed boxes. */
export interface CreatedClient extends ClientView {
  /** null where the key is all an app has. */
  readonly clientSecret: string | null;
  readonly webhookSecret: string | null;
}

/**
 * Registers an app, in one transaction.
 * @throws AdminError `REFUSED` with what is wrong, `NOT_FOUND` for an unknown owner
 */
export async function createClient(parts: BrokerParts, request: NewClientRequest): Promise<CreatedClient> {
  const { db, keys, random, clock } = parts;
  const dialect = requireBroker(request.broker);
  const { registration } = dialect;
  const now = clock.now();
  const clientId = registration.newClientId(random);
  const flows = request.flows ?? [registration.flows[0]];
  const kind = request.kind ?? "business";
  requireName(request.name);
  const needsSecret = !isKeyOnly(flows);
  const clientSecret = needsSecret ? newClientSecret(random) : null;
  const webhookSecret = request.signWebhooks ? newSigningSecret(random) : null;
  const change: ClientChange = { clientId, by: { kind: "operator" }, now };
  const created = await db.write(function* () {
    const ownerAccount = request.owner === undefined ? null : yield* requireOwner(dialect.name, request.owner);
    yield* saveClient(
      {
        clientId,
        dialect: dialect.name,
        name: request.name,
        kind,
        audience: kind === "individual" ? "owner" : "everyone",
        status: "active",
        native: request.native ?? false,
        redirectUris: [],
        flows,
        ownerAccount,
        secretDigest: clientSecret === null ? null : keyedDigest(keys.clientSecret, clientSecret),
        notifierUrl: null,
        webhookSecret: null,
      },
      now,
    );
    yield* appendAudit(keys.audit, {
      at: now,
      event: "client.registered",
      clientId,
      accountId: ownerAccount ?? undefined,
      detail: { by: "operator", kind, flows: flows.join(" ") },
    });
    yield* applySettings(parts, dialect, change, { ...request, webhookSecret: webhookSecret ?? undefined });
    const client = requireConsistent(dialect, yield* requireClient(clientId));
    requireNotifier(client);
    return client;
  });
  return { ...viewOf(created, now), clientSecret, webhookSecret };
}

/** All apps, by broker and name. */
export async function listClients({ db, clock }: BrokerParts): Promise<ClientView[]> {
  const clients = await db.read(() => listStoredClients());
  return clients.map((client) => viewOf(client, clock.now()));
}

/** @throws AdminError `NOT_FOUND` */
export async function showClient({ db, clock }: BrokerParts, clientId: string): Promise<ClientView> {
  return viewOf(await db.read(() => requireClient(clientId)), clock.now());
}

/** What is given replaces what was there. */
export interface ClientSettings {
  readonly name?: string | undefined;
  /** User id or client code; null: the app is nobody's. All that the app holds ends with it. */
  readonly owner?: string | null | undefined;
  readonly redirectUris?: readonly string[] | undefined;
  /** null: the app gets no webhooks. */
  readonly notifierUrl?: string | null | undefined;
  readonly staticIps?: readonly string[] | undefined;
  readonly flows?: readonly Flow[] | undefined;
  /** `new` makes another secret, `none` ends signing. */
  readonly webhookSecret?: "new" | "none" | undefined;
}

/**
 * Changes an app; its codes, logins under way and pending requests end with it (S-63). All of the changes are made, or
 * none.
 * @returns the app as it is now, with the new webhook secret if one was asked for
 * @throws AdminError `REFUSED`, `NOT_FOUND`
 */
export async function changeClient(
  parts: BrokerParts,
  clientId: string,
  settings: ClientSettings,
): Promise<ClientView & { readonly webhookSecret: string | null }> {
  const now = parts.clock.now();
  const change: ClientChange = { clientId, by: { kind: "operator" }, now };
  const fresh = settings.webhookSecret === "new" ? newSigningSecret(parts.random) : null;
  const webhookSecret = settings.webhookSecret === undefined ? undefined : fresh;
  const client = await parts.db.write(function* () {
    yield* holdClient(clientId);
    const before = yield* requireClient(clientId);
    const dialect = requireBroker(before.dialect);
    if (settings.name !== undefined) yield* setName(parts, change, before, settings.name);
    if (settings.owner !== undefined) yield* setOwner(parts, change, before, settings.owner);
    if (settings.flows) yield* setFlows(parts, change, settings.flows);
    yield* applySettings(parts, dialect, change, { ...settings, webhookSecret });
    const changed = requireConsistent(dialect, yield* requireClient(clientId));
    if (settings.flows || settings.notifierUrl !== undefined) requireNotifier(changed);
    return changed;
  });
  return { ...viewOf(client, now), webhookSecret: fresh };
}

/**
 * Gives an app a new secret (S-24).
 * @param keepEarlierHours how long the earlier one still counts, 0 to 24; 0 when it leaked
 * @throws AdminError `REFUSED`, `NOT_FOUND`
 */
export async function rotateClientSecret(
  parts: BrokerParts,
  clientId: string,
  keepEarlierHours: number,
): Promise<ClientView & { readonly clientSecret: string }> {
  const overlapMs = keepEarlierHours * 3_600_000;
  if (!(overlapMs >= 0 && overlapMs <= SECRET_OVERLAP_MS)) {
    throw new AdminError("REFUSED", "An earlier secret can be kept for 0 to 24 hours.");
  }
  const now = parts.clock.now();
  const secret = newClientSecret(parts.random);
  const change: ClientChange = { clientId, by: { kind: "operator" }, now };
  const client = await parts.db.write(function* () {
    requireChanged(clientId, yield* rotateSecret(parts, change, { secret, overlapMs }));
    return yield* requireClient(clientId);
  });
  return { ...viewOf(client, now), clientSecret: secret };
}

/**
 * Switches an app off or on. Either way all that it holds ends at once: codes, tokens, logins, requests and webhooks
 * that wait (S-24).
 * @throws AdminError `NOT_FOUND`
 */
export async function switchClient(
  parts: BrokerParts,
  clientId: string,
  status: "active" | "inactive",
): Promise<ClientView> {
  const now = parts.clock.now();
  const client = await parts.db.write(function* () {
    requireChanged(clientId, yield* setClientStatus(parts, { clientId, by: { kind: "operator" }, now }, status));
    return yield* requireClient(clientId);
  });
  return viewOf(client, now);
}

interface AppliedSettings extends Omit<ClientSettings, "name" | "owner" | "webhookSecret"> {
  /** The secret itself; null ends signing. */
  readonly webhookSecret?: string | null | undefined;
}

/** The rules of registration are those of every later change (S-03, S-64). */
function* applySettings(
  parts: BrokerParts,
  dialect: Dialect,
  change: ClientChange,
  settings: AppliedSettings,
): Verb<void> {
  const { redirectUris, notifierUrl, staticIps, webhookSecret } = settings;
  const { clientId } = change;
  if (redirectUris && (redirectUris.length > 0 || needsRedirectUri(yield* requireClient(clientId)))) {
    // Developers register loopback over plain http with the vendor, native app or not.
    const outcome = yield* setRedirectUris(parts, change, redirectUris, { allowLoopbackHttp: true });
    requireChanged(clientId, outcome, redirectUris);
  }
  if (notifierUrl !== undefined) {
    if (notifierUrl !== null && !dialect.notifierMessage) {
      throw new AdminError("REFUSED", `${dialect.brokerName} sends no webhooks: leave the notifier URL out.`);
    }
    const rules = { allowLoopbackHttp: parts.settings.KUNJI_WEBHOOK_LOOPBACK };
    const outcome = yield* setNotifierUrl(parts, change, notifierUrl, rules);
    requireChanged(clientId, outcome, notifierUrl === null ? [] : [notifierUrl]);
  }
  if (staticIps) {
    if (staticIps.length > 0 && !dialect.registration.hasAppAddresses) {
      throw new AdminError("REFUSED", `Apps of ${dialect.brokerName} have no static IPs; its people register theirs.`);
    }
    if (staticIps.length > 0 || dialect.registration.hasAppAddresses) {
      requireChanged(clientId, yield* setClientIps(parts, change, staticIps), staticIps);
    }
  }
  if (webhookSecret !== undefined) requireChanged(clientId, yield* setWebhookSecret(parts, change, webhookSecret));
}

/** Another way to tokens is another app, as far as codes and tokens of before go. */
function* setFlows(parts: BrokerParts, { clientId, now }: ClientChange, flows: readonly Flow[]): Verb<void> {
  const client = yield* requireClient(clientId);
  if (isKeyOnly(flows) !== isKeyOnly(client.flows)) {
    throw new AdminError(
      "REFUSED",
      "An app that logs in by individual_token has no secret, and every other one has: create another app for that.",
    );
  }
  yield* replaceClientFlows(clientId, flows);
  yield* voidClientCodes(clientId);
  yield* voidClientTokens(clientId);
  yield* expireTokenRequests(clientId, now);
  yield* expireDeliveries(clientId, now);
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event: "client.flows-changed",
    clientId,
    accountId: client.ownerAccount ?? undefined,
    detail: { by: "operator", flows: flows.join(" ") },
  });
}

function* requireClient(clientId: string): Verb<Client> {
  const client = yield* findAnyClient(clientId);
  if (!client) throw unknownClient(clientId);
  return client;
}

function unknownClient(clientId: string): AdminError {
  return new AdminError("NOT_FOUND", `No app ${clientId}: kunji admin client list has them all.`);
}

/** @param values what was given, to say which of them is wrong */
function requireChanged(clientId: string, outcome: ChangeOutcome, values: readonly string[] = []): void {
  if (outcome.outcome === "changed") return;
  if (outcome.outcome === "unknown") throw unknownClient(clientId);
  const value = values[outcome.index ?? 0];
  throw new AdminError("REFUSED", value === undefined ? outcome.problem : `${value}: ${outcome.problem}`);
}
