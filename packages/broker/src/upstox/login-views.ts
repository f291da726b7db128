import type { BrokerContext } from "../broker-context.ts";
import { endedPage } from "../login/ended-page.ts";
import { flowView } from "../login/flow-view.ts";
import type { ShownAttempt } from "../login/login-flow.ts";
import { errorNotice, infoNotice, type NoticeTexts, sharedNotices } from "../login/notices.ts";
import { mobileStep, otpStep, pinStep, recoveryCodeStep, recoveryNewPinStep, recoveryPanStep } from "../pages/index.ts";
import { upstox } from "./identity.ts";

/** The page for where an attempt stands. */
export function loginPage(context: BrokerContext, shown: ShownAttempt): string {
  const { attempt, now } = shown;
  const view = flowView(context, upstox, shown, notices);
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
    default:
      return endedPage(context, upstox, shown, ownEndings);
  }
}

const notices: NoticeTexts = {
  ...sharedNotices,
  "login-name-malformed": errorNotice("Enter the 10 digits of your mobile number, without +91 or spaces."),
  "otp-wrong": errorNotice("That code is not right or no longer valid. Enter the newest code, or ask for another one."),
  "otp-used-up": errorNotice("That was the fifth wrong code. Ask for a new one with “Send again”."),
  "otp-sent-again": infoNotice(
    "If this number has an account, a new code is on its way. The earlier one no longer works.",
  ),
  "otp-not-sent": infoNotice(
    "This number has asked for several codes already, so no SMS goes out now. Enter the newest one you got, use your authenticator app, or wait 10 minutes.",
  ),
  "pin-malformed": errorNotice("The PIN has 6 digits."),
  "pin-wrong": errorNotice(
    "That PIN was not accepted. After 5 wrong PINs the account is locked until you set a new one.",
  ),
  "pin-changed": infoNotice("Your new PIN is saved. Enter it to go on."),
  "pin-mismatch": errorNotice("The two PINs differ. Enter the same 6 digits twice.", "pin_again"),
  "pan-wrong": errorNotice("A PAN has five letters, four digits and a letter, such as ABCDE1234F."),
};

const ownEndings = (startAgain: string) => ({
  locked: {
    tone: "error",
    title: "Too many wrong PINs",
    text: `After 5 wrong PINs this login has ended, and the account stays locked until a new PIN is set.\nStart the login again and choose “Forgot PIN?” at the last step. ${startAgain}`,
  } as const,
});
