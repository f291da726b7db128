/** What a person does on the Tradejini pages. */
import { type TradejiniDemoCustomer, tradejiniAuthorizationUrl, tradejiniMobile } from "@kunji/broker/testing";
import type { Person } from "./_person.ts";

export const LOGIN = "Log in with your Tradejini account";
export const CODE = "Enter your code";
export const APPROVE = "Allow access?";

/** Follows the app's "Log in" link, or the one that places orders. */
export async function openLogin({ page, broker }: Person, state: string, orders?: readonly object[]): Promise<void> {
  const options = { state, ...(orders ? { orders } : {}) };
  await page.goto(tradejiniAuthorizationUrl(broker.url, broker.tradejini.userApp, options));
}

export async function givePassword({ page }: Person, clientCode: string, password: string): Promise<void> {
  await page.getByLabel("Client code").fill(clientCode);
  await page.getByLabel("Password or CubePlus PIN").fill(password);
  await page.click("#continueBtn");
}

/** Asks for an SMS, and copies its code out of the inbox. */
export async function askForSms(person: Person, customer: TradejiniDemoCustomer): Promise<string> {
  await person.page.getByRole("button", { name: /Send me a code by SMS|Send again/ }).click();
  await person.page.locator("#notice").waitFor();
  return await person.readCodeInInbox({ mobileNumber: tradejiniMobile(person.broker.tradejini, customer) });
}

export async function giveCode({ page }: Person, code: string, kind: "Authenticator app" | "SMS"): Promise<void> {
  await page.getByLabel("6-digit code").fill(code);
  await page.getByRole("radio", { name: kind }).check();
  await page.click("#continueBtn");
}

/** From the dialog to the page with the decision, by SMS. */
export async function reachApproval(
  person: Person,
  customer: TradejiniDemoCustomer,
  { state = "state-1", orders }: { readonly state?: string; readonly orders?: readonly object[] } = {},
): Promise<void> {
  await openLogin(person, state, orders);
  await givePassword(person, customer.clientCode, customer.password);
  await person.sees(CODE);
  await giveCode(person, await askForSms(person, customer), "SMS");
  await person.page.locator("#approveBtn").waitFor();
}
