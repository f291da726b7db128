/** What an app is called and whose it is: only who runs the broker changes that. Run them in the change's transaction. */
import type { ClientChange } from "../grants/manage-client.ts";
import type { BrokerParts } from "../parts.ts";
import { findAccount } from "../store/accounts.ts";
import { appendAudit } from "../store/audit.ts";
import { type Client, voidClientCodes, voidClientTokens } from "../store/clients.ts";
import { replaceClientName, replaceClientOwner } from "../store/manage-clients.ts";
import { expireDeliveries } from "../store/outbox.ts";
import { expireTokenRequests } from "../store/token-requests.ts";
import type { Verb } from "../store/verb.ts";
import { AdminError } from "./admin-error.ts";
import { accountIdOf, requireName } from "./client-rules.ts";

/**
 * Gives an app another name. Its codes, logins under way and pending requests end: people said yes to the earlier one.
 * @throws AdminError `REFUSED`
 */
export function* setName(parts: BrokerParts, { now }: ClientChange, client: Client, name: string): Verb<void> {
  requireName(name);
  yield* replaceClientName(client.clientId, name);
  yield* voidClientCodes(client.clientId);
  yield* expireTokenRequests(client.clientId, now);
  yield* appendAudit(parts.keys.audit, {
    at: now,
    event: "client.renamed",
    clientId: client.clientId,
    accountId: client.ownerAccount ?? undefined,
    detail: { by: "operator", from: client.name, to: name },
  });
}

/**
 * Gives an app to somebody else. As with other ways to tokens, it is another app then: nothing that it holds goes along,
 * least of all tokens for the earlier owner's account that still wait to be delivered.
 * @param owner user id or client code; null: it is nobody's
 * @throws AdminError `REFUSED` when it is that person's already, `NOT_FOUND` for an unknown owner
 */
export function* setOwner(parts: BrokerParts, { now }: ClientChange, client: Client, owner: string | null): Verb<void> {
  const { clientId, dialect, ownerAccount: from } = client;
  const to = owner === null ? null : yield* requireOwner(dialect, owner);
  if (to === from) {
    throw new AdminError(
      "REFUSED",
      owner === null ? "This app is nobody's already." : `This app is ${owner}'s already.`,
    );
  }
  yield* replaceClientOwner(clientId, to);
  yield* voidClientCodes(clientId);
  yield* voidClientTokens(clientId);
  yield* expireTokenRequests(clientId, now);
  yield* expireDeliveries(clientId, now);
  const detail = { by: "operator", from: from ?? "nobody", to: to ?? "nobody" };
  // A row for each of the two, who both see it among their activity.
  for (const accountId of [from, to]) {
    if (accountId === null) continue;
    yield* appendAudit(parts.keys.audit, { at: now, event: "client.owner-changed", clientId, accountId, detail });
  }
}

/** @returns the internal id of an app's owner. @throws AdminError `NOT_FOUND` */
export function* requireOwner(broker: string, userId: string): Verb<string> {
  const accountId = accountIdOf({ name: broker }, userId);
  if (yield* findAccount(accountId)) return accountId;
  throw new AdminError("NOT_FOUND", `No account ${userId} at this broker: kunji admin account list has them all.`);
}
