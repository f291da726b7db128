/**
 * Tradejini: browser logins of user based apps, direct logins of individual apps; a token lives a day from its issue.
 * @see protocol/tradejini.md 4, 5, 7, 8
 */
import { ApiException, NetworkException, RateLimitedException } from "@kunji/client";
import {
  type AccessToken,
  AccountApi,
  ApiClient,
  AuthorizationApi,
  authorizationUrl,
  bearerPair,
  Configuration,
  FundsApi,
  type GetUserDetails200Response,
  OrdersApi,
  Session,
} from "@kunji/client/tradejini";
import type { AccountProfile } from "../account.ts";
import type { Secret } from "../secret.ts";
import { type Answer, answerOf, requireField, requireToken, requireUserId } from "./answer.ts";
import type { Broker, BrokerWire, IssuedToken, Verdict } from "./broker.ts";
import { type CallArguments, callRenewing, type Renewal } from "./renewing-call.ts";

/** Milliseconds for a call of a login. */
const TIMEOUT = 30_000;

/** The API objects of one account. Their token renews under them. */
export interface TradejiniApis {
  readonly accountApi: AccountApi;
  readonly fundsApi: FundsApi;
  readonly authorizationApi: AuthorizationApi;
  readonly ordersApi: OrdersApi;
}

/** @param wire the clock that `Date` headers are compared with */
export function tradejiniBroker({ now }: BrokerWire): Broker {
  const client = (profile: AccountProfile, token?: Secret): ApiClient =>
    new ApiClient({ configuration: configurationOf(profile, token), timeout: TIMEOUT, now });

  return {
    name: "tradejini",
    title: "Tradejini",
    ways: ["browser", "totp"],
    fields: [
      { name: "clientId", label: "API key", isSecret: false, ways: ["browser", "totp"], hint: "Developer portal" },
      { name: "clientSecret", label: "API secret", isSecret: true, ways: ["browser"], hint: "user based apps" },
      {
        name: "redirectUri",
        label: "Redirect URL",
        isSecret: false,
        ways: ["browser"],
        hint: "as registered, http://127.0.0.1:7475/callback for instance",
      },
      // The vendor's pages disagree on which of the two it is (protocol/tradejini.md 5).
      {
        name: "password",
        label: "CubePlus PIN or login password",
        isSecret: true,
        ways: ["totp"],
        hint: "individual apps",
      },
      {
        name: "totpSecret",
        label: "TOTP secret",
        isSecret: true,
        ways: ["totp"],
        hint: "the text beneath the QR code in CubePlus, security settings",
      },
    ],
    host: (profile) => configurationOf(profile).host,
    issuerPath: "/tradejini",
    isVendorHost: (host) => /(?:^|\.)tradejini\.com$/.test(new URL(host).hostname),

    // PKCE has no place in Tradejini's parameters; nothing unknown is sent.
    authorizationUrl: (profile, state) =>
      authorizationUrl({
        clientId: profile.clientId,
        redirectUri: requireField(profile.redirectUri, "redirect URL"),
        state,
        host: configurationOf(profile).host,
      }),

    async exchange(profile, callback, _extras, signal) {
      const authorizationApi = new AuthorizationApi(client(profile));
      const secret = requireField(profile.clientSecret, "API secret").reveal();
      const redirectUri = requireField(profile.redirectUri, "redirect URL");
      const grant = "authorization_code";
      const answer = await answerOf<AccessToken>(now, (done) =>
        authorizationApi.getAccessToken(callback.code, profile.clientId, redirectUri, secret, grant, { signal }, done),
      );
      return issuedToken(profile, answer);
    },

    async identify(profile, token, signal) {
      const accountApi = new AccountApi(client(profile, token));
      const { data, serverTime } = await answerOf<GetUserDetails200Response>(now, (done) =>
        accountApi.getUserDetails({ signal }, done),
      );
      const { userId, userName } = data.d ?? {};
      return {
        userId: requireUserId(userId),
        userName: typeof userName === "string" ? userName : undefined,
        serverTime,
      };
    },

    async logout(profile, token, signal) {
      await new AccountApi(client(profile, token)).getLogoutWebResponse({ signal });
    },

    judge: judgeTradejini,

    async directLogin(profile, factors, code, signal) {
      const authorizationApi = new AuthorizationApi(client(profile));
      const bearer = `Bearer ${profile.clientId}`;
      const password = factors.password.reveal();
      const answer = await answerOf<AccessToken>(now, (done) =>
        authorizationApi.updatedIndividualToken(bearer, password, code, "totp", { signal }, done),
      );
      return issuedToken(profile, answer);
    },
  };
}

/** The account's API objects over one client whose every call asks for the token anew. */
export function tradejiniApis(profile: AccountProfile, renewal: Renewal, { now }: BrokerWire): TradejiniApis {
  class RenewingClient extends ApiClient {
    override callApi<T>(...call: CallArguments<T>): Promise<T> {
      return callRenewing(
        call,
        (again) => super.callApi(...again),
        renewal,
        (token) => bearerOf(profile, token),
      );
    }
  }
  const apiClient = new RenewingClient({ configuration: configurationOf(profile), now });
  return {
    accountApi: new AccountApi(apiClient),
    fundsApi: new FundsApi(apiClient),
    authorizationApi: new AuthorizationApi(apiClient),
    ordersApi: new OrdersApi(apiClient),
  };
}

/** What calls send after `Bearer `: key and token. */
function bearerOf(profile: AccountProfile, token: Secret): string {
  return bearerPair(profile.clientId, token.reveal());
}

function configurationOf(profile: AccountProfile, token?: Secret): Configuration {
  return new Configuration({
    host: profile.host,
    accessToken: token === undefined ? undefined : bearerOf(profile, token),
  });
}

function issuedToken(profile: AccountProfile, { data, madeAfter }: Answer<AccessToken>): IssuedToken {
  const accessToken = requireToken(data.accessToken);
  // Refuses a token of a type that is no bearer, and knows how long it lives.
  const { expiresAt } = new Session(profile.clientId, data, madeAfter);
  return { accessToken, issuedAt: madeAfter, expiresAt, userId: undefined };
}

/** By status: the wire has no codes. A page is some gateway's, and says nothing of the token. */
function judgeTradejini(error: unknown): Verdict {
  if (!(error instanceof ApiException)) return "refused";
  if (error instanceof NetworkException) return "unreachable";
  if (error instanceof RateLimitedException) return "busy";
  if (error.status >= 500 || error.code === "INTERNAL" || isPage(error)) return "unreachable";
  // Of an individual app this may also be a wrong address: the text is the same (protocol/tradejini.md 8).
  if (error.status === 401) return "dead";
  return error.code === "FORBIDDEN" ? "wrong-ip" : "refused";
}

function isPage({ response }: ApiException): boolean {
  return response !== undefined && response.body === undefined && response.text !== "";
}
