import type { TradejiniDemoCustomer } from "@kunji/broker/testing";
import type { BrokerDemo, DemoAccounts } from "../demo/broker-demo.ts";
import { walkThroughLogins } from "./login-walk.ts";

/** `kunji demo --broker tradejini`. */
export const tradejiniDemo: BrokerDemo = {
  name: "tradejini",
  headline: "both Tradejini logins against a broker on this machine",
  clock: (realNow) => ({ now: realNow, notice: undefined }),
  async customer(demo) {
    const { tradejiniAnswers, tradejiniMobile } = await import("@kunji/broker/testing");
    const customer = pageCustomer(demo);
    const { clientCode, password } = customer;
    const mobile = tradejiniMobile(demo.tradejini, customer);
    return {
      answers: (readOtp) => tradejiniAnswers(customer, { type: "otp", read: () => readOtp(mobile) }),
      pageSteps: {
        client_code: { title: "Typed the client code", detail: clientCode },
        password: { title: "Typed the password", detail: "checked with argon2id" },
        two_fa: { title: "Typed the code", detail: "out of the SMS that the broker sent" },
        decision: { title: "Allowed access", detail: "after reading what the app may do" },
      },
      facts: (inboxUrl, style) => [
        ["Client code", style.bold(clientCode)],
        ["Password", style.bold(password)],
        ["Code", `ask for one by SMS; it is in the inbox, ${style.cyan(inboxUrl)}`],
      ],
    };
  },
  walk: walkThroughLogins,
  people: ({ tradejini }) => ({
    columns: ["Client code", "Password"],
    rows: tradejini.customers.map(({ clientCode, password }) => [clientCode, password]),
  }),
};

/**
 * Somebody else than the owner of the individual app, who logs in directly afterwards: an authenticator's code works
 * once over both ways in (S-45), and whoever used it on the pages would have to wait for the next one.
 */
function pageCustomer({ tradejini }: DemoAccounts): TradejiniDemoCustomer {
  const [owner, customer = owner] = tradejini.customers;
  if (!customer) throw new Error("there are no demo customers");
  return customer;
}
