import { type Attempt, mintAttemptCookie } from "./attempt.ts";
import { STAY, type StepOutcome } from "./login-flow.ts";
import type { LoginNotice, LoginStep } from "./login-request.ts";
import { readPan, setRecoveredPin, verifyPan } from "./recover-pin.ts";
import { type NextOtpStep, requireOtpPlaces } from "./send-otp.ts";
import { type StepInput, type Steps, say, type TakeStep } from "./take-step.ts";
import { isOtp, verifyOtp } from "./verify-otp.ts";

/** What a dialect decides about the way to a new PIN or password. */
export interface RecoveryRules {
  readonly sendCode: (input: StepInput, next: NextOtpStep) => Promise<StepOutcome>;
  /** Field of the new secret; its repetition is in the field with `_again` behind it. */
  readonly field: string;
  readonly isAcceptable: (secret: string) => boolean;
  /** The step at which the new secret is used. */
  readonly afterwards: LoginStep;
}

/** PAN, a code by SMS, the new secret twice. It is also what unlocks a locked account (S-49). */
export function recoverySteps(rules: RecoveryRules): Steps {
  return {
    "recover-pan": { field: "pan", take: (input) => takePan(rules, input) },
    "recover-otp": {
      field: "otp",
      // Recovery is by the code that was sent: an authenticator alone must not replace the secret.
      take: (input) => takeOtp(input, "recover-pin", ["sms"]),
      decisions: new Map([["resend", (input) => resend(rules, input, "recover-otp")]]),
    },
    "recover-pin": { field: rules.field, take: (input) => takeNewSecret(rules, input) },
  };
}

/** @param input its attempt names the account, when somebody has it */
export async function takePan(rules: RecoveryRules, input: StepInput): Promise<StepOutcome> {
  const { context, attempt, form, source, now } = input;
  const pan = readPan(form.pan ?? "");
  if (!pan) return await say(input, "pan-wrong");
  // Before the guess counts: while no code can be sent, nothing is to change.
  requireOtpPlaces(context, { step: "recover-otp" });
  const verdict = await context.db.write(() => verifyPan(context, attempt, pan, source, now));
  if (verdict === "wait") return await say(input, "wait");
  // A wrong PAN leads to the same page and counts the same message; only the code never comes (S-43).
  return await rules.sendCode(input, { step: "recover-otp", notice: null, silent: verdict === "wrong" });
}

/** Sends a code again, to whom the step sends codes. */
export async function resend(
  rules: Pick<RecoveryRules, "sendCode">,
  input: StepInput,
  step: LoginStep,
): Promise<StepOutcome> {
  const notice: LoginNotice = "otp-sent-again";
  return await rules.sendCode(input, { step, notice, silent: isPanUnproven(input.attempt) });
}

/** Takes a one-time code. @param accepts which kinds count */
export async function takeOtp(
  input: StepInput,
  nextStep: LoginStep,
  accepts: readonly ("sms" | "totp")[],
): ReturnType<TakeStep> {
  const { context, attempt, source, now } = input;
  const otp = input.entered.replace(/\s/g, "");
  if (!isOtp(otp)) return await say(input, "otp-malformed");
  const cookie = mintAttemptCookie(context, now);
  const entry = { otp, source, accepts, nextStep, newCookieDigest: cookie.digest };
  const accepted = await context.db.write(() => verifyOtp(context, attempt, entry, now));
  return accepted ? { outcome: "proven", cookie: cookie.text } : STAY;
}

/** Whether the PAN was wrong: the attempt has lost its account then, and no code is ever sent to it. */
function isPanUnproven(attempt: Attempt): boolean {
  return attempt.step === "recover-otp" && attempt.accountId === null;
}

async function takeNewSecret(rules: RecoveryRules, input: StepInput): Promise<StepOutcome> {
  const { context, attempt, form, entered, now } = input;
  if (!rules.isAcceptable(entered)) return await say(input, "pin-malformed");
  if (entered !== form[`${rules.field}_again`]) return await say(input, "pin-mismatch");
  const pinHash = await context.hasher.hash(entered);
  const cookie = mintAttemptCookie(context, now);
  const proof = { pinHash, newCookieDigest: cookie.digest, nextStep: rules.afterwards };
  const isSet = await context.db.write(() => setRecoveredPin(context, attempt, proof, now));
  return isSet ? { outcome: "proven", cookie: cookie.text } : STAY;
}
