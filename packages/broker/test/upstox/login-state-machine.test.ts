import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { Login, otherDigits } from "../login/_login.ts";
import { auditEvents, customer } from "../login/_people.ts";
import {
  countPin,
  expectedShown,
  freshModel,
  isLive,
  type Model,
  mayGuess,
  mobileOf,
  otpOf,
  postAsStranger,
  type Real,
  restart,
  sendCode,
  storedPinFailures,
  submit,
  type Who,
} from "./_login-model.ts";

const START = Date.parse("2026-11-25T09:05:00+05:30");

type Command = fc.AsyncCommand<Model, Real>;

/** A command that may always come; afterwards page and store are compared with the model. */
function command(name: string, act: (model: Model, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    async run(model, real) {
      await act(model, real);
      await real.login.reload();
      // After the way back to the app the browser has no cookie any more.
      const shown = expectedShown(model);
      expect(real.login.shown, name).toBe(shown === "out" ? "error" : shown);
      expect(await storedPinFailures(real)).toEqual(model.pinFailures);
      const issued = (await auditEvents(real.broker.server.parts)).filter((event) => event === "code.issued");
      expect(issued.length).toBe(model.codesIssued);
    },
    toString: () => name,
  };
}

/** Posts a field, and says what becomes of a login whose page asks for something else: it starts again. */
async function post(model: Model, real: Real, fields: Record<string, string>, belongs: boolean, then: () => void) {
  const live = isLive(model);
  await submit(real, fields);
  if (!live) return;
  if (belongs) then();
  else restart(model);
}

const mobile = (who: Who | "malformed") =>
  command(`mobile ${who}`, async (model, real) => {
    const typed = who === "malformed" ? "12345" : mobileOf(real, who);
    await post(model, real, { mobile_number: typed }, model.step === "mobile", () => {
      if (who === "malformed") return;
      model.who = who;
      sendCode(model, "otp", who !== "unknown");
    });
  });

const otp = (kind: "right" | "old" | "wrong" | "malformed") =>
  command(`otp ${kind}`, async (model, real) => {
    const typed = kind === "malformed" ? "12 34" : await otpOf(real, model, kind);
    const asked = model.step === "otp" || model.step === "recovery-otp";
    await post(model, real, { otp: typed }, asked, () => {
      if (kind === "malformed" || model.who === undefined) return;
      if (!mayGuess(model.otpStrikes, model.who, model.now)) return;
      model.otpTries += 1;
      const works = kind === "right" && model.otpTries <= 5 && model.now < (model.codeUntil ?? 0);
      if (!works) return;
      model.otpStrikes.delete(model.who);
      model.codeUntil = undefined;
      model.step = model.step === "otp" ? "pin" : "new-pin";
    });
  });

const pin = (kind: "right" | "wrong" | "malformed") =>
  command(`pin ${kind}`, async (model, real) => {
    const own = model.who === 0 || model.who === 1 ? model.pins[model.who] : "000000";
    const typed = kind === "malformed" ? "12345x" : kind === "right" ? own : otherDigits(own);
    await post(model, real, { pin: typed }, model.step === "pin" || model.step === "new-pin", () => {
      // A new PIN is typed twice; this is once.
      if (model.step === "new-pin" || kind === "malformed" || (model.who !== 0 && model.who !== 1)) return;
      if (kind === "right" && model.pinFailures[model.who] < 5) {
        model.pinFailures[model.who] = 0;
        model.codesIssued += 1;
        model.step = "out";
        return;
      }
      countPin(model, model.who);
      model.pinTries += 1;
      if (model.pinTries === 5) model.step = "message";
    });
  });

const pan = (kind: "right" | "wrong" | "malformed") =>
  command(`pan ${kind}`, async (model, real) => {
    const own = model.who === 0 || model.who === 1 ? customer(real.broker, model.who).pan : "AAAAA0000A";
    const typed = { right: own.toLowerCase(), wrong: "ZZZZZ9999Z", malformed: "ZZZZZ9999" }[kind];
    await post(model, real, { pan: typed }, model.step === "pan", () => {
      if (kind === "malformed" || model.who === undefined) return;
      if (!mayGuess(model.panStrikes, model.who, model.now)) return;
      model.panProven = kind === "right";
      if (model.panProven) model.panStrikes.delete(model.who);
      sendCode(model, "recovery-otp", model.panProven);
    });
  });

const newPin = (kind: "right" | "mismatch") =>
  command(`new pin ${kind}`, async (model, real) => {
    const typed = { pin: "482915", pin_again: kind === "right" ? "482915" : "482916" };
    const before = model.step;
    await post(model, real, typed, before === "pin" || before === "new-pin", () => {
      if (model.who !== 0 && model.who !== 1) return;
      if (before === "pin") {
        // At the PIN step it is a PIN like any other.
        if (model.pins[model.who] === typed.pin && model.pinFailures[model.who] < 5) {
          model.pinFailures[model.who] = 0;
          model.codesIssued += 1;
          model.step = "out";
          return;
        }
        countPin(model, model.who);
        model.pinTries += 1;
        if (model.pinTries === 5) model.step = "message";
        return;
      }
      if (kind === "mismatch") return;
      model.pins[model.who] = typed.pin;
      model.pinFailures[model.who] = 0;
      model.pinTries = 0;
      model.step = "pin";
    });
  });

