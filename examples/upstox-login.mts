/**
 * One login at Upstox by hand: print the dialog's address, wait for the browser to come back, exchange the code, show
 * profile and funds, log out. The keeper does all of this for you; this is what it does.
 *
 * Needs UPSTOX_CLIENT_ID, UPSTOX_CLIENT_SECRET and UPSTOX_REDIRECT_URI (an http://127.0.0.1:<port>/... address that is
 * registered for the app). KUNJI_UPSTOX_URL points it at a local broker.
 */
import { createServer } from "node:http";
import { createPkcePair, createState, readCallback, UpstoxClient } from "@kunji/client";

const clientId = setting("UPSTOX_CLIENT_ID");
const clientSecret = setting("UPSTOX_CLIENT_SECRET");
const redirectUri = setting("UPSTOX_REDIRECT_URI");

const state = createState();
const { codeChallenge, codeVerifier } = await createPkcePair();
const callback = waitForCallback(new URL(redirectUri));
console.log(`Log in here: ${UpstoxClient.authorizationUrl({ clientId, redirectUri, state, codeChallenge })}`);

// The state is checked before anything else in the address is looked at.
const { code } = readCallback(await callback, { state });

const client = new UpstoxClient.ApiClient();
const loginApi = new UpstoxClient.LoginApi(client);
const userApi = new UpstoxClient.UserApi(client);

try {
  const token = await loginApi.token("2.0", {
    code,
    clientId,
    clientSecret,
    redirectUri,
    grantType: "authorization_code",
    codeVerifier,
  });
  client.authentications.OAUTH2.accessToken = token.accessToken;
  // Printing the model shows a short prefix of the token only.
  console.log(token);

  const profile = await userApi.getProfile("2.0");
  console.log(`Logged in as ${profile.data.userName} (${profile.data.userId})`);
  await showFunds();
  await loginApi.logout("2.0");
  console.log("Logged out");
} catch (error) {
  if (!(error instanceof UpstoxClient.ApiException)) throw error;
  // For instance: UDAPI100057 Invalid Auth code. A code is spent by its first exchange: start a new login.
  console.error(`Upstox said no: ${error.message}`);
  process.exitCode = 1;
}

async function showFunds(): Promise<void> {
  try {
    const { data } = await userApi.getUserFundMarginV3();
    console.log(`Available to trade: ${data.availableToTrade.total}`);
  } catch (error) {
    if (!(error instanceof UpstoxClient.ClosedForTheNightException)) throw error;
    console.log(`Funds open again at ${new Date(error.reopensAt * 1000).toISOString()}`);
  }
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
