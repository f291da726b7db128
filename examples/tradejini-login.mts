/**
 * Both logins of Tradejini by hand. With TRADEJINI_REDIRECT_URI set, a user based app: print the address of the login,
 * wait for the browser to come back, exchange the code. Without it, an individual app: password and authenticator code
 * in one call. Then show details and limits, and log out. The keeper does all of this for you; this is what it does.
 *
 * Needs TRADEJINI_API_KEY, and either TRADEJINI_API_SECRET and TRADEJINI_REDIRECT_URI (an http://127.0.0.1:<port>/...
 * address registered for the app) or TRADEJINI_PASSWORD and TRADEJINI_TOTP (the six digits shown right now).
 * KUNJI_TRADEJINI_URL points it at a local broker.
 */
import { createServer } from "node:http";
import { createState, readCallback, TradejiniClient } from "@kunji/client";

const apiKey = setting("TRADEJINI_API_KEY");
const client = new TradejiniClient.ApiClient();
const authorizationApi = new TradejiniClient.AuthorizationApi(client);

try {
  const session = process.env.TRADEJINI_REDIRECT_URI ? await loginInBrowser() : await loginDirectly();
  client.configuration.accessToken = session.bearer;
  // Printing the session shows a short prefix of the token only.
  console.log(session);

  const accountApi = new TradejiniClient.AccountApi(client);
  const { d: details } = await accountApi.getUserDetails();
  console.log(`Logged in as ${details.userName} (${details.userId})`);
  const { d: limits } = await new TradejiniClient.FundsApi(client).retrieveFundsLimits();
  for (const { segment, availMargin } of limits) console.log(`Available in ${segment}: ${availMargin}`);
  await accountApi.getLogoutWebResponse();
  console.log("Logged out");
} catch (error) {
  if (!(error instanceof TradejiniClient.ApiException)) throw error;
  // A 401 gives no reason. Do not try again and again: the account can be blocked.
  console.error(`Tradejini said no: ${error.message}`);
  process.exitCode = 1;
}

async function loginInBrowser(): Promise<TradejiniClient.Session> {
  const redirectUri = setting("TRADEJINI_REDIRECT_URI");
  const clientSecret = setting("TRADEJINI_API_SECRET");
  const state = createState();
  const callback = waitForCallback(new URL(redirectUri));
  // With orderAuthorizationUrl({ ..., orders: [...] }) the same trip also places orders.
  console.log(`Log in here: ${TradejiniClient.authorizationUrl({ clientId: apiKey, redirectUri, state })}`);
  // The state is checked before anything else in the address is looked at.
  const { code } = readCallback(await callback, { state });
  return authorizationApi.exchangeCode({ code, clientId: apiKey, clientSecret, redirectUri });
}

function loginDirectly(): Promise<TradejiniClient.Session> {
  const password = setting("TRADEJINI_PASSWORD");
  return authorizationApi.loginDirect({ apiKey, password, totp: setting("TRADEJINI_TOTP") });
}

/** The path and query of the first request to the redirect URI. */
function waitForCallback(address: URL): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      if (request.url?.split("?")[0] !== address.pathname) {
        response.writeHead(404).end();
        return;
      }
      response.writeHead(200, { "Content-Type": "text/plain", Connection: "close" });
      response.end("You can close this tab.\n", () => server.close());
      resolve(request.url);
    });
    server.on("error", reject);
    server.listen(Number(address.port || 80), address.hostname);
  });
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`Set ${name} first`);
  return value;
}
