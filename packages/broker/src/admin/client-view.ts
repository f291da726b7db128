import type { Client, Flow } from "../store/clients.ts";

/** An app as an operator sees it: nothing in it is secret. */
export interface ClientView {
  readonly clientId: string;
  readonly broker: string;
  readonly name: string;
  readonly kind: Client["kind"];
  readonly audience: Client["audience"];
  readonly status: Client["status"];
  readonly native: boolean;
  readonly flows: readonly Flow[];
  /** User id or client code of whoever owns it. */
  readonly owner: string | null;
  readonly redirectUris: readonly string[];
  readonly notifierUrl: string | null;
  readonly signsWebhooks: boolean;
  /** Addresses its calls must come from; empty: any. */
  readonly staticIps: readonly string[];
  readonly hasSecret: boolean;
  /** Until when the earlier secret counts too, ISO 8601 UTC; null when it does not. */
  readonly earlierSecretUntil: string | null;
}

/** @param now epoch milliseconds */
export function viewOf(client: Client, now: number): ClientView {
  const { previousSecretUntil } = client;
  return {
    clientId: client.clientId,
    broker: client.dialect,
    name: client.name,
    kind: client.kind,
    audience: client.audience,
    status: client.status,
    native: client.native,
    flows: client.flows,
    owner: client.ownerAccount?.slice(client.dialect.length + 1) ?? null,
    redirectUris: client.redirectUris,
    notifierUrl: client.notifierUrl,
    signsWebhooks: client.webhookSecret !== null,
    staticIps: client.allowedIps,
    hasSecret: client.secretDigest !== null,
    earlierSecretUntil:
      previousSecretUntil !== null && previousSecretUntil > now ? new Date(previousSecretUntil).toISOString() : null,
  };
}
