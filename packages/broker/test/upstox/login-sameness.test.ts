import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import type { Answer } from "../login/_browser.ts";
import { Login, otherDigits, withoutReference } from "../login/_login.ts";
import { customer } from "../login/_people.ts";
import { type Work, watchWork } from "../login/_work.ts";

const NOW = Date.parse("2026-11-25T09:05:00+05:30");
const UNKNOWN = "9999999999";

let broker: TestBroker;
beforeEach(async () => {
  // Three customers: one is asked about, one is locked, one is neither.
  broker = await startBroker({ customers: 3, settings: { KUNJI_OTP_PER_NUMBER: 3 } });
  broker.clock.freeze(NOW);
});
afterEach(() => broker.close());

type Fields = Readonly<Record<string, string>>;

/** All that a stranger can see of an answer, without what differs in every answer. */
interface Seen {
  readonly status: number;
  readonly headers: Readonly<Record<string, number>>;
  readonly page: string;
}

function seen(answer: Answer, login: Login): Seen {
  const headers = [...answer.headers].map(([name, value]) => [name, value.length] as const);
  const page = withoutReference(answer.html)
    .replaceAll(login.attempt, "")
    .replace(/value="[\w-]{43}"/g, "");
  return { status: answer.status, headers: Object.fromEntries(headers), page };
}

/** Posts each form in turn: what came back, the page behind it, and what the broker did for both. */
async function walk(login: Login, forms: readonly Fields[]): Promise<{ seen: Seen[]; work: Work[] }> {
  await broker.settled();
  const watch = watchWork(broker.server.parts);
  const result: { seen: Seen[]; work: Work[] } = { seen: [], work: [] };
  for (const form of forms) {
    watch.since();
    const answer = await login.submit(form);
    result.work.push(watch.since());
    result.seen.push(seen(answer, login), seen(login.page, login));
    await broker.settled();
  }
  return result;
}

describe("a number somebody has and one nobody has (S-43)", () => {
  const forms = (mobile: string): Fields[] => [
    { mobile_number: mobile },
    { otp: "12" },
    { otp: "000000" },
    { decision: "resend" },
    { otp: "000001" },
    { decision: "resend" },
    { decision: "resend" },
    { otp: "000002" },
    { otp: "000003" },
    { otp: "000004" },
    { otp: "000005" },
    { otp: "000006" },
    { pin: "000000" },
    { mobile_number: mobile },
    { decision: "deny" },
  ];

  it("look the same, byte for byte, and cost the same statements at every step", async () => {
    const known = await walk(await Login.open(broker), forms(customer(broker, 0).mobileNumber));
    const unknown = await walk(await Login.open(broker), forms(UNKNOWN));
    expect(unknown.seen).toEqual(known.seen);
    expect(unknown.work).toEqual(known.work);
  });
});

describe("a locked account and an unlocked one (S-43)", () => {
  const wrong = (index: number) => otherDigits(customer(broker, index).pin);

  beforeEach(async () => {
    const login = await (await Login.open(broker)).toPin(customer(broker, 1));
    for (let count = 0; count < 5; count++) await login.submit({ pin: wrong(1) });
  });

  /** Statements without the one audit row that the locking itself writes. */
  const withoutLocking = (work: Work[]) =>
    work.map(({ statements, pinChecks }) => ({
      pinChecks,
      statements: statements.filter((text) => !/audit/.test(text)),
      audits: Math.min(1, statements.filter((text) => /audit/.test(text)).length),
    }));

  it("look the same from the first step to the last wrong PIN", async () => {
    const forms = (index: number): Fields[] => [
      { pin: "12" },
      ...Array.from({ length: 5 }, () => ({ pin: wrong(index) })),
    ];
    const locked = await walk(await (await Login.open(broker)).toPin(customer(broker, 1)), forms(1));
    const unlocked = await walk(await (await Login.open(broker)).toPin(customer(broker, 0)), forms(0));
    expect(locked.seen).toEqual(unlocked.seen);
    expect(withoutLocking(locked.work)).toEqual(withoutLocking(unlocked.work));
    expect(locked.work.map(({ pinChecks }) => pinChecks)).toEqual([0, 1, 1, 1, 1, 1]);
  });

  it("answer the right PIN of the one like a wrong PIN of the other", async () => {
    const locked = await walk(await (await Login.open(broker)).toPin(customer(broker, 1)), [
      { pin: customer(broker, 1).pin },
    ]);
    const unlocked = await walk(await (await Login.open(broker)).toPin(customer(broker, 0)), [{ pin: wrong(0) }]);
    expect(locked.seen).toEqual(unlocked.seen);
    expect(locked.work).toEqual(unlocked.work);
  });
});

describe("a wrong PAN and a right one (S-43)", () => {
  it("look the same, and cost as many transactions and PIN checks", async () => {
    const forms = (pan: string): Fields[] => [
      { decision: "forgot_pin" },
      { pan },
      { decision: "resend" },
      { otp: "000000" },
      { decision: "resend" },
    ];
    const right = await walk(
      await (await Login.open(broker)).toPin(customer(broker, 0)),
      forms(customer(broker, 0).pan),
    );
    const wrong = await walk(await (await Login.open(broker)).toPin(customer(broker, 2)), forms("ZZZZZ9999Z"));
    expect(wrong.seen).toEqual(right.seen);
    // The statements differ by the rows that say which it was; what takes time is the commit.
    const cost = ({ work }: { work: Work[] }) => work.map(({ commits, pinChecks }) => ({ commits, pinChecks }));
    expect(cost(wrong)).toEqual(cost(right));
  });
});
