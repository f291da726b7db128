/**
 * A plain OAuth server that somebody else wrote (oidc-provider), and a broker on top of it that exists in tests only.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ApiException } from "@kunji/client";
import Provider from "oidc-provider";
import type { Broker } from "../../src/brokers/broker.ts";
import { Secret } from "../../src/secret.ts";

export const CLIENT = { clientId: "kunji-test", clientSecret: "client-secret-canary" } as const;

export interface StandardServer extends AsyncDisposable {
  readonly url: string;
  /** Bodies posted to the token endpoint, newest last. */
  readonly exchanges: readonly URLSearchParams[];
  /** Logs in as this user and agrees, page by page, as a browser would. @returns where it leads in the end */
  readonly logIn: (authorizationUrl: string, login: string) => Promise<string>;
  /** Follows "cancel" on the first page. */
  readonly cancel: (authorizationUrl: string) => Promise<string>;
}

export async function startStandardServer(redirectUri: string): Promise<StandardServer> {
  const exchanges: URLSearchParams[] = [];
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(url, {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: [redirectUri],
        response_types: ["code"],
        grant_types: ["authorization_code"],
        token_endpoint_auth_method: "client_secret_post",
      },
    ],
    cookies: { keys: ["test"] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
  });
  provider.use(async (context, next) => {
    await next();
    if (context.path === "/token") exchanges.push(new URLSearchParams(context.oidc.body as Record<string, string>));
  });
  server.on("request", provider.callback());
  return {
    url,
    exchanges,
    logIn: async (authorizationUrl, login) => {
      const browser = new Pages(url);
      const form = await browser.follow(authorizationUrl);
      const consent = await browser.submit(form, { prompt: "login", login, password: "any" });
      return await browser.leave(await browser.submit(consent, { prompt: "consent" }));
    },
    cancel: async (authorizationUrl) => {
      const browser = new Pages(url);
      const page = await browser.follow(authorizationUrl);
      const abort = /href="([^"]*\/abort)"/.exec(page)?.[1] ?? "";
      return await browser.leave(await browser.follow(new URL(abort, url).href));
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Cookies and redirects of one browser; forms are posted where they say. */
class Pages {
  readonly #origin: string;
  readonly #cookies = new Map<string, string>();
  #left: string | undefined;

  constructor(origin: string) {
    this.#origin = origin;
  }

  /** @returns the page it ends at; empty when that is not the server's */
  async follow(url: string, init: RequestInit = {}): Promise<string> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, { ...init, redirect: "manual", headers: { ...init.headers, cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      this.#cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    const location = answer.headers.get("location");
    if (location === null) return await answer.text();
    const next = new URL(location, url);
    if (next.origin === this.#origin) return await this.follow(next.href);
    this.#left = next.href;
    return "";
  }

  async submit(page: string, fields: Readonly<Record<string, string>>): Promise<string> {
    const action = /<form[^>]* action="([^"]*)"/.exec(page)?.[1];
    if (action === undefined) throw new Error(`the page has no form: ${page.slice(0, 200)}`);
    return await this.follow(new URL(action, this.#origin).href, { method: "POST", body: new URLSearchParams(fields) });
  }

  async leave(page: string): Promise<string> {
    if (this.#left === undefined) throw new Error(`the server kept the browser: ${page.slice(0, 200)}`);
    return this.#left;
  }
}

/** Speaks plain OAuth 2.0 and OpenID Connect: what a third broker would look like. */
export function standardBroker(url: string): Broker {
  const post = async (path: string, init: RequestInit): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${url}${path}`, init);
    const body = (await answer.json()) as Record<string, unknown>;
    if (!answer.ok) throw new ApiException({ message: `${path} answered ${answer.status}`, code: String(body.error) });
    return body;
  };
  return {
    name: "standard",
    title: "Standard",
    ways: ["browser"],
    fields: [
      { name: "clientId", label: "Client id", isSecret: false, ways: ["browser"], hint: undefined },
      { name: "clientSecret", label: "Client secret", isSecret: true, ways: ["browser"], hint: undefined },
      { name: "redirectUri", label: "Redirect URI", isSecret: false, ways: ["browser"], hint: undefined },
    ],
    host: () => url,
    issuerPath: "",
    isVendorHost: () => false,
    authorizationUrl: ({ clientId, redirectUri = "" }, state, { pkce }) =>
      `${url}/auth?${new URLSearchParams({
        response_type: "code",
        scope: "openid",
        client_id: clientId,
        redirect_uri: redirectUri,
        state,
        ...(pkce ? { code_challenge: pkce.codeChallenge, code_challenge_method: pkce.codeChallengeMethod } : {}),
      })}`,
    async exchange({ clientId, clientSecret, redirectUri = "" }, { code }, { pkce }, signal) {
      const body = new URLSearchParams({
        grant_type: "authorization_code",
        code,
        redirect_uri: redirectUri,
        client_id: clientId,
        client_secret: clientSecret?.reveal() ?? "",
        ...(pkce ? { code_verifier: pkce.codeVerifier } : {}),
      });
      const now = Math.floor(Date.now() / 1000);
      const { access_token, expires_in } = await post("/token", { method: "POST", body, signal });
      return {
        accessToken: new Secret(String(access_token)),
        issuedAt: now,
        expiresAt: now + Number(expires_in),
        userId: undefined,
      };
    },
    async identify(_profile, token, signal) {
      const { sub } = await post("/me", { headers: { authorization: `Bearer ${token.reveal()}` }, signal });
      return { userId: String(sub), userName: undefined, serverTime: undefined };
    },
    logout: async () => {},
    judge: () => "refused",
  };
}
