import { tradejiniRoutes } from "@kunji/contract/tradejini";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { challengeProblem } from "../grants/pkce.ts";
import { wantsHtml } from "../http/accept-header.ts";
import type { FormFields } from "../http/form-fields.ts";
import { matchRedirectUri } from "../http/redirect-uri-rules.ts";
import type { AuthorizeRequest } from "../login/finish-login.ts";
import { MAX_STATE_BYTES, sendClientError, startLogin } from "../login/start-login.ts";
import { type Flow, findClient } from "../store/clients.ts";
import { TradejiniError } from "./error-body.ts";
import { LOGIN_PATH, tradejini } from "./identity.ts";
import { keyZoneKey, type Zones } from "./zones.ts";

/** Where logins start. */
export const loginDialect = { name: tradejini.name, loginPath: LOGIN_PATH } as const;

/**
 * `GET /v2/api-gw/oauth/authorize`: checks the request, keeps it, and leads to the login page under an opaque handle. A
 * bad one is answered here and never redirected (S-05). @see protocol/tradejini.md 3
 */
export function registerAuthorize(app: FastifyInstance, context: BrokerContext, zones: Zones): void {
  const { path, errorTexts } = tradejiniRoutes.authorize;
  const config = { fieldLimits: { maximumBytes: { state: MAX_STATE_BYTES } } };
  app.get(path, { config }, async (request, reply) => {
    try {
      const query = request.query as FormFields;
      zones.apiKey(keyZoneKey(query.client_id, context.sourceOf(request)));
      requireParameters(query, errorTexts.VALIDATION);
      const loginRequest = await requireApp(context, query, "authorization_code");
      return await startLogin(context, loginDialect, loginRequest, request, reply);
    } catch (error) {
      return refuseDialog(context, error, request, reply);
    }
  });
}

/**
 * The five parameters of both dialogs. All must be there; only `state` may be empty.
 * @param message of the 400, where the operation has a text of its own
 * @throws TradejiniError `VALIDATION`
 */
export function requireParameters(query: FormFields, message?: string): void {
  const { client_id: clientId, redirect_uri: redirectUri, response_type: type, scope, state } = query;
  const isComplete = clientId && redirectUri && type === "code" && scope === "general" && state !== undefined;
  // PKCE is ours (S-18): the vendor has no such parameters, and no app of the vendor's sends them.
  if (!isComplete || challengeProblem(query, false)) throw new TradejiniError("VALIDATION", { message });
}

/**
 * Finds the app that asks and its redirect URI among the registered ones (S-01).
 * @throws TradejiniError `UNAUTHORIZED` for an unknown app or address, one that is off, or not for this flow (S-25)
 */
export async function requireApp(context: BrokerContext, query: FormFields, flow: Flow): Promise<AuthorizeRequest> {
  const client = await context.db.read(() => findClient(tradejini.name, query.client_id ?? ""));
  const redirectUri = client && matchRedirectUri(query.redirect_uri ?? "", client.redirectUris, client);
  const mayAsk = client?.status === "active" && client.flows.includes(flow);
  if (!client || redirectUri === undefined || !mayAsk || challengeProblem(query, client.native)) {
    throw new TradejiniError("UNAUTHORIZED");
  }
  return {
    kind: "authorize",
    clientId: client.clientId,
    clientEpoch: client.codeEpoch,
    redirectUri,
    state: query.state ?? "",
    codeChallenge: query.code_challenge ?? null,
  };
}

/** A page for a person in a browser; for a program the error goes on, and answer-error.ts makes its JSON. */
export function refuseDialog(context: BrokerContext, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const isForPerson = error instanceof TradejiniError && wantsHtml(request.headers.accept);
  if (!isForPerson || error.code === "TOO_MANY") throw error;
  return sendClientError(context, tradejini, request, reply, error.status);
}
