import type { TestBroker, UpstoxDemoCustomer } from "@kunji/broker/testing";

/** A customer goes through the broker's pages, from the login's address. @returns where the browser is sent in the end */
export async function fillInPages(
  broker: TestBroker,
  url: string,
  customer: UpstoxDemoCustomer | undefined = broker.upstox.customers[0],
): Promise<string> {
  const { searchParams } = new URL(url);
  const state = searchParams.get("state") ?? "";
  const codeChallenge = searchParams.get("code_challenge");
  const options = { state, ...(codeChallenge === null ? {} : { codeChallenge }), ...(customer ? { customer } : {}) };
  return (await broker.login("upstox", options)).callbackUrl;
}
