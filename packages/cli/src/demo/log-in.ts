import { get } from "node:http";
import type { CustomerAnswers } from "@kunji/broker/testing";
import type { CheckedCallback } from "@kunji/client";
import type { Style } from "../terminal/style.ts";
import type { DemoReport, DemoStep } from "./demo-report.ts";
import type { LoopbackReceiver } from "./loopback-receiver.ts";

/** The dialog to go through. */
export interface Dialog {
  /** What the callback must name as its sender (RFC 9207). */
  readonly issuer: string;
  readonly url: string;
  readonly state: string;
  /** What makes it this login and no other. */
  readonly detail: string;
}

/**
 * Leads the customer through the dialog.
 * @returns the checked answer of the broker
 */
export type LogIn = (dialog: Dialog) => Promise<CheckedCallback>;

/** Finds the newest code that was sent to a mobile number. */
export type ReadOtp = (mobileNumber: string) => Promise<string>;

/** Who goes through the login pages. */
export interface DemoCustomer {
  /** What they type. */
  readonly answers: (readOtp: ReadOtp) => CustomerAnswers;
  /** What they did on a page, by the field they filled in, or by `decision` on a page with nothing to fill in. */
  readonly pageSteps: Readonly<Record<string, Omit<DemoStep, "name">>>;
  /** What a person in their place has to type, in the order of the pages. */
  readonly facts: (inboxUrl: string, style: Style) => readonly (readonly string[])[];
}

export interface LogInParts {
  /** Base URL of the broker. */
  readonly host: string;
  readonly readOtp: ReadOtp;
  readonly customer: DemoCustomer;
  readonly receiver: LoopbackReceiver;
  readonly report: DemoReport;
  readonly signal: AbortSignal;
}

/** How long a person may take (S-88). */
const PATIENCE_MS = 5 * 60_000;

function openedStep({ detail }: Dialog): DemoStep {
  return { name: "dialog", title: "Opened the login page", detail };
}

/** A scripted customer fills in the real pages over HTTP, and comes back to the receiver as a browser would. */
export async function logInScripted(dialog: Dialog, parts: LogInParts): Promise<CheckedCallback> {
  const { readOtp, customer, receiver, report, signal } = parts;
  const { logInAsCustomer } = await import("@kunji/broker/testing");
  const callback = receiver.wait({ state: dialog.state, issuer: dialog.issuer }, signal);
  // Handled below; until then a refusal must not count as nobody's.
  callback.catch(() => {});
  report.step(openedStep(dialog));
  const { callbackUrl } = await logInAsCustomer(dialog.url, customer.answers(readOtp), ({ filled }) => {
    for (const name of filled.length === 0 ? ["decision"] : filled) {
      const step = customer.pageSteps[name];
      if (step) report.step({ name, ...step });
    }
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
  const { host, customer, receiver, report, signal } = parts;
  report.step(openedStep(dialog));
  report.invite({ dialogUrl: dialog.url, facts: (style) => customer.facts(`${host}/inbox`, style) });
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const callback = receiver.wait({ state: dialog.state, issuer: dialog.issuer }, patience);
  const { openBrowser } = await import("@kunji/keeper");
  // Not the address itself: other programs see what a browser is started with (S-79).
  await openBrowser(dialog.url);
  return await callback;
}
