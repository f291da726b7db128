import type { BrokerContext } from "../broker-context.ts";

export const APPROVALS_PATH = "/approvals";

/** The address in a notification. It is a capability: who holds it may decide, with the PIN. */
export function approvalAddress(context: BrokerContext, handle: string): string {
  return `${context.issuer()}${APPROVALS_PATH}/${handle}`;
}
