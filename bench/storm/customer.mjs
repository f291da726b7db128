// What one customer and the app do in the morning: the login through all pages, the exchange, the profile.
import { leanBrowser } from "./lean-browser.mjs";

const AUTHORIZE = "/v2/login/authorization/dialog";
const TOKEN = "/v2/login/authorization/token";
const PROFILE = "/v2/user/profile";

/**
 * @param market `{ app, host, pools, gateway, onRefusal, signal }`
 * @returns functions of one customer
 */
export function simulateCustomer(market, person) {
  const { app, gateway } = market;
  const newBrowser = () => leanBrowser({ ...market, address: addressOf(person.index) });
  // The app's server is one place, not the customer's.
  const desk = leanBrowser({ ...market, address: "203.0.113.7" });

  /** All pages. @returns the code */
  async function logIn() {
    const browser = newBrowser();
    const query = new URLSearchParams({
      response_type: "code",
      client_id: app.clientId,
      redirect_uri: app.redirectUri,
    });
    let page = await browser.open(`${AUTHORIZE}?${query}`);
    page = await browser.submit(page, "mobile_number", person.mobileNumber);
    page = await browser.submit(page, "otp", await gateway.nextOtp(person.mobileNumber));
    page = await browser.submit(page, "pin", person.pin);
    const code = page.location && new URL(page.location).searchParams.get("code");
    if (!code) throw new Error(`the login did not end with a code: ${page.status}`);
    return code;
  }

  /** @returns the answer: `{ status, text }` */
  const exchange = (code) =>
    desk.send(TOKEN, {
      method: "POST",
      headers: { accept: "application/json" },
      form: {
        code,
        client_id: app.clientId,
        client_secret: app.clientSecret,
        redirect_uri: app.redirectUri,
        grant_type: "authorization_code",
      },
    });

  /** Whether the broker takes this token for this customer. */
  async function accepts(token) {
    const { status, text } = await desk.send(PROFILE, {
      headers: { accept: "application/json", authorization: `Bearer ${token}` },
    });
    return status === 200 && JSON.parse(text).data.user_id === person.userId;
  }

  return { logIn, exchange, accepts };
}

/** Everybody has an address of their own. */
const addressOf = (index) => `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
