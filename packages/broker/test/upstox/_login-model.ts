import type { TestBroker } from "../../src/testing/index.ts";
import { totpCode } from "../../src/totp/totp.ts";
import { Browser } from "../login/_browser.ts";
import { csrfOf, Login, otherDigits, type Shown } from "../login/_login.ts";
import { accountState, customer } from "../login/_people.ts";

/** Who may be typed at the first step: two customers, and a number nobody has. */
export type Who = 0 | 1 | "unknown";

/** A small model of what a login must do; written from protocol/upstox.md 2.5 and S-34 to S-49, not from the code. */
export interface Model {
  /** What the tab shows while the login lives. */
  step: Shown;
  who: Who | undefined;
  openedAt: number;
  now: number;
  /** When the newest code stops working; undefined when none works. */
  codeUntil: number | undefined;
  otpTries: number;
  pinTries: number;
  panProven: boolean;
  /** Per person: wrong tries in a row, and until when the next one has to wait. */
  otpStrikes: Map<Who, Strikes>;
  panStrikes: Map<Who, Strikes>;
  pins: [string, string];
  pinFailures: [number, number];
  codesIssued: number;
}

export interface Strikes {
  count: number;
  blockedUntil: number;
}

/** The broker and the tab under test. */
export interface Real {
  readonly broker: TestBroker;
  login: Login;
  /** The form posted last, to be posted again. */
  lastForm: Readonly<Record<string, string>> | undefined;
}

const UNKNOWN_NUMBER = "9999999999";
const MINUTE = 60_000;

export function freshModel(broker: TestBroker, now: number): Model {
  return {
    step: "mobile",
    who: undefined,
    openedAt: now,
    now,
    codeUntil: undefined,
    otpTries: 0,
    pinTries: 0,
    panProven: false,
    otpStrikes: new Map(),
    panStrikes: new Map(),
    pins: [customer(broker, 0).pin, customer(broker, 1).pin],
    pinFailures: [0, 0],
    codesIssued: 0,
  };
}

/** What the tab must show now. */
export function expectedShown(model: Model): Shown {
  return model.now - model.openedAt >= 10 * MINUTE ? "error" : model.step;
}

export function isLive(model: Model): boolean {
  return expectedShown(model) !== "error" && model.step !== "out" && model.step !== "message";
}

/** The login starts again; what was proven is forgotten. */
export function restart(model: Model): void {
  Object.assign(model, { step: "mobile", who: undefined, codeUntil: undefined, otpTries: 0, pinTries: 0 });
}

/** Counts a guess of `who`. @returns false when it has to wait and is not evaluated */
export function mayGuess(strikes: Map<Who, Strikes>, who: Who, now: number): boolean {
  const before = strikes.get(who) ?? { count: 0, blockedUntil: 0 };
  if (now < before.blockedUntil) return false;
  const count = before.count + 1;
  const wait = count < 5 ? 0 : Math.min(30_000 * 2 ** (count - 5), 60 * MINUTE);
  strikes.set(who, { count, blockedUntil: now + wait });
  return true;
}

export function sendCode(model: Model, step: Shown, reaches: boolean): void {
  Object.assign(model, { step, otpTries: 0, codeUntil: reaches ? model.now + 5 * MINUTE : undefined });
}

/** One more wrong PIN for an account, unless it is locked. */
export function countPin(model: Model, index: 0 | 1): void {
  model.pinFailures[index] = Math.min(5, model.pinFailures[index] + 1);
}

export function mobileOf({ broker }: Real, who: Who): string {
  return who === "unknown" ? UNKNOWN_NUMBER : customer(broker, who).mobileNumber;
}

/** The newest code sent to this person, or one that is wrong. */
export async function otpOf(real: Real, model: Model, kind: "right" | "old" | "wrong"): Promise<string> {
  const { who } = model;
  if (who === undefined || who === "unknown") return "123456";
  const person = customer(real.broker, who);
  const sent = (await real.broker.inbox())
    .filter(({ to, otp }) => to === person.mobileNumber && otp !== undefined)
    .map(({ otp }) => otp ?? "");
  const authenticator = [-30, 0, 30].map((shift) => totpCode(person.totpSecret, model.now / 1000 + shift));
  const wrong = otherDigits(...sent, ...authenticator);
  if (kind === "wrong") return wrong;
  const older = sent.slice(1).find((otp) => otp !== sent[0] && !authenticator.includes(otp));
  return (kind === "right" ? sent[0] : older) ?? wrong;
}

/** Posts to the login the tab shows. */
export async function submit(real: Real, fields: Readonly<Record<string, string>>): Promise<void> {
  real.lastForm = { csrf: csrfOf(real.login.page), ...fields };
  await real.login.submit(fields);
}

export async function postAsStranger(real: Real, fields: Readonly<Record<string, string>>): Promise<number> {
  const stranger = new Browser(real.broker.url);
  const own = await Login.open(real.broker, { browser: stranger });
  const form = { csrf: csrfOf(real.login.page), ...fields };
  const answer = await stranger.post(real.login.path, form);
  return answer.location === undefined && own.shown === "mobile" ? answer.status : -1;
}

/** What the store says, in the model's words. */
export async function storedPinFailures({ broker }: Real): Promise<number[]> {
  const states = [0, 1].map((index) => accountState(broker.server.parts, customer(broker, index)));
  return (await Promise.all(states)).map((state) => state.pin_failures);
}
