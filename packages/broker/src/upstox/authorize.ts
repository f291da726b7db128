import { upstoxErrors, upstoxRoutes } from "@kunji/contract/upstox";
import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { challengeProblem } from "../grants/pkce.ts";
import { wantsHtml } from "../http/accept-header.ts";
import type { FormFields } from "../http/form-fields.ts";
import { matchRedirectUri } from "../http/redirect-uri-rules.ts";
import type { LoginRequest } from "../login/login-request.ts";
import { MAX_STATE_BYTES, sendClientError, startLogin } from "../login/start-login.ts";
import { findClient } from "../store/clients.ts";
import { UpstoxError, type UpstoxProblem, upstoxError } from "./error-body.ts";
import { LOGIN_PATH, upstox } from "./identity.ts";

/**
 * `GET /v2/login/authorization/dialog`: checks app and redirect URI, keeps the request, and leads to the login page
 * under an opaque handle. A bad app or redirect URI is answered here and never redirected (S-05).
 * @see protocol/upstox.md 2
 */
export function registerAuthorize(app: FastifyInstance, context: BrokerContext): void {
  const config = { fieldLimits: { maximumBytes: { state: MAX_STATE_BYTES } } };
  app.get(upstoxRoutes.authorize.path, { config }, async (request, reply) => {
    let loginRequest: LoginRequest;
    try {
      loginRequest = await readAuthorization(context, request.query as FormFields);
    } catch (error) {
      if (!(error instanceof UpstoxError) || !wantsHtml(request.headers.accept)) throw error;
      return sendClientError(context, upstox, request, reply, error.status, reasonFor(error));
    }
    return await startLogin(context, { name: upstox.name, loginPath: LOGIN_PATH }, loginRequest, request, reply);
  });
}

/** What is wrong when app and redirect URI are right; the page has its own words for those two. */
function reasonFor({ problems: [problem] }: UpstoxError): string | undefined {
  if (!problem || ["UDAPI1017", "UDAPI1018", "UDAPI100068"].includes(problem.code)) return undefined;
  const { message } = upstoxErrors[problem.code];
  return problem.propertyPath === undefined ? message : `${message} (${problem.propertyPath})`;
}

/** @throws UpstoxError in the documented order: key present, redirect URI present, pair registered, app active */
async function readAuthorization(context: BrokerContext, query: FormFields): Promise<LoginRequest> {
  const { client_id: clientId, redirect_uri: redirectUri } = query;
  const missing: UpstoxProblem[] = [];
  if (!clientId) missing.push({ code: "UDAPI1017", propertyPath: "client_id" });
  if (!redirectUri) missing.push({ code: "UDAPI1018", propertyPath: "redirect_uri" });
  const [first, ...rest] = missing;
  if (first) throw new UpstoxError([first, ...rest]);

  const client = await context.db.read(() => findClient(upstox.name, clientId ?? ""));
  const matched = client && matchRedirectUri(redirectUri ?? "", client.redirectUris, client);
  if (!client || matched === undefined) throw upstoxError("UDAPI100068");
  if (client.status !== "active") throw upstoxError("UDAPI100073");
  if (!client.flows.includes("authorization_code")) throw upstoxError("UDAPI100049");
  if (query.response_type !== undefined && query.response_type !== "code") {
    throw upstoxError("UDAPI100036", "response_type");
  }
  const problem = challengeProblem(query, client.native);
  if (problem) throw upstoxError("UDAPI100036", problem);
  return {
    kind: "authorize",
    clientId: client.clientId,
    clientEpoch: client.codeEpoch,
    redirectUri: matched,
    state: query.state ?? null,
    codeChallenge: query.code_challenge ?? null,
  };
}
