import { endAttempt } from "../login/attempt.ts";
import { clientOf } from "../login/client-of.ts";
import { finishLogin } from "../login/finish-login.ts";
import { STAY, type StepOutcome } from "../login/login-flow.ts";
import { recoverySteps, resend, takeOtp } from "../login/recovery-steps.ts";
import { type NextOtpStep, otpText, type SendMessage, sendOtp, withOtpPlaces } from "../login/send-otp.ts";
import { moveTo, type StepInput, type Steps, say } from "../login/take-step.ts";
import { PIN_TRIES } from "../login/throttle.ts";
import { isPin, verifyPin } from "../login/verify-pin.ts";
import { changeAttemptAt } from "../store/attempts.ts";

const MOBILE = /^[6-9][0-9]{9}$/;

/** Mobile number, then a code, then the PIN; and the way to a new PIN. */
export const upstoxSteps: Steps = {
  identify: { field: "mobile_number", take: takeMobileNumber },
  otp: {
    field: "otp",
    take: (input) => takeOtp(input, "pin", ["sms", "totp"]),
    decisions: new Map([["resend", (input) => resend({ sendCode }, input, "otp")]]),
  },
  pin: { field: "pin", take: takePin, decisions: new Map([["forgot_pin", (input) => moveTo(input, "recover-pan")]]) },
  ...recoverySteps({ sendCode, field: "pin", isAcceptable: isPin, afterwards: "pin" }),
};

async function takeMobileNumber(input: StepInput): Promise<StepOutcome> {
  const mobile = input.entered.replace(/[\s-]/g, "").replace(/^\+91/, "");
  if (!MOBILE.test(mobile)) return await say(input, "login-name-malformed");
  const named = { ...input, attempt: { ...input.attempt, loginName: mobile } };
  return await sendCode(named, { step: "otp", notice: null, silent: false });
}

async function takePin(input: StepInput): Promise<StepOutcome> {
  const { context, attempt, entered, now } = input;
  if (!isPin(entered)) return await say(input, "pin-malformed");
  const accountId = attempt.accountId ?? "";
  if (!(await verifyPin(context, accountId, entered))) {
    const tries = attempt.pinTries + 1;
    await context.db.write(function* () {
      const isHere = yield* changeAttemptAt(attempt.key, attempt.step, { pin_tries: tries, notice: "pin-wrong" });
      // A locked account and a wrong PIN look alike all the way (S-43).
      if (isHere && tries >= PIN_TRIES) yield* endAttempt(attempt, "locked");
    });
    return STAY;
  }
  return await finishLogin(context, attempt, accountId, now);
}

/** By SMS; a code that replaces the PIN goes by e-mail as well (protocol/upstox.md 2.5). */
async function sendCode(input: StepInput, next: NextOtpStep): Promise<StepOutcome> {
  return await withOtpPlaces(input.context, next, (send) => writeCode(input, next, send));
}

async function writeCode(input: StepInput, next: NextOtpStep, send: SendMessage): Promise<StepOutcome> {
  const { context, attempt, source, now } = input;
  // Read for everybody, so that a number somebody has costs no more than one nobody has (S-43).
  const client = await clientOf(context, attempt);
  const loginName = attempt.loginName ?? "";
  const sent = await context.db.write(() => sendOtp(context, attempt, loginName, source, next, now));
  if (sent.outcome === "refused") return { outcome: "too-many", retryAt: sent.retryAt };
  if (!sent.send) return STAY;
  const { account, otp } = sent.send;
  const isRecovery = next.step === "recover-otp";
  const purpose = isRecovery ? "set a new PIN" : client ? `log in to ${client.name}` : "manage your account";
  const text = otpText(otp, purpose, context.settings.KUNJI_OTP_LIFETIME);
  const to = { accountId: account.accountId, mobile: account.loginName, email: account.email };
  send({ to, kind: "sms", text, otp });
  if (isRecovery) send({ to, kind: "email", text, otp });
  return STAY;
}
