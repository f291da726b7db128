import type { BrokerContext } from "../broker-context.ts";
import type { Attempt } from "../login/attempt.ts";
import { formToken } from "../login/csrf.ts";
import type { LoginNotice } from "../login/login-request.ts";
import {
  displayHost,
  type FlowView,
  messagePage,
  mobileStep,
  type Notice,
  otpStep,
  pinStep,
  recoveryCodeStep,
  recoveryNewPinStep,
  recoveryPanStep,
} from "../pages/index.ts";
import type { Client } from "../store/clients.ts";
import { upstox } from "./identity.ts";

/** The page for where an attempt stands. */
export function loginPage(
  context: BrokerContext,
  attempt: Attempt,
  client: Client | undefined,
  address: string,
  now: number,
): string {
  if (attempt.step === "ended") return endedPage(context, attempt, client);
  const view: FlowView = {
    ...context.page(upstox),
    csrf: formToken(context.keys.form, attempt.key, attempt.formNonce),
    action: address,
    cancelAction: address,
    clientName: client?.name,
    redirectHost: attempt.request.kind === "authorize" ? displayHost(attempt.request.redirectUri) : undefined,
    notice: attempt.notice ? notices[attempt.notice] : undefined,
  };
  switch (attempt.step) {
    case "identify":
      return mobileStep(view);
    case "otp":
      return otpStep(view);
    case "pin":
      return pinStep({ ...view, permissions: upstox.permissions, endsAt: upstox.accessEnds(now) });
    case "recover-pan":
      return recoveryPanStep(view);
    case "recover-otp":
      return recoveryCodeStep(view);
    case "recover-pin":
      return recoveryNewPinStep(view);
  }
}

const error = (text: string, field?: string): Notice => ({ kind: "error", text, field });
const info = (text: string): Notice => ({ kind: "info", text });

const notices: Readonly<Record<LoginNotice, Notice>> = {
  "login-name-malformed": error("Enter the 10 digits of your mobile number, without +91 or spaces."),
  "otp-malformed": error("The code has 6 digits. Check it and enter it again."),
  "otp-wrong": error("That code is not right or no longer valid. Enter the newest code, or ask for another one."),
  "otp-used-up": error("That was the fifth wrong code. Ask for a new one with “Send again”."),
  "otp-sent-again": info("If this number has an account, a new code is on its way. The earlier one no longer works."),
  "otp-not-sent": info(
    "This number has asked for several codes already, so no SMS goes out now. Enter the newest one you got, use your authenticator app, or wait 10 minutes.",
  ),
  wait: error("There were too many wrong tries. Wait a while, then try again."),
  "pin-malformed": error("The PIN has 6 digits."),
  "pin-wrong": error("That PIN was not accepted. After 5 wrong PINs the account is locked until you set a new one."),
  "pin-changed": info("Your new PIN is saved. Enter it to go on."),
  "pin-mismatch": error("The two PINs differ. Enter the same 6 digits twice.", "pin_again"),
  "pan-wrong": error("A PAN has five letters, four digits and a letter, such as ABCDE1234F."),
  "form-used": info("That form was sent before. This is where your login stands."),
  restarted: info("Something was out of order, so the login starts again."),
  cancelled: info("You cancelled this login."),
  locked: error("This login has ended after 5 wrong PINs."),
  finished: info("This login is finished."),
  "owner-only": error("This app is for its owner's account only."),
  "client-unavailable": error("This app cannot be used now."),
};

function endedPage(context: BrokerContext, attempt: Attempt, client: Client | undefined): string {
  const goBack = client ? `Go back to ${client.name} and start again.` : "Start again when you are ready.";
  const page = context.page(upstox);
  switch (attempt.notice) {
    case "locked":
      return messagePage({
        ...page,
        tone: "error",
        title: "Too many wrong PINs",
        text: `After 5 wrong PINs this login has ended, and the account stays locked until a new PIN is set.\nStart the login again and choose “Forgot PIN?” at the last step. ${goBack}`,
      });
    case "owner-only":
      return messagePage({
        ...page,
        tone: "error",
        title: "This app is not for your account",
        text: "The app may only be used with its owner's account. Nothing was shared with it.",
      });
    case "client-unavailable":
      return messagePage({
        ...page,
        tone: "error",
        title: "This app cannot be used now",
        text: "The app was switched off or changed while you logged in. Nothing was shared with it.\nAsk the people who make it.",
      });
    case "finished":
      return messagePage({
        ...page,
        tone: "success",
        title: "You are logged in",
        text: "This login is finished. You can close this tab.",
      });
    default:
      return messagePage({
        ...page,
        tone: "info",
        title: "You cancelled this login",
        text: `Nothing was shared. ${goBack}`,
      });
  }
}
