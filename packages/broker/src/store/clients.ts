import { execute, manyAtOnce, selectAll, selectOne, under, type Verb } from "./verb.ts";

/** Ways an app may obtain tokens; anything else is refused (S-25). */
export type Flow = "authorization_code" | "token_request" | "individual_token" | "order_connect";

/** `individual` and `business` are live apps of one owner or of many customers; `sandbox` never touches an account. */
export type ClientKind = "individual" | "business" | "sandbox";

export type ClientStatus = "active" | "inactive" | "in-review" | "rejected" | "expired";

/** A registered app. */
export interface Client {
  readonly clientId: string;
  readonly dialect: string;
  readonly name: string;
  readonly kind: ClientKind;
  /** Whose accounts may log in through it. */
  readonly audience: "owner" | "everyone";
  readonly status: ClientStatus;
  readonly native: boolean;
  readonly redirectUris: readonly string[];
  readonly flows: readonly Flow[];
  readonly ownerAccount: string | null;
  readonly secretDigest: Uint8Array | null;
  /** During a rotation the earlier secret still counts, at most 24 h (S-24). */
  readonly previousSecretDigest: Uint8Array | null;
  readonly previousSecretUntil: number | null;
  readonly notifierUrl: string | null;
  /** Sealed; signs deliveries when the app has one (S-71). */
  readonly webhookSecret: Uint8Array | null;
  /** Rises to void all tokens of the app at once. */
  readonly tokenEpoch: number;
  /** Rises to void its codes and the logins under way for it. */
  readonly codeEpoch: number;
  /** Addresses its calls must come from, in canonical form; empty: any. */
  readonly allowedIps: readonly string[];
}

interface ClientRow {
  client_id: string;
  dialect: string;
  name: string;
  kind: ClientKind;
  audience: "owner" | "everyone";
  status: ClientStatus;
  native: number;
  redirect_uris: string;
  flows: string;
  owner_account: string | null;
  secret_digest: Uint8Array | null;
  previous_secret_digest: Uint8Array | null;
  previous_secret_until: number | null;
  notifier_url: string | null;
  webhook_secret: Uint8Array | null;
  token_epoch: number;
  code_epoch: number;
  allowed_ips: string;
}

const BY_ID = manyAtOnce("SELECT * FROM clients WHERE client_id = ?", ["text"]);

export function* findClient(dialect: string, clientId: string): Verb<Client | undefined> {
  const row = yield* selectOne<ClientRow>(BY_ID, clientId);
  return row && row.dialect === dialect ? toClient(row) : undefined;
}

/** Finds an app whatever its dialect: for the endpoints every OAuth client knows. */
export function* findAnyClient(clientId: string): Verb<Client | undefined> {
  const row = yield* selectOne<ClientRow>(BY_ID, clientId);
  return row ? toClient(row) : undefined;
}

/** The app, which nobody else changes until this transaction has ended: for what depends on how it stands. */
export function* holdClient(clientId: string): Verb<Client | undefined> {
  const row = yield* selectOne<ClientRow>(under(`app ${clientId}`, BY_ID), clientId);
  return row ? toClient(row) : undefined;
}

/** The apps of a person, by name. */
export function* listOwnClients(accountId: string): Verb<Client[]> {
  const rows = yield* selectAll<ClientRow>(
    "SELECT * FROM clients WHERE owner_account = ? ORDER BY name, client_id",
    accountId,
  );
  return rows.map(toClient);
}

/** All apps, by broker and name. */
export function* listClients(): Verb<Client[]> {
  const rows = yield* selectAll<ClientRow>("SELECT * FROM clients ORDER BY dialect, name, client_id");
  return rows.map(toClient);
}

export type NewClient = Omit<
  Client,
  "tokenEpoch" | "codeEpoch" | "previousSecretDigest" | "previousSecretUntil" | "allowedIps"
> &
  Partial<Pick<Client, "allowedIps">>;

