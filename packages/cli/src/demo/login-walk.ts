import { type CheckedCallback, createPkcePair, createState, UpstoxClient } from "@kunji/client";
import { upstoxTokenExpiry } from "@kunji/contract/upstox";
import type { DemoReport, DemoSession } from "./demo-report.ts";

/** The registered app that logs a customer in. */
export interface WalkApp {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

export interface WalkOptions {
  /** Base URL of the broker. */
  readonly host: string;
  readonly app: WalkApp;
  /**
   * Leads the customer through the dialog.
   * @returns the checked answer of the broker
   */
  readonly logIn: (dialog: { readonly url: string; readonly state: string }) => Promise<CheckedCallback>;
  readonly report: DemoReport;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One login with `@kunji/client`, from the dialog to the dead token, told step by step.
 * @throws ApiException, CallbackException
 */
export async function walkThroughLogin({ host, app, logIn, report, now, signal }: WalkOptions): Promise<void> {
  const client = new UpstoxClient.ApiClient({ configuration: new UpstoxClient.Configuration({ host }), now });
  const loginApi = new UpstoxClient.LoginApi(client);
  const userApi = new UpstoxClient.UserApi(client);
  const { clientId, clientSecret, redirectUri } = app;

  const state = createState();
  const { codeChallenge, codeVerifier } = await createPkcePair();
  const url = UpstoxClient.authorizationUrl({ host, clientId, redirectUri, state, codeChallenge });
  const { code } = await logIn({ url, state });
  report.step({ name: "callback", title: "Came back to the app", detail: "state and issuer are the right ones" });

  const form = { code, clientId, clientSecret, redirectUri, grantType: "authorization_code", codeVerifier, signal };
  const token = await loginApi.token("2.0", form);
  const issuedAt = Math.floor(now() / 1000);
  client.authentications.OAUTH2.accessToken = token.accessToken;
  report.step({ name: "token", title: "Exchanged the code", detail: "for the day's access token" });
  report.session(sessionOf(token, issuedAt));

  const { data: profile } = await userApi.getProfile("2.0", { signal });
  report.profile(profile);
  await showFunds(userApi, report, signal);

  await loginApi.logout("2.0", { signal });
  report.step({ name: "logout", title: "Logged out" });
  report.step({ name: "token_refused", title: "The token is dead", detail: await proveDead(userApi, signal) });
}

function sessionOf(token: UpstoxClient.TokenResponse, issuedAt: number): DemoSession {
  const expiresAt = upstoxTokenExpiry(issuedAt);
  return {
    userId: token.userId,
    userName: token.userName,
    accessToken: token.accessToken,
    expiresAt,
    secondsLeft: expiresAt - issuedAt,
  };
}

/** From 00:00 to 05:30 IST the funds service is closed: that is an answer to show, not a failure. */
async function showFunds(userApi: UpstoxClient.UserApi, report: DemoReport, signal?: AbortSignal): Promise<void> {
  try {
    const { data } = await userApi.getUserFundMarginV3({ signal });
    report.funds({ open: true, data });
  } catch (error) {
    if (!(error instanceof UpstoxClient.ClosedForTheNightException)) throw error;
    report.funds({ open: false, status: error.status, code: error.code ?? "", reopensAt: error.reopensAt });
  }
}

/** @returns how the broker refused the token */
async function proveDead(userApi: UpstoxClient.UserApi, signal?: AbortSignal): Promise<string> {
  try {
    await userApi.getProfile("2.0", { signal });
  } catch (error) {
    if (error instanceof UpstoxClient.UnauthorizedException) {
      return `the profile answers ${error.status} ${error.code ?? ""}`.trimEnd();
    }
    throw error;
  }
  throw new Error("the token still works after logout");
}
