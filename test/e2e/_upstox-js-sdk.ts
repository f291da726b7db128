/** The published `upstox-js-sdk`, as it is: CommonJS without types, callbacks only. */
import { createRequire } from "node:module";

/** superagent's answer, as far as people use it. */
export interface SdkResponse {
  readonly status: number;
  readonly text: string;
  readonly body: Record<string, unknown>;
  readonly redirects: readonly string[];
}

/** What the callback gets on failure: superagent's error. */
export interface SdkError extends Error {
  readonly status?: number;
  readonly code?: string;
  readonly response?: SdkResponse;
}

export type SdkCallback<Data> = (error: SdkError | null, data: Data, response: SdkResponse) => void;

export interface SdkToken {
  readonly accessToken: string;
  readonly extendedToken: string | null;
  readonly userId: string;
  readonly userName: string;
  readonly email: string;
  readonly broker: string;
  readonly exchanges: readonly string[];
  readonly orderTypes: readonly string[];
  readonly isActive: boolean;
}

export interface SdkEnvelope<Data> {
  readonly status: string;
  readonly data: Data;
}

export interface SdkFunds {
  readonly usedMargin: number;
  readonly availableMargin: number;
}

export type SdkFundsBySegment = Readonly<Record<string, SdkFunds>>;

export interface SdkFundsV3 {
  readonly availableToTrade: {
    readonly total: number;
    readonly cashAvailableToTrade: { readonly total: number; readonly cash: { readonly openingBalance: number } };
  };
  readonly unavailableToTrade: object;
}

export interface SdkIps {
  readonly primaryIp: string | null;
  readonly secondaryIp: string | null;
  readonly primaryIpUpdatedAt: string | null;
  readonly accessTokensInvalidated?: boolean;
}

export interface SdkTokenOptions {
  readonly code: string | undefined;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
  readonly grantType: string;
}

export interface SdkLoginApi {
  authorize(
    clientId: string,
    redirectUri: string,
    apiVersion: string,
    opts: { state?: string; scope?: string } | null,
    callback: SdkCallback<null>,
  ): unknown;
  token(apiVersion: string, opts: Partial<SdkTokenOptions>, callback: SdkCallback<SdkToken>): unknown;
  logout(apiVersion: string, callback: SdkCallback<SdkEnvelope<boolean>>): unknown;
  initTokenRequestForIndieUser(
    body: object,
    clientId: string,
    callback: SdkCallback<SdkEnvelope<{ readonly authorizationExpiry: string; readonly notifierUrl: string }>>,
  ): unknown;
}

export interface SdkUserApi {
  getProfile(apiVersion: string, callback: SdkCallback<SdkEnvelope<SdkToken>>): unknown;
  getUserFundMargin(
    apiVersion: string,
    opts: { segment?: string } | null,
    callback: SdkCallback<SdkEnvelope<SdkFundsBySegment>>,
  ): unknown;
  getUserFundMarginV3(callback: SdkCallback<SdkEnvelope<SdkFundsV3>>): unknown;
  getUserIps(callback: SdkCallback<SdkEnvelope<SdkIps>>): unknown;
  updateUserIp(body: object, callback: SdkCallback<SdkEnvelope<SdkIps>>): unknown;
}

export interface UpstoxSdk {
  readonly ApiClient: {
    readonly instance: {
      basePath: string;
      readonly authentications: { readonly OAUTH2: { accessToken?: string | undefined } };
    };
  };
  readonly LoginApi: new () => SdkLoginApi;
  readonly UserApi: new () => SdkUserApi;
  readonly IndieUserTokenRequest: new () => { clientSecret?: string };
  readonly UpdateUserIpRequest: new (primaryIp?: string) => { primaryIp?: string; secondaryIp?: string };
}

export const upstoxSdk = createRequire(import.meta.url)("upstox-js-sdk") as UpstoxSdk;

/** What a call of the SDK handed to its callback. */
export interface SdkOutcome<Data> {
  readonly error: SdkError | null;
  readonly data: Data;
  readonly response: SdkResponse;
}

/** Makes a call and waits for its callback. The returned request is never awaited: that would send it twice. */
export function callSdk<Data>(call: (callback: SdkCallback<Data>) => unknown): Promise<SdkOutcome<Data>> {
  return new Promise((resolve) => {
    call((error, data, response) => resolve({ error, data, response }));
  });
}
