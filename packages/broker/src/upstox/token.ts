import { type UpstoxErrorCode, upstoxRoutes } from "@kunji/contract/upstox";
import type { FastifyInstance } from "fastify";
import type { BrokerContext } from "../broker-context.ts";
import { exchangeCode } from "../grants/exchange-code.ts";
import type { IssuedToken } from "../grants/issue-token.ts";
import type { Redemption } from "../grants/redeem-code.ts";
import type { FormFields } from "../http/form-fields.ts";
import { matchRedirectUri } from "../http/redirect-uri-rules.ts";
import type { CodeHolder } from "../store/codes.ts";
import type { ExchangingClient } from "../store/exchange-lookup.ts";
import { UpstoxError, type UpstoxProblem, upstoxError } from "./error-body.ts";
import { upstox } from "./identity.ts";
import { upstoxTokenRules } from "./token-rules.ts";

/** The five fields the vendor requires, in the order its SDKs send them, and the code for each when it is missing. */
const REQUIRED = [
  ["code", "UDAPI1022"],
  ["client_id", "UDAPI1017"],
  ["client_secret", "UDAPI1024"],
  ["redirect_uri", "UDAPI1018"],
  ["grant_type", "UDAPI1023"],
] as const satisfies readonly (readonly [string, UpstoxErrorCode])[];

/**
 * `POST /v2/login/authorization/token`. Checks in the documented order: fields, secret, redirect URI, code, segments.
 * From the secret on, any attempt spends the code it names (D1). @see protocol/upstox.md 3
 */
export function registerToken(app: FastifyInstance, context: BrokerContext): void {
  app.post(upstoxRoutes.token.path, { config: { content: "form" } }, async (request, reply) => {
    // One way to authenticate, and never in the URL or a Basic header (S-22).
    if (request.raw.url?.includes("?") || /^basic\b/i.test(request.headers.authorization ?? "")) {
      throw upstoxError("UDAPI100036");
    }
    const fields = readFields(request.body as FormFields | undefined);
    // Named one by one: an object spread and then added to leaves the fast paths of the engine on every request.
    const exchange = await exchangeCode(context, {
      code: fields.code,
      clientId: fields.clientId,
      clientSecret: fields.clientSecret,
      redirectUri: fields.redirectUri,
      codeVerifier: fields.codeVerifier,
      refreshExtendedToken: fields.refreshExtendedToken,
      dialect: upstox.name,
      rules: upstoxTokenRules,
      flows: ["authorization_code"],
      source: context.sourceOf(request),
    });
    if (exchange.outcome === "source-blocked") {
      throw new UpstoxError([{ code: "UDAPI10005" }], { retryAfterSeconds: exchange.retryAfterSeconds });
    }
    if (exchange.outcome === "client-inactive") throw upstoxError("UDAPI100073");
    if (exchange.outcome === "client-refused") throw upstoxError("UDAPI100069");
    const { client, redemption } = exchange;
    if (redemption.outcome !== "issued") throw refusal(redemption, client, fields.redirectUri);
    reply.headers(context.jsonHeaders).type("application/json");
    return tokenBody(redemption.account, redemption.token, redemption.extendedToken);
  });
}

interface TokenFields {
  readonly code: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly codeVerifier: string | undefined;
  readonly refreshExtendedToken: boolean;
}

/** An incomplete request is no exchange: it is refused with one entry per missing field and changes nothing. */
function readFields(form: FormFields | undefined): TokenFields {
  const missing: UpstoxProblem[] = REQUIRED.filter(([name]) => !form?.[name]).map(([propertyPath, code]) => ({
    code,
    propertyPath,
  }));
  const [first, ...rest] = missing;
  if (first) throw new UpstoxError([first, ...rest]);
  const field = (name: string) => form?.[name] ?? "";
  if (field("grant_type") !== "authorization_code") throw upstoxError("UDAPI100036", "grant_type");
  // An optional parameter without a value counts as left out (RFC 6749 3.2).
  const refresh = form?.refresh_extended_token || undefined;
  if (refresh !== undefined && refresh !== "true" && refresh !== "false") {
    throw upstoxError("UDAPI100036", "refresh_extended_token");
  }
  return {
    code: field("code"),
    clientId: field("client_id"),
    clientSecret: field("client_secret"),
    redirectUri: field("redirect_uri"),
    codeVerifier: form?.code_verifier || undefined,
    refreshExtendedToken: refresh === "true",
  };
}

/** The vendor tells a redirect URI that is not the app's from everything that can be wrong with a code (S-111). */
function refusal(
  redemption: Exclude<Redemption, { outcome: "issued" }>,
  client: ExchangingClient,
  redirectUri: string,
) {
  if (redemption.outcome === "objection") return upstoxError(redemption.reason as UpstoxErrorCode);
  const isRegistered = matchRedirectUri(redirectUri, client.redirectUris, client) !== undefined;
  return isRegistered ? upstoxError("UDAPI100057", "code") : upstoxError("UDAPI100070", "redirect_uri");
}

/**
 * The flat success body. The account row keeps its profile in wire shape, so the tokens are put behind it without
 * parsing it; they are base64url and need no escaping. `token_type` and `expires_in` are in the vendor's OpenAPI, and
 * standard OAuth clients insist on the first.
 */
function tokenBody(account: CodeHolder, token: IssuedToken, extendedToken: string | undefined): string {
  const expiresIn = Math.max(0, Math.floor((token.expiresAt - token.issuedAt) / 1000));
  const extended = extendedToken === undefined ? "null" : `"${extendedToken}"`;
  return `${account.profile.slice(0, -1)},"access_token":"${token.text}","extended_token":${extended},"token_type":"Bearer","expires_in":${expiresIn}}`;
}
