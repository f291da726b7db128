import { mintAttemptCookie, restartAttempt } from "../login/attempt.ts";
import { clientOf } from "../login/client-of.ts";
import { finishLogin } from "../login/finish-login.ts";
import { STAY, type StepOutcome } from "../login/login-flow.ts";
import { type RecoveryRules, recoverySteps, takePan } from "../login/recovery-steps.ts";
import { type NextOtpStep, otpText, type SendMessage, sendOtp, withOtpPlaces } from "../login/send-otp.ts";
import { moveTo, type StepInput, type Steps, say } from "../login/take-step.ts";
import { isOtp, verifyOtp } from "../login/verify-otp.ts";
import { verifyPassword } from "../login/verify-password.ts";
import { placeBasket } from "../orders/place-basket.ts";
import { findAccountByLoginName, rememberOtpAttempt } from "../store/accounts.ts";
import { changeAttempt, changeAttemptAt } from "../store/attempts.ts";
import { tradejini } from "./identity.ts";
import { isClientCode, isNewPassword, MAX_PASSWORD_BYTES } from "./login-rules.ts";
import { readProfile } from "./profile-data.ts";

const recovery: RecoveryRules = {
  sendCode,
  field: "password",
  isAcceptable: isNewPassword,
  afterwards: "identify",
};

/** Client code and password, then the second factor, then the approval (design.md section 7); and the way to a new password. */
export const tradejiniSteps: Steps = {
  identify: {
    field: "client_code",
    take: takePassword,
    decisions: new Map([["forgot_password", (input) => moveTo(input, "recover-pan")]]),
  },
  "two-fa": {
    field: "two_fa",
    take: takeTwoFa,
    decisions: new Map([
      ["send_otp", (input) => sendCode(input, { step: "two-fa", notice: "otp-sent", silent: false })],
    ]),
  },
  approve: { field: "decision", take: restart, decisions: new Map([["approve", approve]]) },
  ...recoverySteps(recovery),
  "recover-pan": { field: "pan", take: nameAccount },
};

async function takePassword(input: StepInput): Promise<StepOutcome> {
  const { context, attempt, form, source, now } = input;
  const loginName = readClientCode(input.entered);
  const password = form.password ?? "";
  // What nobody can have is told apart from what is wrong without looking anything up, so it tells nothing (S-43).
  const isPossible = password !== "" && Buffer.byteLength(password) <= MAX_PASSWORD_BYTES;
  if (!loginName || !isPossible) return await say(input, "login-name-malformed");
  const cookie = mintAttemptCookie(context, now);
  const entry = { dialect: tradejini.name, loginName, password, source };
  const verdict = await verifyPassword(context, entry, now, ({ accountId }) =>
    changeAttemptAt(attempt.key, attempt.step, {
      step: "two-fa",
      login_name: loginName,
      account_id: accountId,
      cookie_digest: cookie.digest,
      otp_digest: null,
      otp_tries: 0,
      notice: null,
    }),
  );
  switch (verdict.outcome) {
    case "right":
      return { outcome: "proven", cookie: cookie.text };
    case "gone":
      return STAY;
    default:
      return await say(input, verdict.outcome === "wait" ? "wait" : "password-wrong");
  }
}

async function takeTwoFa(input: StepInput): Promise<StepOutcome> {
  const { context, attempt, form, source, now } = input;
  const otp = input.entered.replace(/\s/g, "");
  if (!isOtp(otp)) return await say(input, "otp-malformed");
  // A form without a choice means the one that is chosen when the page opens.
  const accepts = form.two_fa_type === "otp" ? (["sms"] as const) : (["totp"] as const);
  const cookie = mintAttemptCookie(context, now);
  const entry = { otp, source, accepts, nextStep: "approve", newCookieDigest: cookie.digest } as const;
  if (!(await context.db.write(() => verifyOtp(context, attempt, entry, now)))) return STAY;
  // At the console there is nothing to approve.
  const { accountId, request } = attempt;
  const proven = { ...attempt, step: "approve" } as const;
  if (request.kind === "console" && accountId) return await finishLogin(context, proven, accountId, now);
  return { outcome: "proven", cookie: cookie.text };
}

/**
 * Sends a code by SMS. One for the second factor counts on this page and, for an individual app's owner, at the direct
 * login; one for a new password goes by e-mail as well.
 */
async function sendCode(input: StepInput, wanted: NextOtpStep): Promise<StepOutcome> {
  return await withOtpPlaces(input.context, wanted, (send) => writeCode(input, wanted, send));
}

async function writeCode(input: StepInput, wanted: NextOtpStep, send: SendMessage): Promise<StepOutcome> {
  const { context, attempt, source, now } = input;
  // Read for everybody, so that a client code somebody has costs no more than one nobody has (S-43).
  const client = await clientOf(context, attempt);
  const isRecovery = wanted.step === "recover-otp";
  const { KUNJI_OTP_LIFETIME, KUNJI_TRADEJINI_OTP_LIFETIME } = context.settings;
  const lifetimeSeconds = isRecovery ? KUNJI_OTP_LIFETIME : KUNJI_TRADEJINI_OTP_LIFETIME;
  const sent = await context.db.write(function* () {
    const next = { ...wanted, lifetimeSeconds, isForAnybody: isRecovery };
    const result = yield* sendOtp(context, attempt, attempt.loginName ?? "", source, next, now);
    if (!isRecovery && result.outcome === "stepped" && result.send) {
      yield* rememberOtpAttempt(result.send.account.accountId, attempt.key);
    }
    return result;
  });
  if (sent.outcome === "refused") return { outcome: "too-many", retryAt: sent.retryAt };
  if (!sent.send) return STAY;
  const { account, otp } = sent.send;
  const purpose = isRecovery ? "set a new password" : client ? `log in to ${client.name}` : "manage your account";
  const text = otpText(otp, purpose, lifetimeSeconds);
  const to = { accountId: account.accountId, mobile: readProfile(account.profile).mobile, email: account.email };
  send({ to, kind: "sms", text, otp });
  if (isRecovery) send({ to, kind: "email", text, otp });
  return STAY;
}

/** The way to a new password starts with whose it is; whether anybody has the code does not show (S-43). */
async function nameAccount(input: StepInput): Promise<StepOutcome> {
  const { context, attempt, form } = input;
  const loginName = readClientCode(form.client_code ?? "");
  if (!loginName) return await say(input, "login-name-malformed");
  const accountId = await context.db.write(function* () {
    const account = yield* findAccountByLoginName(tradejini.name, loginName);
    const found = account?.accountId ?? null;
    yield* changeAttempt(attempt.key, { login_name: loginName, account_id: found });
    return found;
  });
  return await takePan(recovery, { ...input, attempt: { ...attempt, loginName, accountId } });
}

/** Client codes are letters and digits in capitals. @returns undefined for what cannot be one */
function readClientCode(text: string): string | undefined {
  const code = text.trim().toUpperCase();
  return isClientCode(code) ? code : undefined;
}

/** The one consent: for the orders too, where the app asks to place some (S-58). */
async function approve({ context, attempt, now }: StepInput): Promise<StepOutcome> {
  const { request, accountId } = attempt;
  if (!accountId) return STAY;
  if (request.kind === "authorize" && request.basketKey !== undefined) {
    return await placeBasket(context, { attempt, request, basketKey: request.basketKey, accountId }, now);
  }
  return await finishLogin(context, attempt, accountId, now);
}

/** A decision that no button of the page makes. */
async function restart({ context, attempt }: StepInput): Promise<StepOutcome> {
  await context.db.write(() => restartAttempt(attempt));
  return STAY;
}
