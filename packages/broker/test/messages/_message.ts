import { inspect } from "node:util";
import type { OutgoingMessage } from "../../src/messages/message-sender.ts";

/** Words that must not appear in any error (S-96). */
export const canaries = {
  otp: "314159",
  text: "canary-text",
  mobile: "9000000001",
  email: "canary-person@example.com",
};

export const message: OutgoingMessage = {
  to: { accountId: "7KAB12", mobile: canaries.mobile, email: canaries.email },
  kind: "sms",
  text: `${canaries.otp} is your code. ${canaries.text} ₹`,
  otp: canaries.otp,
};

/** Everything that could be printed of an error, causes and hidden properties included. */
export function everythingIn(error: unknown): string {
  return `${inspect(error, { showHidden: true, depth: null })} ${JSON.stringify(error)} ${String(error)}`;
}
