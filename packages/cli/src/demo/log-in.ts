import { get } from "node:http";
import type { CheckedCallback } from "@kunji/client";
import { openInBrowser } from "./browser-here.ts";
import type { DemoBroker } from "./demo-broker.ts";
import type { DemoReport, DemoStep } from "./demo-report.ts";
import type { LoopbackReceiver } from "./loopback-receiver.ts";

/** The dialog to go through. */
export interface Dialog {
  readonly url: string;
  readonly state: string;
}

export interface LogInParts {
  readonly broker: DemoBroker;
  readonly receiver: LoopbackReceiver;
  readonly report: DemoReport;
  readonly signal: AbortSignal;
}

/** How long a person may take (S-88). */
const PATIENCE_MS = 5 * 60_000;

const OPENED: DemoStep = {
  name: "dialog",
  title: "Opened the login page",
  detail: "with a fresh state and a PKCE challenge",
};

/** What a customer did on a page, by the field they filled in. */
function pageStepsOf(mobileNumber: string): Readonly<Record<string, Omit<DemoStep, "name">>> {
  return {
    mobile_number: { title: "Typed the mobile number", detail: mobileNumber },
    otp: { title: "Typed the code", detail: "out of the SMS that the broker sent" },
    pin: { title: "Typed the PIN", detail: "six digits, checked with argon2id" },
  };
}

/** A scripted customer fills in the real pages over HTTP, and comes back to the receiver as a browser would. */
export async function logInScripted(dialog: Dialog, parts: LogInParts): Promise<CheckedCallback> {
  const { broker, receiver, report, signal } = parts;
  const { logInAsCustomer, upstoxAnswers } = await import("@kunji/broker/testing");
  const customer = broker.upstox.customers[0];
  if (!customer) throw new Error("there are no demo customers");
  const callback = receiver.wait({ state: dialog.state, issuer: broker.url }, signal);
  // Handled below; until then a refusal must not count as nobody's.
  callback.catch(() => {});
  report.step(OPENED);
  const pageSteps = pageStepsOf(customer.mobileNumber);
  const { callbackUrl } = await logInAsCustomer(dialog.url, upstoxAnswers(customer, broker.readOtp), ({ filled }) => {
    for (const name of filled) report.step({ name, ...(pageSteps[name] ?? { title: `Filled in ${name}` }) });
  });
  await comeBack(callbackUrl);
  return await callback;
}

/** Opens the app's redirect URI, as the customer's browser does (`fetch` would say that it is no navigation, S-86). */
async function comeBack(callbackUrl: string): Promise<void> {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    get(callbackUrl, { headers: { "Sec-Fetch-Mode": "navigate" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
  if (status !== 303) throw new Error(`the app did not take the callback: ${status}`);
}

/** A person logs in with their own browser. */
export async function logInAsPerson(dialog: Dialog, parts: LogInParts): Promise<CheckedCallback> {
  const { broker, receiver, report, signal } = parts;
  const customer = broker.upstox.customers[0];
  if (!customer) throw new Error("there are no demo customers");
  report.step(OPENED);
  report.invite({
    dialogUrl: dialog.url,
    inboxUrl: `${broker.url}/inbox`,
    mobileNumber: customer.mobileNumber,
    pin: customer.pin,
  });
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const callback = receiver.wait({ state: dialog.state, issuer: broker.url }, patience);
  await openInBrowser(dialog.url);
  return await callback;
}
