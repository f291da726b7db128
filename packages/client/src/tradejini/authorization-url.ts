import { type TradejiniOrderBasket, tradejiniRoutes } from "@kunji/contract/tradejini";
import { readOrigin } from "../origin.ts";
import { encodeQuery, formEncoded } from "../request-encoding.ts";
import { basketText } from "./basket-text.ts";
import { Configuration } from "./configuration.ts";
import { tradejiniDialect } from "./dialect.ts";

export interface AuthorizationUrlParameters {
  /** API key of the app. */
  readonly clientId: string;
  /** The registered redirect URL, character for character. */
  readonly redirectUri: string;
  /** From `createState()`; keep it for `readCallback()`. */
  readonly state: string;
  /** Base URL. @defaultValue `KUNJI_TRADEJINI_URL`, else https://api.tradejini.com/v2 */
  readonly host?: string | undefined;
}

export interface OrderAuthorizationUrlParameters extends AuthorizationUrlParameters {
  /** What the customer is asked to approve. */
  readonly orders: TradejiniOrderBasket;
}

/**
 * The URL of the login page, to open in the customer's browser.
 * @throws TypeError when a parameter is missing, or the host is neither https nor loopback (S-72)
 * @see protocol/tradejini.md 3
 */
export function authorizationUrl(parameters: AuthorizationUrlParameters): string {
  return urlOf("authorizationUrl", tradejiniRoutes.authorize.path, parameters);
}

/**
 * The URL of order connect, to open in the customer's browser: one trip that logs in and, when the customer approves,
 * places the orders.
 * @throws TypeError as `authorizationUrl`, and with every problem of a basket that would be refused
 * @see protocol/tradejini.md 6
 */
export function orderAuthorizationUrl(parameters: OrderAuthorizationUrlParameters): string {
  const params = basketText(parameters.orders);
  return urlOf("orderAuthorizationUrl", tradejiniRoutes.orderAuthorize.path, parameters, params);
}

function urlOf(name: string, path: string, parameters: AuthorizationUrlParameters, params?: string): string {
  const { clientId, redirectUri, state } = parameters;
  for (const [parameter, value] of Object.entries({ clientId, redirectUri, state })) {
    if (typeof value !== "string" || value === "") throw new TypeError(`${name} needs ${parameter}`);
  }
  const { href } = readOrigin(new Configuration({ host: parameters.host }).host);
  const query = authorizationQuery(clientId, redirectUri, "code", "general", state, params);
  return `${href}${path.slice(tradejiniDialect.routePrefix.length)}${encodeQuery(query, formEncoded)}`;
}

/** The query of both dialogs, in the order of the generated SDKs. */
export function authorizationQuery(
  clientId: string,
  redirectUri: string,
  responseType: string,
  scope: string,
  state: string,
  params?: string,
): Record<string, string | undefined> {
  return { client_id: clientId, redirect_uri: redirectUri, response_type: responseType, scope, state, params };
}
