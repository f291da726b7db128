import type { FastifyRequest } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import type { Client } from "../store/clients.ts";
import { TradejiniError } from "./error-body.ts";

/**
 * Every call of an individual app must come from an address registered on it; that is checked before any credential.
 * An app without addresses may call from anywhere (design.md section 7). The vendor answers 401 by one page and 403 by
 * another (protocol/tradejini.md 8), hence the setting.
 * @throws TradejiniError
 */
export function requireRegisteredIp(
  { addresses, settings }: Pick<BrokerContext, "addresses" | "settings">,
  client: Client | undefined,
  request: FastifyRequest,
): void {
  if (!client || client.allowedIps.length === 0) return;
  const caller = addresses.read(request.socket.remoteAddress, request.headers["x-forwarded-for"]);
  if (client.allowedIps.includes(caller)) return;
  throw new TradejiniError(settings.KUNJI_TRADEJINI_FORBID_UNLISTED_IP ? "FORBIDDEN" : "UNAUTHORIZED");
}
