/**
 * Upstox: browser and approval logins; a token lives until the next 03:30 IST.
 * @see protocol/upstox.md 3, 5, 6, 14
 */
import {
  ApiException,
  ClosedForTheNightException,
  ForbiddenException,
  NetworkException,
  NotJsonException,
  RateLimitedException,
} from "@kunji/client";
import {
  ApiClient,
  authorizationUrl,
  Configuration,
  type GetProfileResponse,
  type IndieUserInitTokenResponse,
  LoginApi,
  type TokenResponse,
  UserApi,
} from "@kunji/client/upstox";
import { upstoxTokenExpiry } from "@kunji/contract/upstox";
import type { AccountProfile } from "../account.ts";
import { Secret } from "../secret.ts";
import { answerOf, requireField, requireToken, requireUserId } from "./answer.ts";
import type { Broker, BrokerWire, Notification, Verdict } from "./broker.ts";
import { type CallArguments, callRenewing, type Renewal } from "./renewing-call.ts";

const API_VERSION = "2.0";
/** Milliseconds for a call of a login. */
const TIMEOUT = 30_000;
/** Kunji's broker alone says how the approval page asks for a number; the vendor's bodies stay as documented (D6). */
const MATCH_NUMBER_HEADER = "kunji-match-number";

/** The API objects of one account. Their token renews under them. */
export interface UpstoxApis {
  readonly userApi: UserApi;
  readonly loginApi: LoginApi;
}

/** @param wire the clock that `Date` headers are compared with */
export function upstoxBroker({ now }: BrokerWire): Broker {
  const client = (profile: AccountProfile, token?: Secret): ApiClient =>
    new ApiClient({ configuration: configurationOf(profile, token), timeout: TIMEOUT, now });

  return {
    name: "upstox",
    title: "Upstox",
    ways: ["browser", "approval"],
    fields: [
      { name: "clientId", label: "API key", isSecret: false, ways: ["browser", "approval"], hint: "My Apps at Upstox" },
      { name: "clientSecret", label: "API secret", isSecret: true, ways: ["browser", "approval"], hint: undefined },
      {
        name: "redirectUri",
        label: "Redirect URL",
        isSecret: false,
        ways: ["browser"],
        hint: "as registered, http://127.0.0.1:7475/callback for instance",
      },
    ],
    host: (profile) => configurationOf(profile).host,
    issuerPath: "",
    isVendorHost: (host) => /(?:^|\.)upstox\.com$/.test(new URL(host).hostname),

    authorizationUrl: (profile, state, { pkce }) =>
      authorizationUrl({
        clientId: profile.clientId,
        redirectUri: requireField(profile.redirectUri, "redirect URL"),
        state,
        codeChallenge: pkce?.codeChallenge,
        host: configurationOf(profile).host,
      }),

    async exchange(profile, callback, { pkce }, signal) {
      const options = {
        code: callback.code,
        clientId: profile.clientId,
        clientSecret: requireField(profile.clientSecret, "API secret").reveal(),
        redirectUri: requireField(profile.redirectUri, "redirect URL"),
        grantType: "authorization_code",
        codeVerifier: pkce?.codeVerifier,
        signal,
      };
      const loginApi = new LoginApi(client(profile));
      const { data, madeAfter } = await answerOf<TokenResponse>(now, (done) =>
        loginApi.token(API_VERSION, options, done),
      );
      return {
        accessToken: requireToken(data.accessToken),
        issuedAt: madeAfter,
        expiresAt: upstoxTokenExpiry(madeAfter),
        userId: typeof data.userId === "string" ? data.userId : undefined,
      };
    },

    async identify(profile, token, signal) {
      const userApi = new UserApi(client(profile, token));
      const { data, serverTime } = await answerOf<GetProfileResponse>(now, (done) =>
        userApi.getProfile(API_VERSION, { signal }, done),
      );
      const { userId, userName } = data.data ?? {};
      return {
        userId: requireUserId(userId),
        userName: typeof userName === "string" ? userName : undefined,
        serverTime,
      };
    },

    async logout(profile, token, signal) {
      await new LoginApi(client(profile, token)).logout(API_VERSION, { signal });
    },

    judge: judgeUpstox,

    async requestApproval(profile, signal) {
      const body = { clientSecret: requireField(profile.clientSecret, "API secret").reveal() };
      const loginApi = new LoginApi(client(profile));
      let matchNumber: string | undefined;
      const { data, madeAfter } = await answerOf<IndieUserInitTokenResponse>(now, (done) =>
        loginApi.initTokenRequestForIndieUser(body, profile.clientId, { signal }, (error, answer, response) => {
          matchNumber = response?.get(MATCH_NUMBER_HEADER);
          done(error, answer, response);
        }),
      );
      const { authorizationExpiry, notifierUrl } = data.data ?? {};
      return {
        // The documented end and the computed one are the same moment; ours holds when theirs cannot be read.
        expiresAt: readMilliseconds(authorizationExpiry) ?? upstoxTokenExpiry(madeAfter),
        notifierUrl: typeof notifierUrl === "string" && notifierUrl !== "" ? notifierUrl : undefined,
        matchNumber,
      };
    },

    readNotification,
  };
}

