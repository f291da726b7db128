import type { BrokerParts } from "../parts.ts";
import { type Client, findClient } from "../store/clients.ts";
import type { Attempt } from "./attempt.ts";

/** The app a login is for; undefined at the account console. */
export async function clientOf(parts: Pick<BrokerParts, "db">, attempt: Attempt): Promise<Client | undefined> {
  const { request, dialect } = attempt;
  if (request.kind !== "authorize") return undefined;
  return await parts.db.read(() => findClient(dialect, request.clientId));
}