export function* saveClient(client: NewClient, now: number): Verb<void> {
  yield* execute(
    `INSERT INTO clients (client_id, dialect, name, kind, audience, status, native, redirect_uris, flows,
       owner_account, secret_digest, notifier_url, webhook_secret, allowed_ips, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    client.clientId,
    client.dialect,
    client.name,
    client.kind,
    client.audience,
    client.status,
    client.native ? 1 : 0,
    JSON.stringify(client.redirectUris),
    JSON.stringify(client.flows),
    client.ownerAccount,
    client.secretDigest,
    client.notifierUrl,
    client.webhookSecret,
    JSON.stringify(client.allowedIps ?? []),
    now,
  );
}

export function* replaceRedirectUris(clientId: string, redirectUris: readonly string[]): Verb<void> {
  yield* execute("UPDATE clients SET redirect_uris = ? WHERE client_id = ?", JSON.stringify(redirectUris), clientId);
}

/** @param notifierUrl null: the app gets no tokens by approval */
export function* replaceNotifierUrl(clientId: string, notifierUrl: string | null): Verb<void> {
  yield* execute("UPDATE clients SET notifier_url = ? WHERE client_id = ?", notifierUrl, clientId);
}

/** Replaces the addresses an app may call from. @param allowedIps in canonical form; empty: any */
export function* replaceClientIps(clientId: string, allowedIps: readonly string[]): Verb<void> {
  yield* execute("UPDATE clients SET allowed_ips = ? WHERE client_id = ?", JSON.stringify(allowedIps), clientId);
}

/** Replaces the ways in which an app may obtain tokens. */
export function* replaceClientFlows(clientId: string, flows: readonly Flow[]): Verb<void> {
  yield* execute("UPDATE clients SET flows = ? WHERE client_id = ?", JSON.stringify(flows), clientId);
}

/** The earlier secret counts until then; one that was earlier still does not count any more (S-24). */
export function* replaceClientSecret(clientId: string, digest: Uint8Array, previousUntil: number): Verb<void> {
  yield* execute(
    `UPDATE clients SET previous_secret_digest = secret_digest, previous_secret_until = ?, secret_digest = ?
     WHERE client_id = ?`,
    previousUntil,
    digest,
    clientId,
  );
}

/** @param sealed bound to the app; null for deliveries without a signature */
export function* replaceWebhookSecret(clientId: string, sealed: Uint8Array | null): Verb<void> {
  yield* execute("UPDATE clients SET webhook_secret = ? WHERE client_id = ?", sealed, clientId);
}

export function* replaceClientStatus(clientId: string, status: ClientStatus): Verb<void> {
  yield* execute("UPDATE clients SET status = ? WHERE client_id = ?", status, clientId);
}

/** Voids every code of an app and every login under way for it, without touching their rows. */
export function* voidClientCodes(clientId: string): Verb<void> {
  yield* execute("UPDATE clients SET code_epoch = code_epoch + 1 WHERE client_id = ?", clientId);
}

/** Voids every token of an app at once, without touching their rows. */
export function* voidClientTokens(clientId: string): Verb<void> {
  yield* execute("UPDATE clients SET token_epoch = token_epoch + 1 WHERE client_id = ?", clientId);
}

/** Gives an app that nobody owns to somebody. */
export function* adoptClient(clientId: string, accountId: string | null): Verb<void> {
  yield* execute(
    "UPDATE clients SET owner_account = ? WHERE client_id = ? AND owner_account IS NULL",
    accountId,
    clientId,
  );
}

function toClient(row: ClientRow): Client {
  return {
    clientId: row.client_id,
    dialect: row.dialect,
    name: row.name,
    kind: row.kind,
    audience: row.audience,
    status: row.status,
    native: row.native === 1,
    redirectUris: JSON.parse(row.redirect_uris) as string[],
    flows: JSON.parse(row.flows) as Flow[],
    ownerAccount: row.owner_account,
    secretDigest: row.secret_digest,
    previousSecretDigest: row.previous_secret_digest,
    previousSecretUntil: row.previous_secret_until,
    notifierUrl: row.notifier_url,
    webhookSecret: row.webhook_secret,
    tokenEpoch: row.token_epoch,
    codeEpoch: row.code_epoch,
    allowedIps: JSON.parse(row.allowed_ips) as string[],
  };
}
