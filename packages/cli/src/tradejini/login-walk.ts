import { createState, TradejiniClient } from "@kunji/client";
import type { WalkOptions } from "../demo/broker-demo.ts";
import { proveDead } from "../demo/prove-dead.ts";
import { type DemoSession, sessionBlock } from "../demo/session-block.ts";
import { detailsBlock } from "./details-block.ts";
import { limitsBlock } from "./limits-block.ts";

const LOGOUT_REACH = "every session of the user, whichever app has it";

/**
 * Both logins with `@kunji/client`, each from its beginning to the dead token, told step by step.
 * @throws ApiException, CallbackException
 */
export async function walkThroughLogins(options: WalkOptions): Promise<void> {
  await logInOverPages(options);
  await logInDirectly(options);
}

/** A user based app: any customer, in the browser. */
async function logInOverPages({ host, demo, logIn, report, now, signal }: WalkOptions): Promise<void> {
  const { client, authorizationApi, accountApi } = apisOf(host, now);
  const { clientId, clientSecret, redirectUri } = demo.tradejini.userApp;

  const state = createState();
  const url = TradejiniClient.authorizationUrl({ host, clientId, redirectUri, state });
  const { code } = await logIn({
    url,
    state,
    issuer: `${host}/tradejini`,
    detail: "of an app for any customer, with a fresh state",
  });
  report.step({ name: "callback", title: "Came back to the app", detail: "state and issuer are the right ones" });

  const session = await authorizationApi.exchangeCode({ code, clientId, clientSecret, redirectUri }, { signal });
  client.configuration.accessToken = session.bearer;
  report.step({ name: "token", title: "Exchanged the code", detail: "for an access token" });

  const { d: details } = await accountApi.getUserDetails({ signal });
  report.show(sessionBlock(sessionOf(session, details, now)));
  report.show(detailsBlock(details));
  const { d: limits } = await new TradejiniClient.FundsApi(client).retrieveFundsLimits({ signal });
  report.show(limitsBlock(limits));

  await accountApi.getLogoutWebResponse({ signal });
  report.step({ name: "logout", title: "Logged out", detail: LOGOUT_REACH });
  report.step(await proveDead(() => accountApi.getUserDetails({ signal }), "the details answer"));
}

/** An individual app: its owner, in one call. */
async function logInDirectly({ host, demo, report, now, signal }: WalkOptions): Promise<void> {
  const { totpCode } = await import("@kunji/broker/testing");
  const { client, authorizationApi, accountApi } = apisOf(host, now);
  const { individualApp, customers } = demo.tradejini;
  const owner = customers.find(({ clientCode }) => clientCode === individualApp.clientCode);
  if (!owner) throw new Error("the individual app has no owner");

  const { password, totpSecret } = owner;
  const login = { apiKey: individualApp.clientId, password, totp: totpCode(totpSecret, now() / 1000) };
  const session = await authorizationApi.loginDirect(login, { signal });
  client.configuration.accessToken = session.bearer;
  const detail = "the owner of an individual app: password and authenticator, no browser";
  report.step({ name: "direct_login", title: "Logged in directly", detail });

  const { d: details } = await accountApi.getUserDetails({ signal });
  report.show(sessionBlock(sessionOf(session, details, now), "directSession", "Session of the direct login"));

  await accountApi.getLogoutWebResponse({ signal });
  report.step({ name: "direct_logout", title: "Logged out", detail: LOGOUT_REACH });
  const dead = await proveDead(() => accountApi.getUserDetails({ signal }), "the details answer");
  report.step({ ...dead, name: "direct_token_refused" });
}

/** A client for each login: it holds the account's token. */
function apisOf(host: string, now: () => number) {
  const client = new TradejiniClient.ApiClient({ configuration: new TradejiniClient.Configuration({ host }), now });
  return {
    client,
    authorizationApi: new TradejiniClient.AuthorizationApi(client),
    accountApi: new TradejiniClient.AccountApi(client),
  };
}

/** The token tells nothing about its user; the account's details do. */
function sessionOf(
  { accessToken, expiresAt }: TradejiniClient.Session,
  { userId = "", userName = "" }: TradejiniClient.ClientDetailsData,
  now: () => number,
): DemoSession {
  return { userId, userName, accessToken, expiresAt, secondsLeft: expiresAt - Math.floor(now() / 1000) };
}