/** The account's API objects over one client whose every call asks for the token anew. */
export function upstoxApis(profile: AccountProfile, renewal: Renewal, { now }: BrokerWire): UpstoxApis {
  class RenewingClient extends ApiClient {
    override callApi<T>(...call: CallArguments<T>): Promise<T> {
      return callRenewing(
        call,
        (again) => super.callApi(...again),
        renewal,
        (token) => token.reveal(),
      );
    }
  }
  const apiClient = new RenewingClient({ configuration: configurationOf(profile), now });
  return { userApi: new UserApi(apiClient), loginApi: new LoginApi(apiClient) };
}

function configurationOf({ host }: AccountProfile, token?: Secret): Configuration {
  return new Configuration({ host, accessToken: token?.reveal() });
}

/** Codes first: 401 is also the status of a wrong address and of a wrong app (protocol/upstox.md 6, 14). */
function judgeUpstox(error: unknown): Verdict {
  if (!(error instanceof ApiException)) return "refused";
  if (error instanceof NetworkException || error instanceof NotJsonException) return "unreachable";
  if (error instanceof ClosedForTheNightException) return "closed";
  if (error instanceof RateLimitedException) return "busy";
  if (error instanceof ForbiddenException) return error.wrongStaticIp ? "wrong-ip" : "refused";
  if (error.status >= 500) return "unreachable";
  if (error.errors.some(({ errorCode }) => errorCode === "UDAPI100050")) return "dead";
  // The vendor's OpenAPI gives logout's 401 another shape, without codes.
  return error.status === 401 && error.errors.length === 0 ? "dead" : "refused";
}

/** The notifier's message. It is not signed: what it says is a claim until the token is proven (S-82). */
function readNotification(body: unknown): Notification | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { message_type, client_id, user_id, access_token, issued_at, expires_at } = body as Record<string, unknown>;
  const issued = readMilliseconds(issued_at);
  const expires = readMilliseconds(expires_at);
  if (message_type !== "access_token" || issued === undefined || expires === undefined) return undefined;
  if (!isText(client_id) || !isText(user_id) || !isText(access_token)) return undefined;
  return {
    clientId: client_id,
    userId: user_id,
    accessToken: new Secret(access_token),
    issuedAt: issued,
    // No token outlives the cut-off, whatever a message says.
    expiresAt: Math.min(expires, upstoxTokenExpiry(issued)),
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,8192}$/.test(value);
}

/** Epoch milliseconds as text. @returns epoch seconds */
function readMilliseconds(value: unknown): number | undefined {
  return typeof value === "string" && /^\d{12,14}$/.test(value) ? Math.floor(Number(value) / 1000) : undefined;
}
