/**
 * The direct way: nobody is asked. Password and TOTP seed were stored because the owner opted in (S-78).
 * One attempt, never a loop: repeated failures can block the account (protocol/tradejini.md 5).
 */
import { accountLabel, type LoginFactors } from "../account.ts";
import { KeeperError, LoginRequired } from "../keeper-error.ts";
import type { Secret } from "../secret.ts";
import { askBrokerClock } from "./broker-clock.ts";
import { loginFailure } from "./login-failure.ts";
import type { LogIn, LoginRequest } from "./login-way.ts";
import { delay, systemTimer } from "./timer.ts";
import { noteUsedStep, readUsedStep, STEP_SECONDS, secondsToWait, stepAt } from "./totp-step.ts";

/** The broker's answer is the same for each of them (protocol/tradejini.md 5). */
const FACTORS = "the API key, the PIN or password, the TOTP secret, and whether the app lists this machine's address";
const SPENT = "It was tried once and not again: repeated failures can block the account.";

export const totpLogin: LogIn = async (request) => {
  const { profile, broker, signal } = request;
  if (broker.directLogin === undefined) throw new KeeperError("USAGE", `${broker.title} has no direct login`);
  const factors = await requireFactors(request);
  const code = await nextCode(request, factors.totpSecret);
  await request.noteAttempt();
  try {
    const token = await broker.directLogin(profile, factors, code, signal);
    return await request.accept(token);
  } catch (error) {
    signal.throwIfAborted();
    throw loginFailure(error, broker, { spent: SPENT, check: FACTORS });
  }
};

async function requireFactors({ profile, factors }: LoginRequest): Promise<LoginFactors> {
  const found = await factors();
  if (found !== undefined) return found;
  throw new LoginRequired(profile, {
    nextStep: `Password and TOTP secret of ${accountLabel(profile)} are not stored. Add the account again and say so.`,
  });
}

/** A code of a step that was not used yet, by the broker's clock; waits for the next step when it must. */
async function nextCode(request: LoginRequest, seed: Secret): Promise<string> {
  const { profile, broker, vault, now, signal, setTimer = systemTimer } = request;
  const generate = await codeGenerator(seed);
  const offset = await askBrokerClock(broker.host(profile), { now, signal });
  const brokerTime = () => now() / 1000 + offset;
  const usedStep = await readUsedStep(vault, profile);
  const wait = secondsToWait(brokerTime(), usedStep);
  if (wait > 0) await delay(Math.ceil(wait * 1000), setTimer, signal);
  const seconds = brokerTime();
  await noteUsedStep(vault, profile, stepAt(seconds));
  return generate(seconds);
}

async function codeGenerator(seed: Secret): Promise<(seconds: number) => string> {
  const { Secret: Seed, TOTP } = await import("otpauth");
  try {
    const secret = Seed.fromBase32(seed.reveal().replaceAll(/[\s-]/g, ""));
    if (secret.bytes.length === 0) throw new TypeError("empty");
    const totp = new TOTP({ secret, algorithm: "SHA1", digits: 6, period: STEP_SECONDS });
    return (seconds) => totp.generate({ timestamp: seconds * 1000 });
  } catch {
    // Without the cause: its message may quote the seed.
    throw new KeeperError("USAGE", "the stored TOTP secret is not base32", {
      nextStep: "Add the account again with the text beneath the QR code of the authenticator set-up.",
    });
  }
}
