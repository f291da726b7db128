import { changeAttemptAt } from "../store/attempts.ts";
import { noteOnAttempt, restartAttempt } from "./attempt.ts";
import { cancelLogin } from "./finish-login.ts";
import { type PostedForm, STAY, type StepOutcome } from "./login-flow.ts";
import type { LoginNotice, LoginStep } from "./login-request.ts";

export interface StepInput extends PostedForm {
  /** Value of the step's own field. */
  readonly entered: string;
}

export type TakeStep = (input: StepInput) => Promise<StepOutcome>;

/** One step of a dialect's login. */
export interface Step {
  /** The field that the step's form always has. */
  readonly field: string;
  readonly take: TakeStep;
  /** The page's other buttons, by the value of their `decision`. Every step has `deny`, which cancels the login. */
  readonly decisions?: ReadonlyMap<string, TakeStep>;
}

export type Steps = Readonly<Partial<Record<LoginStep, Step>>>;

/** Takes the step the attempt stands at with what the person sent. A form of another step restarts the login (S-34). */
export async function takeStep(steps: Steps, input: PostedForm): Promise<StepOutcome> {
  const { context, attempt, form, now } = input;
  if (attempt.step === "ended") return STAY;
  const step = steps[attempt.step];
  const { decision } = form;
  const decide = decision !== undefined && step?.decisions?.get(decision);
  if (decide) return await decide({ ...input, entered: "" });
  if (decision === "deny") return await cancelLogin(context, attempt, now);
  const entered = step && form[step.field];
  if (!step || entered === undefined) {
    await context.db.write(() => restartAttempt(attempt));
    return STAY;
  }
  return await step.take({ ...input, entered });
}

/** Stays at the step and says something on its page. */
export async function say({ context, attempt }: StepInput, notice: LoginNotice): Promise<StepOutcome> {
  await context.db.write(() => noteOnAttempt(attempt, notice));
  return STAY;
}

/** Goes to another step that needs no further proof, unless the attempt has gone elsewhere meanwhile. */
export async function moveTo({ context, attempt }: StepInput, step: LoginStep): Promise<StepOutcome> {
  await context.db.write(() => changeAttemptAt(attempt.key, attempt.step, { step, notice: null }));
  return STAY;
}
