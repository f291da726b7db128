import { keyedDigest } from "../../src/crypto/digest.ts";
import { type NewClient, saveClient } from "../../src/store/clients.ts";
import type { TestBroker } from "../../src/testing/index.ts";
import { accountIdOf } from "./_api.ts";

export interface SecondApp {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

/** Registers one more app beside the demo app. */
export async function registerApp(
  broker: TestBroker,
  app: SecondApp,
  changes: Partial<NewClient> = {},
): Promise<SecondApp> {
  const { db, keys, clock } = broker.server.parts;
  const client: NewClient = {
    clientId: app.clientId,
    dialect: "upstox",
    name: "Second Desk",
    kind: "business",
    audience: "everyone",
    status: "active",
    native: false,
    redirectUris: [app.redirectUri],
    flows: ["authorization_code"],
    ownerAccount: accountIdOf(broker),
    secretDigest: keyedDigest(keys.clientSecret, app.clientSecret),
    notifierUrl: null,
    webhookSecret: null,
    ...changes,
  };
  await db.write(() => saveClient(client, clock.now()));
  return app;
}

export const SECOND_APP: SecondApp = {
  clientId: "0b6a3a5e-1111-4c7e-9a43-1f2e77c0d5aa",
  clientSecret: "c2Vjb25kLWFwcC1zZWNyZXQtb2YtdGhlLXRlc3RzLTE",
  redirectUri: "http://127.0.0.1:7475/second",
};
