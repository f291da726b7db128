import { istDateTime, istWeekNumber } from "@kunji/contract";
import { upstoxRoutes } from "@kunji/contract/upstox";
import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { readIpAddress } from "../http/ip-address.ts";
import type { JsonObject } from "../http/json-object.ts";
import type { BrokerParts } from "../parts.ts";
import { voidAccountTokens } from "../store/accounts.ts";
import { appendAudit } from "../store/audit.ts";
import { findAnyClient } from "../store/clients.ts";
import { findStaticIps, type StoredStaticIps, saveStaticIps } from "../store/static-ips.ts";
import type { StoredToken } from "../store/tokens.ts";
import type { Verb } from "../store/verb.ts";
import { createBearerCheck } from "./bearer.ts";
import { UpstoxError, upstoxError } from "./error-body.ts";

/** `GET` and `PUT /v2/user/ip`: the addresses a person registered for orders. @see protocol/upstox.md 8 */
export function registerStaticIps(app: FastifyInstance, context: BrokerContext): void {
  const requireReader = createBearerCheck(context, { accepts: ["access"] });
  app.get(upstoxRoutes.getUserIps.path, async (request, reply) => {
    const token = await requireReader(request);
    await requireUsableApp(context, token, undefined);
    const ips = await context.db.read(() => findStaticIps(token.account_id));
    return reply.headers(context.jsonHeaders).send({ status: "success", data: wireIps(token.user_id, ips) });
  });

  const requireWriter = createBearerCheck(context, { accepts: ["access"] });
  app.put(upstoxRoutes.updateUserIp.path, { config: { content: "json" } }, async (request, reply) => {
    const token = await requireWriter(request);
    await requireUsableApp(context, token, upstoxRoutes.updateUserIp.errorTexts.UDAPI1179);
    const wanted = readWantedIps(request.body as JsonObject | undefined);
    const seen = await context.db.read(() => findStaticIps(token.account_id));
    const now = context.clock.now();
    const { account_id: accountId, client_id: clientId } = token;
    const change = { accountId, clientId, wanted, seenVersion: seen?.version ?? 0 };
    const changed = await context.db.write(() => replaceIps(context, change, now));
    if (changed.outcome === "refused") throw upstoxError(changed.code);
    const data = { ...wireIps(token.user_id, changed.ips), access_tokens_invalidated: true };
    return reply.headers(context.jsonHeaders).send({ status: "success", data });
  });
}

export interface WantedIps {
  readonly primary: string;
  readonly secondary: string | null;
}

/** Both spellings are read: the official JS SDK sends its model's camelCase names as they are (protocol/upstox.md 9.5). */
function readWantedIps(body: JsonObject | undefined): WantedIps {
  const primaryText = readText(body, "primary_ip", "primaryIp");
  if (primaryText === undefined) throw upstoxError("UDAPI1182", "primary_ip");
  const secondaryText = readText(body, "secondary_ip", "secondaryIp");
  const primary = canonicalAddress(primaryText, "primary_ip");
  const secondary = secondaryText === undefined ? null : canonicalAddress(secondaryText, "secondary_ip");
  if (primary === secondary) throw upstoxError("UDAPI1184", "secondary_ip");
  return { primary, secondary };
}

function readText(body: JsonObject | undefined, snake: string, camel: string): string | undefined {
  const inSnake = body?.[snake] ?? undefined;
  const inCamel = body?.[camel] ?? undefined;
  if (inSnake !== undefined && inCamel !== undefined && inSnake !== inCamel) throw upstoxError("UDAPI100038", snake);
  const value = inSnake ?? inCamel;
  if (value === undefined || value === "") return undefined;
  if (typeof value !== "string") throw upstoxError("UDAPI1183", snake);
  return value;
}

function canonicalAddress(text: string, propertyPath: string): string {
  const address = readIpAddress(text);
  if (address === undefined) throw upstoxError("UDAPI1183", propertyPath);
  return address;
}

/**
 * The app must be the person's to use, active, and of a kind that trades.
 * @param foreignText what the operation says of somebody else's app, where that is not the catalogue's text
 */
async function requireUsableApp(
  context: BrokerContext,
  token: StoredToken,
  foreignText: string | undefined,
): Promise<void> {
  const client = await context.db.read(() => findAnyClient(token.client_id));
  if (!client || (client.audience === "owner" && client.ownerAccount !== token.account_id)) {
    throw new UpstoxError([{ code: "UDAPI1179", message: foreignText }]);
  }
  if (client.status !== "active") throw upstoxError("UDAPI1180");
  if (client.kind === "sandbox") throw upstoxError("UDAPI1181");
}

/** Who changes the addresses of an account, and through which app. */
export interface IpChange {
  readonly accountId: string;
  /** Absent when the person does it at the console. */
  readonly clientId?: string | undefined;
  readonly wanted: WantedIps;
  /** Of the addresses as they were when this change was asked for; 0 when there were none. */
  readonly seenVersion: number;
}

export type IpChangeOutcome =
  | { readonly outcome: "changed"; readonly ips: StoredStaticIps }
  | { readonly outcome: "refused"; readonly code: "UDAPI1185" | "UDAPI1186" };

/** Stores the addresses and ends every access token of the account, in one transaction; once a calendar week. */
export function* replaceIps(
  parts: Pick<BrokerParts, "keys">,
  { accountId, clientId, wanted, seenVersion }: IpChange,
  now: number,
): Verb<IpChangeOutcome> {
  const before = yield* findStaticIps(accountId);
  if ((before?.version ?? 0) !== seenVersion) return { outcome: "refused", code: "UDAPI1186" };
  const week = istWeekNumber(now / 1000);
  if (before?.changed_week === week) return { outcome: "refused", code: "UDAPI1185" };
  const ips: StoredStaticIps = {
    account_id: accountId,
    primary_ip: wanted.primary,
    secondary_ip: wanted.secondary,
    primary_updated_at: before?.primary_ip === wanted.primary ? before.primary_updated_at : now,
    secondary_updated_at: secondaryChangedAt(before, wanted, now),
    changed_week: week,
    version: seenVersion + 1,
  };
  if (!(yield* saveStaticIps(ips))) return { outcome: "refused", code: "UDAPI1186" };
  yield* voidAccountTokens(accountId);
  yield* appendAudit(parts.keys.audit, { at: now, event: "static-ip.changed", clientId, accountId });
  return { outcome: "changed", ips };
}

function secondaryChangedAt(before: StoredStaticIps | undefined, wanted: WantedIps, now: number): number | null {
  if (wanted.secondary === null) return null;
  return before?.secondary_ip === wanted.secondary ? before.secondary_updated_at : now;
}

function wireIps(userId: string, ips: StoredStaticIps | undefined) {
  return {
    user_id: userId,
    primary_ip: ips?.primary_ip ?? null,
    secondary_ip: ips?.secondary_ip ?? null,
    primary_ip_updated_at: ips ? istDateTime(ips.primary_updated_at / 1000) : null,
    secondary_ip_updated_at: ips?.secondary_updated_at ? istDateTime(ips.secondary_updated_at / 1000) : null,
  };
}
