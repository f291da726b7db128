import { type TradejiniOrderBasket, tradejiniRoutes } from "@kunji/contract/tradejini";
import type { CallOptions } from "../api-client.ts";
import { ApiResponse } from "../api-response.ts";
import { type ApiCallback, splitArguments } from "../callback-style.ts";
import type { ModelType } from "../model.ts";
import { loginLimits } from "../operation.ts";
import { type ApiClient, clientOf } from "./api-client.ts";
import { authorizationQuery } from "./authorization-url.ts";
import { basketText } from "./basket-text.ts";
import type { Configuration } from "./configuration.ts";
import type {
  AuthorizeResponseTypeEnum,
  AuthorizeScopeEnum,
  GetAccessTokenGrantTypeEnum,
  OrderAuthorizeResponseTypeEnum,
  OrderAuthorizeScopeEnum,
  UpdatedIndividualTokenTwoFaTypEnum,
} from "./enums.ts";
import { AccessToken, Session } from "./models/authorization.ts";
import { callOperation } from "./operation.ts";
import { missingArgument } from "./required-error.ts";

export interface CodeExchange {
  /** From the callback. Spent by the first attempt, even a failed one. */
  readonly code: string;
  /** API key. */
  readonly clientId: string;
  /** API secret. */
  readonly clientSecret: string;
  /** The registered redirect URL, as in the dialog. */
  readonly redirectUri: string;
}

/** The second factor is one of two: the authenticator's code, or the one sent by SMS and e-mail. */
export type DirectLogin = {
  /** API key of an individual app. */
  readonly apiKey: string;
  /** CubePlus PIN or login password. */
  readonly password: string;
} & ({ readonly totp: string; readonly otp?: undefined } | { readonly otp: string; readonly totp?: undefined });

/**
 * Logins of both app kinds. The four methods of the generated SDK are here with its argument order, beside forms that
 * take an object. Every method returns a promise and takes an optional last callback `(error, data, response)`; a
 * missing argument rejects with `RequiredError`. None of them sends the configured access token.
 */
export class AuthorizationApi {
  apiClient: ApiClient;

  /** @param settings a client or a configuration; `ApiClient.instance` by default */
  constructor(settings?: ApiClient | Configuration) {
    this.apiClient = clientOf(settings);
  }

  /**
   * Exchanges a callback's code for a session. One request, never repeated (S-15): after a failure start a new login.
   * @throws UnauthorizedException code, key or secret is wrong, or the code was used
   */
  exchangeCode(
    exchange: CodeExchange,
    opts?: CallOptions | ApiCallback<Session> | null,
    callback?: ApiCallback<Session> | null,
  ): Promise<Session> {
    const { code, clientId, clientSecret, redirectUri } = exchange;
    const missing = missingArgument("exchangeCode", { code, clientId, clientSecret, redirectUri });
    if (missing !== undefined) return Promise.reject(missing);
    const form = tokenForm(code, clientId, redirectUri, clientSecret, "authorization_code");
    const { options, callback: done } = splitArguments(opts, callback);
    const session = this.#sessionOf(clientId);
    return callOperation(this.apiClient, tradejiniRoutes.getAccessToken, { form }, session, done, loginLimits(options));
  }

  /**
   * Logs the owner of an individual app in, without a browser. One attempt: repeated failures can block the account.
   * @throws UnauthorizedException for every cause alike: address, key, password, code
   */
  loginDirect(
    login: DirectLogin,
    opts?: CallOptions | ApiCallback<Session> | null,
    callback?: ApiCallback<Session> | null,
  ): Promise<Session> {
    const { apiKey, password, totp, otp } = login;
    const missing = missingArgument("loginDirect", {
      apiKey,
      password,
      [otp === undefined ? "totp" : "otp"]: otp ?? totp,
    });
    if (missing !== undefined) return Promise.reject(missing);
    if (otp !== undefined && totp !== undefined) {
      return Promise.reject(new TypeError("loginDirect takes a totp or an otp, not both"));
    }
    const form = { password, twoFa: otp ?? totp, twoFaTyp: otp === undefined ? "totp" : "otp" };
    const headers = { Authorization: `Bearer ${apiKey}` };
    const { options, callback: done } = splitArguments(opts, callback);
    const session = this.#sessionOf(apiKey);
    const route = tradejiniRoutes.updatedIndividualToken;
    return callOperation(this.apiClient, route, { form, headers }, session, done, loginLimits(options));
  }

