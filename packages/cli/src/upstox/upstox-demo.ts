import type { UpstoxDemoCustomer } from "@kunji/broker/testing";
import type { BrokerDemo, DemoAccounts } from "../demo/broker-demo.ts";
import { demoClock } from "./daytime.ts";
import { walkThroughLogin } from "./login-walk.ts";

/** `kunji demo --broker upstox`. */
export const upstoxDemo: BrokerDemo = {
  name: "upstox",
  headline: "a whole Upstox login against a broker on this machine",
  clock: demoClock,
  async customer(demo) {
    const { upstoxAnswers } = await import("@kunji/broker/testing");
    const customer = firstCustomer(demo);
    const { mobileNumber, pin } = customer;
    return {
      answers: (readOtp) => upstoxAnswers(customer, readOtp),
      pageSteps: {
        mobile_number: { title: "Typed the mobile number", detail: mobileNumber },
        otp: { title: "Typed the code", detail: "out of the SMS that the broker sent" },
        pin: { title: "Typed the PIN", detail: "six digits, checked with argon2id" },
      },
      facts: (inboxUrl, style) => [
        ["Mobile number", style.bold(mobileNumber)],
        ["Code", `in the inbox, ${style.cyan(inboxUrl)}`],
        ["PIN", style.bold(pin)],
      ],
    };
  },
  walk: walkThroughLogin,
  people: ({ upstox }) => ({
    columns: ["Name", "Mobile number", "PIN"],
    rows: upstox.customers.map(({ userName, mobileNumber, pin }) => [userName, mobileNumber, pin]),
  }),
};

function firstCustomer({ upstox }: DemoAccounts): UpstoxDemoCustomer {
  const [customer] = upstox.customers;
  if (!customer) throw new Error("there are no demo customers");
  return customer;
}
