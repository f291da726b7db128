import { upstoxRoutes } from "@kunji/contract/upstox";
import type { CallOptions } from "../api-client.ts";
import { ApiResponse } from "../api-response.ts";
import { type ApiCallback, requireArgument, splitArguments } from "../callback-style.ts";
import { loginLimits } from "../operation.ts";
import { toWireObject } from "../wire-names.ts";
import { ApiClient } from "./api-client.ts";
import {
  IndieUserInitTokenResponse,
  type IndieUserTokenRequestInit,
  LogoutResponse,
  TokenResponse,
} from "./models/login.ts";
import { callOperation } from "./operation.ts";

export interface AuthorizeOptions extends CallOptions {
  state?: string | undefined;
  scope?: string | undefined;
  /** PKCE challenge, S256; Upstox ignores it. */
  codeChallenge?: string | undefined;
}

export interface TokenOptions extends CallOptions {
  /** From the callback. Spent by the first attempt, even a failed one. */
  code?: string | undefined;
  /** API key. */
  clientId?: string | undefined;
  /** API secret. */
  clientSecret?: string | undefined;
  /** The registered redirect URI, as in the dialog. */
  redirectUri?: string | undefined;
  /** Always `authorization_code`. */
  grantType?: string | undefined;
  /** `true` makes a new one-year extended token, else the one there is comes back. */
  refreshExtendedToken?: boolean | undefined;
  /** PKCE verifier, when the dialog carried a challenge. */
  codeVerifier?: string | undefined;
}

/**
 * Login, token and logout. Every method returns a promise and takes an optional last callback
 * `(error, data, response)`; a missing argument throws at once.
 */
export class LoginApi {
  apiClient: ApiClient;

  /** @param apiClient the client to call with; `ApiClient.instance` by default */
  constructor(apiClient: ApiClient = ApiClient.instance) {
    this.apiClient = apiClient;
  }

  /**
   * Asks for the dialog and gives the answer as it is: `response.get("location")` leads to the login page. No
   * redirect is followed. A person logs in through the URL of `authorizationUrl()` instead.
   * @throws ApiException `UDAPI100068` when app and redirect URI do not match
   */
  authorize(
    clientId: string,
    redirectUri: string,
    apiVersion: string,
    opts?: AuthorizeOptions | ApiCallback<ApiResponse> | null,
    callback?: ApiCallback<ApiResponse> | null,
  ): Promise<ApiResponse> {
    requireArgument(clientId, "clientId", "authorize");
    requireArgument(redirectUri, "redirectUri", "authorize");
    requireArgument(apiVersion, "apiVersion", "authorize");
    const { options, callback: done } = splitArguments(opts, callback);
    const query = {
      response_type: "code",
      client_id: clientId,
      redirect_uri: redirectUri,
      state: options.state,
      scope: options.scope,
      code_challenge: options.codeChallenge,
      code_challenge_method: options.codeChallenge === undefined ? undefined : "S256",
    };
    const headers = { "Api-Version": apiVersion };
    return callOperation(
      this.apiClient,
      upstoxRoutes.authorize,
      { query, headers },
      ApiResponse,
      done,
      loginLimits(options),
    );
  }

  /**
   * Exchanges a code for the day's token. One request, never repeated (S-15): after a failure start a new login.
   * @returns the token and the customer; the token dies at the next 03:30 IST
   * @throws UnauthorizedException `UDAPI100069` for a wrong key or secret
   * @throws ApiException `UDAPI100057` for a code that is unknown, expired or used
   */
  token(
    apiVersion: string,
    opts?: TokenOptions | ApiCallback<TokenResponse> | null,
    callback?: ApiCallback<TokenResponse> | null,
  ): Promise<TokenResponse> {
    requireArgument(apiVersion, "apiVersion", "token");
    const { options, callback: done } = splitArguments(opts, callback);
    const form = {
      code: options.code,
      client_id: options.clientId,
      client_secret: options.clientSecret,
      redirect_uri: options.redirectUri,
      grant_type: options.grantType,
      refresh_extended_token: options.refreshExtendedToken,
      code_verifier: options.codeVerifier,
    };
    const headers = { "Api-Version": apiVersion };
    return callOperation(
      this.apiClient,
      upstoxRoutes.token,
      { form, headers },
      TokenResponse,
      done,
      loginLimits(options),
    );
  }

  /** Ends the session: the token of the client stops working. */
  logout(
    apiVersion: string,
    opts?: CallOptions | ApiCallback<LogoutResponse> | null,
    callback?: ApiCallback<LogoutResponse> | null,
  ): Promise<LogoutResponse> {
    requireArgument(apiVersion, "apiVersion", "logout");
    const { options, callback: done } = splitArguments(opts, callback);
    const headers = { "Api-Version": apiVersion };
    return callOperation(this.apiClient, upstoxRoutes.logout, { headers }, LogoutResponse, done, loginLimits(options));
  }

  /**
   * Asks the account holder to approve a token; it comes by the app's notifier webhook.
   * @param body the app's secret, as `clientSecret` or `client_secret`
   * @param clientId API key of the app
   * @returns `data.authorizationExpiry`: when the request lapses, epoch milliseconds as text
   */
  initTokenRequestForIndieUser(
    body: IndieUserTokenRequestInit,
    clientId: string,
    opts?: CallOptions | ApiCallback<IndieUserInitTokenResponse> | null,
    callback?: ApiCallback<IndieUserInitTokenResponse> | null,
  ): Promise<IndieUserInitTokenResponse> {
    requireArgument(body, "body", "initTokenRequestForIndieUser");
    requireArgument(clientId, "clientId", "initTokenRequestForIndieUser");
    const { options, callback: done } = splitArguments(opts, callback);
    return callOperation(
      this.apiClient,
      upstoxRoutes.initTokenRequestForIndieUser,
      { path: { client_id: clientId }, json: toWireObject(body) },
      IndieUserInitTokenResponse,
      done,
      loginLimits(options),
    );
  }
}
