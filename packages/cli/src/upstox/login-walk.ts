import { createPkcePair, createState, UpstoxClient } from "@kunji/client";
import { upstoxTokenExpiry } from "@kunji/contract/upstox";
import type { WalkOptions } from "../demo/broker-demo.ts";
import { proveDead } from "../demo/prove-dead.ts";
import { type DemoSession, sessionBlock } from "../demo/session-block.ts";
import { readFunds } from "./account-views.ts";
import { profileBlock } from "./profile-block.ts";

/**
 * One login with `@kunji/client`, from the dialog to the dead token, told step by step.
 * @throws ApiException, CallbackException
 */
export async function walkThroughLogin({ host, demo, logIn, report, now, signal }: WalkOptions): Promise<void> {
  const client = new UpstoxClient.ApiClient({ configuration: new UpstoxClient.Configuration({ host }), now });
  const loginApi = new UpstoxClient.LoginApi(client);
  const userApi = new UpstoxClient.UserApi(client);
  const { clientId, clientSecret, redirectUri } = demo.upstox.app;

  const state = createState();
  const { codeChallenge, codeVerifier } = await createPkcePair();
  const url = UpstoxClient.authorizationUrl({ host, clientId, redirectUri, state, codeChallenge });
  const { code } = await logIn({ url, state, issuer: host, detail: "with a fresh state and a PKCE challenge" });
  report.step({ name: "callback", title: "Came back to the app", detail: "state and issuer are the right ones" });

  const form = { code, clientId, clientSecret, redirectUri, grantType: "authorization_code", codeVerifier, signal };
  const token = await loginApi.token("2.0", form);
  const issuedAt = Math.floor(now() / 1000);
  client.authentications.OAUTH2.accessToken = token.accessToken;
  report.step({ name: "token", title: "Exchanged the code", detail: "for the day's access token" });
  report.show(sessionBlock(sessionOf(token, issuedAt)));

  const { data: profile } = await userApi.getProfile("2.0", { signal });
  report.show(profileBlock(profile));
  report.show(await readFunds(userApi, signal));

  await loginApi.logout("2.0", { signal });
  report.step({ name: "logout", title: "Logged out" });
  report.step(await proveDead(() => userApi.getProfile("2.0", { signal }), "the profile answers"));
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