  /**
   * Asks for the dialog and gives the answer as it is: `response.get("location")` leads to the login page. No
   * redirect is followed. A person logs in through the URL of `authorizationUrl()` instead.
   */
  authorize(
    clientId: string,
    redirectUri: string,
    responseType: AuthorizeResponseTypeEnum,
    scope: AuthorizeScopeEnum,
    state: string,
    opts?: CallOptions | ApiCallback<ApiResponse> | null,
    callback?: ApiCallback<ApiResponse> | null,
  ): Promise<ApiResponse> {
    const missing = missingArgument("authorize", { clientId, redirectUri, responseType, scope, state });
    if (missing !== undefined) return Promise.reject(missing);
    const query = authorizationQuery(clientId, redirectUri, responseType, scope, state);
    const { options, callback: done } = splitArguments(opts, callback);
    return callOperation(this.apiClient, tradejiniRoutes.authorize, { query }, ApiResponse, done, loginLimits(options));
  }

  /**
   * Exchanges a code for a token. One request, never repeated (S-15). `exchangeCode()` gives a whole session instead.
   */
  getAccessToken(
    code: string,
    clientId: string,
    redirectUri: string,
    clientSecret: string,
    grantType: GetAccessTokenGrantTypeEnum,
    opts?: CallOptions | ApiCallback<AccessToken> | null,
    callback?: ApiCallback<AccessToken> | null,
  ): Promise<AccessToken> {
    const missing = missingArgument("getAccessToken", { code, clientId, redirectUri, clientSecret, grantType });
    if (missing !== undefined) return Promise.reject(missing);
    const form = tokenForm(code, clientId, redirectUri, clientSecret, grantType);
    const { options, callback: done } = splitArguments(opts, callback);
    const route = tradejiniRoutes.getAccessToken;
    return callOperation(this.apiClient, route, { form }, AccessToken, done, loginLimits(options));
  }

  /**
   * Asks for order connect and gives the answer as it is, as `authorize` does. A person approves the orders at the URL
   * of `orderAuthorizationUrl()` instead.
   * @param params the orders, or their JSON
   * @throws TypeError (as a rejection) that lists every problem of a basket that would be refused
   */
  orderAuthorize(
    clientId: string,
    redirectUri: string,
    responseType: OrderAuthorizeResponseTypeEnum,
    scope: OrderAuthorizeScopeEnum,
    state: string,
    params: TradejiniOrderBasket | string,
    opts?: CallOptions | ApiCallback<ApiResponse> | null,
    callback?: ApiCallback<ApiResponse> | null,
  ): Promise<ApiResponse> {
    const args = { clientId, redirectUri, responseType, scope, state, params };
    const missing = missingArgument("orderAuthorize", args);
    if (missing !== undefined) return Promise.reject(missing);
    let basket: string;
    try {
      basket = basketText(params);
    } catch (error) {
      return Promise.reject(error);
    }
    const query = authorizationQuery(clientId, redirectUri, responseType, scope, state, basket);
    const { options, callback: done } = splitArguments(opts, callback);
    const route = tradejiniRoutes.orderAuthorize;
    return callOperation(this.apiClient, route, { query }, ApiResponse, done, loginLimits(options));
  }

  /**
   * Logs the owner of an individual app in. `loginDirect()` gives a whole session instead.
   * @param authorization the whole header value, `Bearer <api_key>`
   */
  updatedIndividualToken(
    authorization: string,
    password: string,
    twoFa: string,
    twoFaTyp: UpdatedIndividualTokenTwoFaTypEnum,
    opts?: CallOptions | ApiCallback<AccessToken> | null,
    callback?: ApiCallback<AccessToken> | null,
  ): Promise<AccessToken> {
    const missing = missingArgument("updatedIndividualToken", { authorization, password, twoFa, twoFaTyp });
    if (missing !== undefined) return Promise.reject(missing);
    const form = { password, twoFa, twoFaTyp };
    const headers = { Authorization: authorization };
    const { options, callback: done } = splitArguments(opts, callback);
    const route = tradejiniRoutes.updatedIndividualToken;
    return callOperation(this.apiClient, route, { form, headers }, AccessToken, done, loginLimits(options));
  }

  /** Makes a session of the answer; its life is counted from now, before the request leaves. */
  #sessionOf(apiKey: string): ModelType<Session> {
    const asked = this.apiClient.now() / 1000;
    return {
      constructFromObject: (data) => new Session(apiKey, AccessToken.constructFromObject(data), asked),
    };
  }
}

/** In the order of the generated SDKs. */
function tokenForm(
  code: string,
  clientId: string,
  redirectUri: string,
  clientSecret: string,
  grantType: string,
): Record<string, string> {
  return { code, client_id: clientId, redirect_uri: redirectUri, client_secret: clientSecret, grant_type: grantType };
}
