import { upstoxRoutes } from "@kunji/contract/upstox";
import { readOrigin } from "../origin.ts";
import { Configuration } from "./configuration.ts";

export interface AuthorizationUrlParameters {
  /** API key of the app. */
  readonly clientId: string;
  /** The registered redirect URI, character for character. */
  readonly redirectUri: string;
  /** From `createState()`; keep it for `readCallback()`. */
  readonly state: string;
  readonly scope?: string | undefined;
  /** From `createPkcePair()`. Upstox ignores it; Kunji's broker checks it. */
  readonly codeChallenge?: string | undefined;
  /** Base URL. @defaultValue `KUNJI_UPSTOX_URL`, else https://api.upstox.com */
  readonly host?: string | undefined;
}

/**
 * The URL of the login dialog, to open in the customer's browser.
 * @throws TypeError when a parameter is missing, or the host is neither https nor loopback (S-72)
 * @see protocol/upstox.md 2
 */
export function authorizationUrl(parameters: AuthorizationUrlParameters): string {
  const { clientId, redirectUri, state, scope, codeChallenge } = parameters;
  for (const [name, value] of Object.entries({ clientId, redirectUri, state })) {
    if (typeof value !== "string" || value === "") throw new TypeError(`authorizationUrl needs ${name}`);
  }
  const { href } = readOrigin(parameters.host ?? new Configuration().host);
  const query = Object.entries({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
    scope,
    code_challenge: codeChallenge,
    code_challenge_method: codeChallenge === undefined ? undefined : "S256",
  }).flatMap(([name, value]) => (value === undefined ? [] : `${name}=${encodeURIComponent(value)}`));
  return `${href}${upstoxRoutes.authorize.path}?${query.join("&")}`;
}
