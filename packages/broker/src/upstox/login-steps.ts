import type { BrokerContext } from "../broker-context.ts";
import { openBrowserSession } from "../console/browser-session.ts";
import { mintCode, saveIssuedCode } from "../grants/issue-code.ts";
import type { FormFields } from "../http/form-fields.ts";
import {
  type Attempt,
  endAttempt,
  forgetAccount,
  mintAttemptCookie,
  noteOnAttempt,
  restartAttempt,
} from "../login/attempt.ts";
import type { LoginNotice, LoginStep } from "../login/login-request.ts";
import { readPan, setRecoveredPin, verifyPan } from "../login/recover-pin.ts";
import { type NextOtpStep, type OtpSent, sendOtp } from "../login/send-otp.ts";
import { PIN_TRIES } from "../login/throttle.ts";
import { verifyOtp } from "../login/verify-otp.ts";
import { isPin, verifyPin } from "../login/verify-pin.ts";
import type { Account } from "../store/accounts.ts";
import { changeAttempt } from "../store/attempts.ts";
import { appendAudit } from "../store/audit.ts";
import { findClient } from "../store/clients.ts";
import type { Verb } from "../store/verb.ts";
import { upstox } from "./identity.ts";

export type StepOutcome =
  /** The page the attempt now stands at is shown. */
  | { readonly outcome: "stay" }
  /** Something was proven: the browser gets a new cookie (S-37). */
  | { readonly outcome: "proven"; readonly cookie: string }
  | {
      readonly outcome: "to-app";
      readonly redirectUri: string;
      readonly parameters: Readonly<Record<string, string | undefined>>;
    }
  | { readonly outcome: "signed-in"; readonly sessionCookie: string }
  | { readonly outcome: "too-many"; readonly retryAt: number };

const STAY: StepOutcome = { outcome: "stay" };
const MOBILE = /^[6-9][0-9]{9}$/;
const OTP = /^[0-9]{6}$/;

/** Takes the step the attempt stands at with what the person sent. A form of another step restarts the login (S-34). */
export async function takeStep(
  context: BrokerContext,
  attempt: Attempt,
  form: FormFields,
  source: string,
  now: number,
): Promise<StepOutcome> {
  if (attempt.step === "ended") return STAY;
  if (form.decision === "deny") return await cancel(context, attempt, now);
  const step = steps[attempt.step];
  if (form.decision === "resend" && step.resendTo) {
    const next = { step: step.resendTo, notice: "otp-sent-again", silent: isPanUnproven(attempt) } as const;
    return await sendCode(context, attempt, attempt.loginName ?? "", source, next, now);
  }
  if (form.decision === "forgot_pin" && attempt.step === "pin") {
    return await moveTo(context, attempt, "recover-pan", null);
  }
  if (form[step.field] === undefined) {
    await context.db.write(() => restartAttempt(attempt));
    return STAY;
  }
  return await step.take({ context, attempt, form, source, now, entered: form[step.field] ?? "" });
}

interface StepInput {
  readonly context: BrokerContext;
  readonly attempt: Attempt;
  readonly form: FormFields;
  readonly source: string;
  readonly now: number;
  /** Value of the step's own field. */
  readonly entered: string;
}

interface Step {
  readonly field: string;
  readonly take: (input: StepInput) => Promise<StepOutcome>;
  /** The step a resent code belongs to. */
  readonly resendTo?: LoginStep;
}

const steps: Readonly<Record<Exclude<LoginStep, "ended">, Step>> = {
  identify: { field: "mobile_number", take: takeMobileNumber },
  otp: { field: "otp", take: (input) => takeOtp(input, "pin", true), resendTo: "otp" },
  pin: { field: "pin", take: takePin },
  "recover-pan": { field: "pan", take: takePan },
  // Recovery is by the code that was sent: an authenticator alone must not replace the PIN.
  "recover-otp": { field: "otp", take: (input) => takeOtp(input, "recover-pin", false), resendTo: "recover-otp" },
  "recover-pin": { field: "pin", take: takeNewPin },
};

async function takeMobileNumber({ context, attempt, source, now, entered }: StepInput): Promise<StepOutcome> {
  const mobile = entered.replace(/[\s-]/g, "").replace(/^\+91/, "");
  if (!MOBILE.test(mobile)) return await say(context, attempt, "login-name-malformed");
  return await sendCode(context, attempt, mobile, source, { step: "otp", notice: null, silent: false }, now);
}

async function takeOtp(input: StepInput, nextStep: LoginStep, totpCounts: boolean): Promise<StepOutcome> {
  const { context, attempt, source, now } = input;
  const otp = input.entered.replace(/\s/g, "");
  if (!OTP.test(otp)) return await say(context, attempt, "otp-malformed");
  const cookie = mintAttemptCookie(context, now);
  const entry = { otp, source, totpCounts, nextStep, newCookieDigest: cookie.digest };
  const accepted = await context.db.write(() => verifyOtp(context, attempt, entry, now));
  return accepted ? { outcome: "proven", cookie: cookie.text } : STAY;
}

async function takePin({ context, attempt, entered, now }: StepInput): Promise<StepOutcome> {
  if (!isPin(entered)) return await say(context, attempt, "pin-malformed");
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
  return await finish(context, attempt, accountId, now);
}

