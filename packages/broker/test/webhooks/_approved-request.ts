import { mintCredential } from "../../src/crypto/credential.ts";
import { approveTokenRequest, openTokenRequest } from "../../src/grants/token-request.ts";
import type { BrokerParts } from "../../src/parts.ts";
import { findAccount } from "../../src/store/accounts.ts";
import { findAnyClient } from "../../src/store/clients.ts";
import { selectAll } from "../../src/store/verb.ts";
import { upstoxDialect } from "../../src/upstox/dialect.ts";
import { notifierMessage } from "../../src/upstox/token-request.ts";

/**
 * Opens and approves a token request straight in the store. The runner is not woken: this is what a process leaves
 * behind that dies between commit and send (S-68).
 */
export async function approveInStore(parts: BrokerParts, clientId: string, accountId: string): Promise<void> {
  const now = parts.clock.now();
  const link = mintCredential("", now, parts.random);
  await parts.db.write(function* () {
    const client = yield* findAnyClient(clientId);
    const account = yield* findAccount(accountId);
    if (!client || !account) throw new Error("no such app or account");
    const opened = yield* openTokenRequest(parts, client, account, link, now + 86_400_000, now);
    if (opened.outcome !== "opened") throw new Error(opened.outcome);
    const { tokenRules } = upstoxDialect;
    const approval = yield* approveTokenRequest(parts, tokenRules, opened.request, notifierMessage, now);
    if (approval.outcome !== "approved") throw new Error(approval.outcome);
  });
}

export interface OutboxRow {
  readonly delivery_key: string;
  readonly state: string;
  readonly attempts: number;
  readonly body: Uint8Array | null;
  readonly next_at: number;
}

export async function outboxRows(parts: BrokerParts): Promise<OutboxRow[]> {
  return await parts.db.read(() => selectAll<OutboxRow>("SELECT * FROM outbox ORDER BY delivery_key"));
}
