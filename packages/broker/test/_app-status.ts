import { setClientStatus } from "../src/grants/manage-client.ts";
import type { BrokerParts } from "../src/parts.ts";
import type { ClientStatus } from "../src/store/clients.ts";

/** Changes an app's status as the people who run the broker do. */
export async function setAppStatus(
  { server }: { readonly server: { readonly parts: BrokerParts } },
  clientId: string,
  status: ClientStatus,
): Promise<void> {
  const { parts } = server;
  const change = { clientId, by: { kind: "operator" }, now: parts.clock.now() } as const;
  await parts.db.write(() => setClientStatus(parts, change, status));
}
