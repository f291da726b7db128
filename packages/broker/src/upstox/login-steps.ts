import { type Attempt, endAttempt, mintAttemptCookie, noteOnAttempt } from "../login/attempt.ts";
import { clientOf } from "../login/client-of.ts";
import { finishLogin } from "../login/finish-login.ts";
import { STAY, type StepOutcome } from "../login/login-flow.ts";
import type { LoginStep } from "../login/login-request.ts";
import { readPan, setRecoveredPin, verifyPan } from "../login/recover-pin.ts";
import { type NextOtpStep, otpText, sendOtp } from "../login/send-otp.ts";
import { moveTo, type StepInput, type Steps, say } from "../login/take-step.ts";
import { PIN_TRIES } from "../login/throttle.ts";
import { isOtp, verifyOtp } from "../login/verify-otp.ts";
import { isPin, verifyPin } from "../login/verify-pin.ts";
import { changeAttempt } from "../store/attempts.ts";

const MOBILE = /^[6-9][0-9]{9}$/;

/** Mobile number, then a code, then the PIN; and the way to a new PIN. */
export const upstoxSteps: Steps = {
  identify: { field: "mobile_number", take: takeMobileNumber },
  otp: {
    field: "otp",
    take: (input) => takeOtp(input, "pin", true),
    decisions: new Map([["resend", (input) => resend(input, "otp")]]),
  },
  pin: { field: "pin", take: takePin, decisions: new Map([["forgot_pin", (input) => moveTo(input, "recover-pan")]]) },
  "recover-pan": { field: "pan", take: takePan },
  "recover-otp": {
    field: "otp",
    // Recovery is by the code that was sent: an authenticator alone must not replace the PIN.
    take: (input) => takeOtp(input, "recover-pin", false),
    decisions: new Map([["resend", (input) => resend(input, "recover-otp")]]),
  },
  "recover-pin": { field: "pin", take: takeNewPin },
};

async function takeMobileNumber(input: StepInput): Promise<StepOutcome> {
  const mobile = input.entered.replace(/[\s-]/g, "").replace(/^\+91/, "");
  if (!MOBILE.test(mobile)) return await say(input, "login-name-malformed");
  return await sendCode(input, mobile, { step: "otp", notice: null, silent: false });
}

async function resend(input: StepInput, step: LoginStep): Promise<StepOutcome> {
  const { attempt } = input;
  const next = { step, notice: "otp-sent-again", silent: isPanUnproven(attempt) } as const;
  return await sendCode(input, attempt.loginName ?? "", next);
}

async function takeOtp(input: StepInput, nextStep: LoginStep, totpCounts: boolean): Promise<StepOutcome> {
  const { context, attempt, source, now } = input;
  const otp = input.entered.replace(/\s/g, "");
  if (!isOtp(otp)) return await say(input, "otp-malformed");
  const cookie = mintAttemptCookie(context, now);
  const accepts = totpCounts ? (["sms", "totp"] as const) : (["sms"] as const);
  const entry = { otp, source, accepts, nextStep, newCookieDigest: cookie.digest };
  const accepted = await context.db.write(() => verifyOtp(context, attempt, entry, now));
  return accepted ? { outcome: "proven", cookie: cookie.text } : STAY;
}

async function takePin(input: StepInput): Promise<StepOutcome> {
  const { context, attempt, entered, now } = input;
  if (!isPin(entered)) return await say(input, "pin-malformed");
  const accountId = attempt.accountId ?? "";
  if (!(await verifyPin(context, accountId, entered))) {
    const tries = attempt.pinTries + 1;
    await context.db.write(function* () {
      yield* changeAttempt(attempt.key, { pin_tries: tries });
      // A locked account and a wrong PIN look alike all the way (S-43).
      if (tries >= PIN_TRIES) yield* endAttempt(attempt, "locked");
      else yield* noteOnAttempt(attempt, "pin-wrong");
    });
    return STAY;
  }
  return await finishLogin(context, attempt, accountId, now);
}

async function takePan(input: StepInput): Promise<StepOutcome> {
  const { context, attempt, source, now, entered } = input;
  const pan = readPan(entered);
  if (!pan) return await say(input, "pan-wrong");
  const verdict = await context.db.write(() => verifyPan(context, attempt, pan, source, now));
  if (verdict === "wait") return await say(input, "wait");
  // A wrong PAN leads to the same page and counts the same message; only the code never comes (S-43).
  const next = { step: "recover-otp", notice: null, silent: verdict === "wrong" } as const;
  return await sendCode(input, attempt.loginName ?? "", next);
}

/** Whether the PAN was wrong: the attempt has lost its account then, and no code is ever sent to it. */
function isPanUnproven(attempt: Attempt): boolean {
  return attempt.step === "recover-otp" && attempt.accountId === null;
}

async function takeNewPin(input: StepInput): Promise<StepOutcome> {
  const { context, attempt, form, entered, now } = input;
  if (!isPin(entered)) return await say(input, "pin-malformed");
  if (entered !== form.pin_again) return await say(input, "pin-mismatch");
  const pinHash = await context.hasher.hash(entered);
  const cookie = mintAttemptCookie(context, now);
  await context.db.write(() => setRecoveredPin(context, attempt, pinHash, cookie.digest, now));
  return { outcome: "proven", cookie: cookie.text };
}

/** By SMS; a code that replaces the PIN goes by e-mail as well (protocol/upstox.md 2.5). */
async function sendCode(input: StepInput, loginName: string, next: NextOtpStep): Promise<StepOutcome> {
  const { context, attempt, source, now } = input;
  // Read for everybody, so that a number somebody has costs no more than one nobody has (S-43).
  const client = await clientOf(context, attempt);
  const sent = await context.db.write(() => sendOtp(context, attempt, loginName, source, next, now));
  if (sent.outcome === "refused") return { outcome: "too-many", retryAt: sent.retryAt };
  if (!sent.send) return STAY;
  const { account, otp } = sent.send;
  const isRecovery = next.step === "recover-otp";
  const purpose = isRecovery ? "set a new PIN" : client ? `log in to ${client.name}` : "manage your account";
  const text = otpText(otp, purpose, context.settings.KUNJI_OTP_LIFETIME);
  const to = { accountId: account.accountId, mobile: account.loginName, email: account.email };
  context.messages.enqueue({ to, kind: "sms", text, otp });
  if (isRecovery) context.messages.enqueue({ to, kind: "email", text, otp });
  return STAY;
}
