import { expect } from "vitest";
import type { TestBroker } from "../../src/testing/index.ts";
import { type Answer, call, FORM } from "../upstox/_api.ts";

export type Endpoint = "introspect" | "revoke";

/** Posts to one of the two endpoints as the demo app; `undefined` leaves a field out. */
export async function post(
  broker: TestBroker,
  endpoint: Endpoint,
  fields: Readonly<Record<string, string | undefined>>,
): Promise<Answer> {
  const { clientId, clientSecret } = broker.upstox.app;
  const all = { client_id: clientId, client_secret: clientSecret, ...fields };
  const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return await call(broker, "POST", `/oauth/${endpoint}`, {
    headers: FORM,
    body: new URLSearchParams(given).toString(),
  });
}

/** RFC 6749 5.2: one member, a code from the registry. */
export function expectOAuthError(answer: Answer, status: number, code: string): void {
  expect([answer.status, answer.json]).toEqual([status, { error: code }]);
  expect(answer.headers.get("content-type")).toMatch(/^application\/json\b/);
  expect(answer.headers.get("cache-control")).toBe("no-store");
}
