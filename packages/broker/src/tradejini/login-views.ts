import type { BrokerContext } from "../broker-context.ts";
import { matchRedirectUri } from "../http/redirect-uri-rules.ts";
import { appendQuery } from "../http/redirect-url.ts";
import { type Ending, endedPage } from "../login/ended-page.ts";
import type { AuthorizeRequest } from "../login/finish-login.ts";
import { flowView } from "../login/flow-view.ts";
import type { ShownAttempt } from "../login/login-flow.ts";
import type { LoginNotice } from "../login/login-request.ts";
import { errorNotice, infoNotice, type NoticeTexts, sharedNotices } from "../login/notices.ts";
import { issuerOf } from "../oauth/issuer.ts";
import { readOrders } from "../orders/place-basket.ts";
import {
  approveStep,
  newPasswordStep,
  passwordStep,
  recoveryAccountStep,
  recoveryCodeStep,
  twoFaStep,
} from "../pages/index.ts";
import { findBasket } from "../store/baskets.ts";
import type { Client } from "../store/clients.ts";
import { tradejini } from "./identity.ts";
import { orderLine } from "./order-line.ts";

/** The page for where an attempt stands. */
export async function loginPage(context: BrokerContext, shown: ShownAttempt): Promise<string> {
  const { attempt, now } = shown;
  const view = flowView(context, tradejini, shown, notices);
  switch (attempt.step) {
    case "identify":
      return passwordStep(view);
    case "two-fa":
      return twoFaStep({ ...view, chosen: attempt.otpDigest ? "otp" : "totp" });
    case "recover-pan":
      return recoveryAccountStep(view);
    case "recover-otp":
      return recoveryCodeStep(view);
    case "recover-pin":
      return newPasswordStep(view);
    case "approve":
      return approveStep({
        ...view,
        permissions: tradejini.permissions,
        endsAt: tradejini.accessEnds(now),
        orders: await ordersOf(context, shown),
      });
    default:
      return endedPage(context, tradejini, shown, ownEndings(context, shown));
  }
}

/** The stored basket, as it will be placed (S-59). */
async function ordersOf(context: BrokerContext, { attempt }: ShownAttempt) {
  const { request } = attempt;
  if (request.kind !== "authorize" || request.basketKey === undefined) return undefined;
  const { basketKey } = request;
  const basket = await context.db.read(() => findBasket(basketKey));
  return readOrders(basket?.orders ?? "[]").map(orderLine);
}

const notices: NoticeTexts = {
  ...sharedNotices,
  "login-name-malformed": errorNotice("Enter your client code, letters and digits only, and your password."),
  "password-wrong": errorNotice("Client code or password is not right. Check both and try again."),
  "otp-wrong": errorNotice(
    "That code is not right or no longer valid. Check whether it came by SMS or from your app, and enter the newest one.",
  ),
  "otp-used-up": errorNotice("That was the fifth wrong code. Wait for the next one in your app, or ask for an SMS."),
  "otp-sent-again": infoNotice(
    "If client code and PAN fit, a new code is on its way. The earlier one no longer works.",
  ),
  "pan-wrong": errorNotice("A PAN has five letters, four digits and a letter, such as ABCDE1234F.", "pan"),
  "pin-malformed": errorNotice("A password has at least 8 characters."),
  "pin-mismatch": errorNotice("The two passwords differ. Enter the same one twice.", "password_again"),
  "pin-changed": infoNotice("Your new password is saved. Log in with it."),
  "otp-sent": infoNotice(
    "A code is on its way to your phone. It is valid for a minute; an earlier one no longer works.",
  ),
  "otp-not-sent": infoNotice(
    "Several codes were asked for already, so no SMS goes out now. Use your authenticator app, or wait 10 minutes.",
  ),
};

/** Nobody is led to an address that the app had taken away since (S-01). */
function mayLeadBack(client: Client, { redirectUri }: AuthorizeRequest): boolean {
  return client.status === "active" && matchRedirectUri(redirectUri, client.redirectUris, client) !== undefined;
}

/** Endings that only this broker has. From those with orders in them, the way back tells the app that it gets no code. */
function ownEndings(context: BrokerContext, { attempt, client }: ShownAttempt) {
  const { request } = attempt;
  const back =
    request.kind === "authorize" && client && mayLeadBack(client, request)
      ? {
          actionHref: appendQuery(request.redirectUri, {
            error: "server_error",
            state: request.state ?? undefined,
            iss: issuerOf(context, tradejini),
          }),
          actionLabel: "Go back to the app",
        }
      : {};
  return (startAgain: string): Readonly<Partial<Record<LoginNotice, Ending>>> => ({
    locked: {
      tone: "error",
      title: "Your account is locked",
      text: `There were 5 wrong passwords, so the account stays locked until a new one is set. Nothing was shared with the app.\nStart the login again and choose “Forgot password?” on the first page. ${startAgain}`,
    },
    "orders-placed": {
      ...back,
      tone: "warning",
      title: "Your orders were placed",
      text: "All of them were taken, but the app could not be told: it was switched off, or your account was locked, or a clock is wrong here. You find them in your order book. Do not place them again.",
    },
    "orders-placing": {
      tone: "info",
      title: "Your orders are being placed",
      text: "Wait a moment, then reload this page. If it stays, look at your order book before you place any of them again.",
    },
    "orders-decided": {
      tone: "warning",
      title: "These orders were decided before",
      text: `Nothing was placed now. Look at your order book to see what became of them. ${startAgain}`,
    },
    "orders-refused": {
      ...back,
      tone: "error",
      title: "Your orders were not taken",
      text: "None of them was placed, and nothing was shared with the app.",
    },
    "orders-unknown": {
      ...back,
      tone: "warning",
      title: "We do not know about your orders",
      text: "There was no answer to them. Look at your order book before you place any of them again.",
    },
  });
}
