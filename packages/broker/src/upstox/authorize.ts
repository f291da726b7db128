import { upstoxRoutes } from "@kunji/contract/upstox";
import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { isCodeChallenge } from "../grants/pkce.ts";
import { wantsHtml } from "../http/accept-header.ts";
import type { FormFields } from "../http/form-fields.ts";
import { matchRedirectUri } from "../http/redirect-uri-rules.ts";
import { mintAttemptCookie, openAttempt } from "../login/attempt.ts";
import { attemptCookies } from "../login/attempt-cookie.ts";
import type { LoginRequest } from "../login/login-request.ts";
import { clientErrorPage } from "../pages/index.ts";
import { findClient } from "../store/clients.ts";
import { UpstoxError, type UpstoxProblem, upstoxError, upstoxErrorBody } from "./error-body.ts";
import { LOGIN_PATH, upstox } from "./identity.ts";

const MAX_STATE_BYTES = 1024;

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
      if (!(error instanceof UpstoxError)) throw error;
      if (!wantsHtml(request.headers.accept)) {
        return reply.code(error.status).headers(context.jsonHeaders).send(upstoxErrorBody(error.problems));
      }
      return reply
        .code(error.status)
        .headers(context.pageHeaders())
        .type("text/html; charset=utf-8")
        .send(clientErrorPage({ ...context.page(upstox), requestId: request.id }));
    }
    const now = context.clock.now();
    const cookie = mintAttemptCookie(context, now);
    const key = await context.db.write(() => openAttempt(context, upstox.name, loginRequest, cookie, now));
    context.metrics.loginSteps.inc({ dialect: upstox.name, step: "dialog", outcome: "opened" });
    return reply
      .headers(context.jsonHeaders)
      .header("set-cookie", attemptCookies(context, request.headers.cookie).start(key, cookie.text))
      .redirect(`${LOGIN_PATH}/${key}`, 302);
  });
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
  return {
    kind: "authorize",
    clientId: client.clientId,
    clientEpoch: client.tokenEpoch,
    redirectUri: matched,
    state: query.state ?? null,
    codeChallenge: readChallenge(query, client.native),
  };
}

/** PKCE when it is sent, S256 only; native apps must send it (S-18). */
function readChallenge(query: FormFields, isRequired: boolean): string | null {
  const { code_challenge: challenge, code_challenge_method: method } = query;
  if (challenge === undefined && method === undefined && !isRequired) return null;
  if (challenge === undefined || !isCodeChallenge(challenge)) throw upstoxError("UDAPI100036", "code_challenge");
  if (method !== "S256") throw upstoxError("UDAPI100036", "code_challenge_method");
  return challenge;
}