async function takePan({ context, attempt, source, now, entered }: StepInput): Promise<StepOutcome> {
  const pan = readPan(entered);
  if (!pan) return await say(context, attempt, "pan-wrong");
  const verdict = await context.db.write(() => verifyPan(context, attempt, pan, source, now));
  if (verdict === "wait") return await say(context, attempt, "wait");
  // A wrong PAN leads to the same page and counts the same message; only the code never comes (S-43).
  if (verdict === "wrong") await context.db.write(() => forgetAccount(attempt));
  const next = { step: "recover-otp", notice: null, silent: verdict === "wrong" } as const;
  return await sendCode(context, attempt, attempt.loginName ?? "", source, next, now);
}

/** Whether the PAN was wrong: the attempt has lost its account then, and no code is ever sent to it. */
function isPanUnproven(attempt: Attempt): boolean {
  return attempt.step === "recover-otp" && attempt.accountId === null;
}

async function takeNewPin({ context, attempt, form, entered, now }: StepInput): Promise<StepOutcome> {
  if (!isPin(entered)) return await say(context, attempt, "pin-malformed");
  if (entered !== form.pin_again) return await say(context, attempt, "pin-mismatch");
  const pinHash = await context.hasher.hash(entered);
  const cookie = mintAttemptCookie(context, now);
  await context.db.write(() => setRecoveredPin(context, attempt, pinHash, cookie.digest, now));
  return { outcome: "proven", cookie: cookie.text };
}

/** After the PIN: the code for the app, or a signed-in browser for the console. */
async function finish(context: BrokerContext, attempt: Attempt, accountId: string, now: number): Promise<StepOutcome> {
  const { request } = attempt;
  if (request.kind === "console") {
    const sessionCookie = await openBrowserSession(context, attempt, accountId, now);
    return { outcome: "signed-in", sessionCookie };
  }
  const code = mintCode(context, now);
  const isIssued = await context.db.write(function* (): Verb<boolean> {
    const client = yield* findClient(upstox.name, request.clientId);
    const inGoodStanding = client?.status === "active" && client.tokenEpoch === request.clientEpoch;
    if (!inGoodStanding) {
      yield* endAttempt(attempt, "client-unavailable");
      return false;
    }
    if (client.audience === "owner" && client.ownerAccount !== accountId) {
      yield* endAttempt(attempt, "owner-only");
      return false;
    }
    const { clientId, clientEpoch, redirectUri, codeChallenge } = request;
    const binding = { clientId, clientEpoch, accountId, redirectUri, codeChallenge, attemptKey: attempt.key };
    yield* saveIssuedCode(context, code, binding, now);
    yield* endAttempt(attempt, "finished");
    return true;
  });
  if (!isIssued) return STAY;
  return {
    outcome: "to-app",
    redirectUri: request.redirectUri,
    parameters: { code: code.text, state: request.state ?? undefined },
  };
}

/** "Cancel" ends the attempt and tells the app (design.md section 7). */
async function cancel(context: BrokerContext, attempt: Attempt, now: number): Promise<StepOutcome> {
  const { request } = attempt;
  await context.db.write(function* () {
    yield* endAttempt(attempt, "cancelled");
    yield* appendAudit(context.keys.audit, {
      at: now,
      event: "login.cancelled",
      clientId: request.kind === "authorize" ? request.clientId : undefined,
      detail: { attempt: attempt.key },
    });
  });
  if (request.kind === "console") return STAY;
  return {
    outcome: "to-app",
    redirectUri: request.redirectUri,
    parameters: { error: "access_denied", state: request.state ?? undefined },
  };
}

async function sendCode(
  context: BrokerContext,
  attempt: Attempt,
  loginName: string,
  source: string,
  next: NextOtpStep,
  now: number,
): Promise<StepOutcome> {
  // Read for everybody, so that a number somebody has costs no more than one nobody has (S-43).
  const client = await clientName(context, attempt);
  const sent: OtpSent = await context.db.write(() => sendOtp(context, attempt, loginName, source, next, now));
  if (sent.outcome === "refused") return { outcome: "too-many", retryAt: sent.retryAt };
  if (sent.send) sendMessages(context, sent.send.account, sent.send.otp, client, next.step === "recover-otp");
  return STAY;
}

/** By SMS; a code that replaces the PIN goes by e-mail as well (protocol/upstox.md 2.5). */
function sendMessages(
  context: BrokerContext,
  account: Account,
  otp: string,
  client: string | undefined,
  isRecovery: boolean,
): void {
  const purpose = isRecovery ? "set a new PIN" : client ? `log in to ${client}` : "manage your account";
  const minutes = Math.round(context.settings.KUNJI_OTP_LIFETIME / 60);
  const text = `${otp} is your code to ${purpose}. It is valid for ${minutes} minutes. Never tell it to anyone.`;
  const to = { accountId: account.accountId, mobile: account.loginName, email: account.email };
  context.messages.enqueue({ to, kind: "sms", text, otp });
  if (isRecovery) context.messages.enqueue({ to, kind: "email", text, otp });
}

async function clientName(context: BrokerContext, attempt: Attempt): Promise<string | undefined> {
  const { request } = attempt;
  if (request.kind !== "authorize") return undefined;
  return (await context.db.read(() => findClient(upstox.name, request.clientId)))?.name;
}

async function moveTo(
  context: BrokerContext,
  attempt: Attempt,
  step: LoginStep,
  notice: LoginNotice | null,
): Promise<StepOutcome> {
  await context.db.write(() => changeAttempt(attempt.key, { step, notice }));
  return STAY;
}

async function say(context: BrokerContext, attempt: Attempt, notice: LoginNotice): Promise<StepOutcome> {
  await context.db.write(() => noteOnAttempt(attempt, notice));
  return STAY;
}