const resend = command("resend", async (model, real) => {
  const asked = model.step === "otp" || model.step === "recovery-otp";
  await post(model, real, { decision: "resend" }, asked, () => {
    const reaches = model.who !== "unknown" && (model.step === "otp" || model.panProven);
    sendCode(model, model.step, reaches);
  });
});

const forgotPin = command("forgot pin", async (model, real) => {
  await post(model, real, { decision: "forgot_pin" }, model.step === "pin", () => {
    model.step = "pan";
  });
});

const cancel = command("cancel", async (model, real) => {
  const live = isLive(model);
  await submit(real, { decision: "deny" });
  if (!live) return;
  expect(real.login.callback.get("error")).toBe("access_denied");
  model.step = "out";
});

const back = command("post the last form again", async (_model, real) => {
  if (real.lastForm) await real.login.browser.post(real.login.path, real.lastForm);
});

const otherBrowser = command("another browser posts", async (model, real) => {
  for (const fields of [{ decision: "deny" }, { pin: model.pins[0] }]) {
    expect(await postAsStranger(real, fields)).toBe(400);
  }
});

const reopen = command("open", async (model, real) => {
  real.login = await Login.open(real.broker);
  real.lastForm = undefined;
  restart(model);
  model.openedAt = model.now;
});

const advance = (seconds: number) =>
  command(`advance ${seconds} s`, async (model, real) => {
    real.broker.clock.advance(seconds);
    model.now += seconds * 1000;
  });

/** Does what the page asks for, so that deep states are reached often. */
const forward = (who: 0 | 1) =>
  command(`forward as ${who}`, async (model, real) => {
    const steps: Partial<Record<Model["step"], Command>> = {
      mobile: mobile(who),
      otp: otp("right"),
      pin: pin("right"),
      pan: pan("right"),
      "recovery-otp": otp("right"),
      "new-pin": newPin("right"),
    };
    await (steps[expectedShown(model)] ?? reopen).run(model, real);
  });

/** Commands in a row: single ones seldom line up to reach a lock or the end of a recovery. */
function sequence(name: string, commands: readonly Command[]): Command {
  return {
    check: () => true,
    async run(model, real) {
      for (const each of commands) await each.run(model, real);
    },
    toString: () => name,
  };
}

const times = (count: number, each: Command) =>
  sequence(
    `${count} x ${each}`,
    Array.from({ length: count }, () => each),
  );
const toOtp = (who: Who) => sequence(`open, mobile ${who}`, [reopen, mobile(who)]);
const toPin = (who: 0 | 1) => sequence(`open, to pin as ${who}`, [reopen, mobile(who), otp("right")]);
const toRecovery = (kind: "right" | "wrong") =>
  sequence(`to recovery, pan ${kind}`, [reopen, mobile(0), otp("right"), forgotPin, pan(kind)]);

const upTo6 = fc.integer({ min: 1, max: 6 });

const anyCommand = [
  fc.constantFrom(toOtp(0), toOtp(1), toOtp("unknown"), reopen),
  fc.constantFrom(toPin(0), toPin(1)),
  fc.constantFrom(toRecovery("right"), toRecovery("wrong")),
  upTo6.map((count) => sequence(`wrong PINs, ${count}`, [toPin(0), times(count, pin("wrong"))])),
  upTo6.map((count) => sequence(`wrong codes, ${count}`, [toOtp(0), times(count, otp("wrong"))])),
  fc.constantFrom(forward(0), forward(1)),
  fc.constantFrom(resend, resend, cancel, forgotPin),
  fc.constantFrom(mobile(0), mobile(1), mobile("unknown"), mobile("malformed")),
  fc.constantFrom(otp("right"), otp("old"), otp("wrong"), otp("malformed")),
  fc.constantFrom(pin("right"), pin("wrong"), pin("malformed")),
  fc.constantFrom(pan("right"), pan("wrong"), pan("malformed")),
  fc.constantFrom(newPin("right"), newPin("mismatch")),
  fc.constantFrom(back, otherBrowser),
  fc.constantFrom(advance(1), advance(31), advance(299), advance(301), advance(600)),
];

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 2 });
});
afterAll(() => broker.close());

describe("the login as a state machine (S-34, S-35, S-41)", () => {
  it("does what a small model says, for any order of commands (property)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(anyCommand, { maxCommands: 20, size: "max" }), async (commands) => {
        await broker.reset();
        broker.clock.freeze(START);
        const login = await Login.open(broker);
        const model = freshModel(broker, START);
        await fc.asyncModelRun(() => ({ model, real: { broker, login, lastForm: undefined } }), commands);
      }),
      { numRuns: 50 },
    );
  });
});
