import type { UpstoxDemoCustomer } from "../../src/upstox/demo-upstox.ts";
import type { Browser } from "../login/_browser.ts";
import { Login, type Place } from "../login/_login.ts";

/** Signs a person in at the account console. @returns the browser that is signed in */
export async function signIn(place: Place, who: UpstoxDemoCustomer, browser?: Browser): Promise<Browser> {
  const login = await openSignIn(place, browser);
  await login.finish(who);
  if (login.heading !== "Your account") throw new Error(`not signed in: ${login.heading}`);
  return login.browser;
}

export async function openSignIn(place: Place, browser?: Browser): Promise<Login> {
  const dialog = `${place.url}/account/login/upstox`;
  return await Login.open(place, browser ? { dialog, browser } : { dialog });
}
