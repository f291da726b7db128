import { upstoxRoutes, upstoxTokenExpiry } from "@kunji/contract/upstox";
import type { FastifyInstance } from "fastify";
import { approvalAddress } from "../approvals/approval-link.ts";
import type { BrokerContext } from "../broker-context.ts";
import { mintCredential } from "../crypto/credential.ts";
import { authenticateClient } from "../grants/authenticate-client.ts";
import { countBadSecret, isSourceBlocked } from "../grants/secret-throttle.ts";
import { type NotifierMessage, openTokenRequest } from "../grants/token-request.ts";
import type { JsonObject } from "../http/json-object.ts";
import type { OutgoingMessage } from "../messages/message-sender.ts";
import { type Account, findAccount } from "../store/accounts.ts";
import type { Client } from "../store/clients.ts";
import { UpstoxError, upstoxError } from "./error-body.ts";
import { upstox } from "./identity.ts";
import { readProfile } from "./profile-data.ts";

/** Gives the number that the approver must type, when that is asked for: the documented body has no place for it (D6). */
const MATCH_NUMBER_HEADER = "kunji-match-number";

/**
 * `POST /v3/login/auth/token/request/{client_id}`: a program asks for its owner's token; the owner approves on the
 * phone and the token travels to the app's notifier URL. @see protocol/upstox.md 5
 */
export function registerTokenRequest(app: FastifyInstance, context: BrokerContext): void {
  const path = upstoxRoutes.initTokenRequestForIndieUser.path.replace("{client_id}", ":client_id");
  app.post<{ Params: { client_id: string } }>(path, { config: { content: "json" } }, async (request, reply) => {
    const { client_id: clientId } = request.params;
    if (clientId === "") throw upstoxError("UDAPI1017", "client_id");
    const clientSecret = readSecret(request.body as JsonObject | undefined, clientId);
    const source = context.sourceOf(request);
    const now = context.clock.now();
    const wait = await isSourceBlocked(context, source, now);
    if (wait > 0) throw new UpstoxError([{ code: "UDAPI10005" }], { retryAfterSeconds: wait });

    const authentication = await authenticateClient(context, { dialect: upstox.name, clientId, clientSecret });
    if (authentication.outcome === "refused") {
      await countBadSecret(context, source, now);
      throw upstoxError("UDAPI100069");
    }
    const { client } = authentication;
    const account = await requireEligible(context, client);
    const link = mintCredential("", now, context.random);
    const expiresAt = upstoxTokenExpiry(now / 1000) * 1000;
    // No request is opened that its owner could not be told of (S-124).
    const opened = await context.messages.withPlaces(1, async (send) => {
      const result = await context.db.write(() => openTokenRequest(context, client, account, link, expiresAt, now));
      if (result.outcome === "opened") send(notice(client, account, approvalAddress(context, link.text)));
      return result;
    });
    if (opened.outcome === "too-many") {
      const retryAfterSeconds = Math.max(1, Math.ceil((opened.retryAt - now) / 1000));
      throw new UpstoxError([{ code: "UDAPI10005" }], { retryAfterSeconds });
    }
    if (opened.request.match_number !== null) reply.header(MATCH_NUMBER_HEADER, opened.request.match_number);
    const data = { authorization_expiry: String(opened.request.expires_at), notifier_url: client.notifierUrl };
    return reply.headers(context.jsonHeaders).send({ status: "success", data });
  });
}

/** Two more fields exist in the vendor's OpenAPI and are accepted; a `client_id` in the body must be the one in the path. */
function readSecret(body: JsonObject | undefined, clientId: string): string {
  const secret = body?.client_secret;
  if (secret === undefined || secret === null || secret === "") throw upstoxError("UDAPI1024", "client_secret");
  if (typeof secret !== "string") throw upstoxError("UDAPI100038", "client_secret");
  if (body?.client_id !== undefined && body.client_id !== clientId) throw upstoxError("UDAPI100038", "client_id");
  return secret;
}

/** The app's own state first, then where the token would go, then whose account it is. */
async function requireEligible(context: BrokerContext, client: Client): Promise<Account> {
  if (client.status === "inactive") throw upstoxError("UDAPI100073");
  if (client.status === "in-review" || client.status === "rejected") throw upstoxError("UDAPI1155");
  if (client.status === "expired") throw upstoxError("UDAPI1157");
  if (!client.notifierUrl) throw upstoxError("UDAPI1123");
  const { ownerAccount } = client;
  const account = ownerAccount ? await context.db.read(() => findAccount(ownerAccount)) : undefined;
  const isIndividual = account?.status === "active" && readProfile(account.profile).user_type === "individual";
  if (!client.flows.includes("token_request") || !isIndividual) throw upstoxError("UDAPI1124");
  return account;
}

function notice(client: Client, account: Account, link: string): OutgoingMessage {
  const text = `${client.name} asks for access to your Upstox account. Approve or reject it: ${link}`;
  const to = { accountId: account.accountId, mobile: account.loginName, email: account.email };
  return { to, kind: "push", text, link };
}

/** Body of the notifier webhook. Times are strings of epoch milliseconds. @see protocol/upstox.md 5.4 */
export const notifierMessage: NotifierMessage = (client, account, token) => ({
  client_id: client.clientId,
  user_id: account.userId,
  access_token: token.text,
  token_type: "Bearer",
  expires_at: String(token.expiresAt),
  issued_at: String(token.issuedAt),
  message_type: "access_token",
});
