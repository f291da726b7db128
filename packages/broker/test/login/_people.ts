import { randomUUID } from "node:crypto";
import { keyedDigest } from "../../src/crypto/digest.ts";
import type { BrokerParts } from "../../src/parts.ts";
import { type NewClient, saveClient } from "../../src/store/clients.ts";
import { selectAll, selectOne } from "../../src/store/verb.ts";
import type { TestBroker } from "../../src/testing/start-broker.ts";
import type { UpstoxDemoApp, UpstoxDemoCustomer } from "../../src/upstox/demo-upstox.ts";

/** Demo customer number `index`, from 0. */
export function customer({ upstox }: Pick<TestBroker, "upstox">, index: number): UpstoxDemoCustomer {
  const found = upstox.customers[index];
  if (!found) throw new RangeError("no such demo customer");
  return found;
}

export function accountIdOf({ userId }: UpstoxDemoCustomer): string {
  return `upstox:${userId}`;
}

/** Registers one more app beside the demo app. Its secret is its id. */
export async function addClient(parts: BrokerParts, changes: Partial<NewClient> = {}): Promise<UpstoxDemoApp> {
  const clientId = changes.clientId ?? randomUUID();
  const client: NewClient = {
    clientId,
    dialect: "upstox",
    name: "Second Desk",
    kind: "business",
    audience: "everyone",
    status: "active",
    native: false,
    redirectUris: ["https://desk.example.in/upstox/callback"],
    flows: ["authorization_code", "token_request"],
    ownerAccount: null,
    secretDigest: keyedDigest(parts.keys.clientSecret, clientId),
    notifierUrl: "http://127.0.0.1:9/notifier",
    webhookSecret: null,
    ...changes,
  };
  await parts.db.write(() => saveClient(client, parts.clock.now()));
  return {
    clientId,
    clientSecret: clientId,
    redirectUri: client.redirectUris[0] ?? "",
    notifierUrl: client.notifierUrl ?? "",
  };
}

export interface AccountState {
  readonly pin_hash: string;
  readonly pin_failures: number;
  readonly locked_at: number | null;
  readonly totp_secret: Uint8Array | null;
}

/** The account as stored. */
export async function accountState(parts: BrokerParts, who: UpstoxDemoCustomer): Promise<AccountState> {
  const row = await parts.db.read(() =>
    selectOne<AccountState>("SELECT * FROM accounts WHERE account_id = ?", accountIdOf(who)),
  );
  if (!row) throw new Error("no such account");
  return row;
}

/** Audit events so far, oldest first. */
export async function auditEvents(parts: BrokerParts): Promise<string[]> {
  const rows = await parts.db.read(() => selectAll<{ event: string }>("SELECT event FROM audit ORDER BY seq"));
  return rows.map(({ event }) => event);
}
