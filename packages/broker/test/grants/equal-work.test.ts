import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { watchWork } from "../login/_work.ts";
import { call, exchange, FORM, issueCode, MORNING } from "../upstox/_api.ts";

const UNKNOWN_APP = "00000000-0000-4000-8000-000000000000";
const WRONG_SECRET = "d3Jvbmctc2VjcmV0LW9mLXRoZS1zYW1lLWxlbmd0aC0x";

let broker: TestBroker;
beforeEach(async () => {
  broker = await startBroker({ customers: 1 });
  broker.clock.freeze(MORNING);
});
afterEach(() => broker.close());

describe("an app nobody registered and one with another secret (S-21)", () => {
  it("get the same answer from the token endpoint, for the same statements and commits", async () => {
    const attempt = async (fields: Record<string, string>) => {
      const code = await issueCode(broker);
      const watch = watchWork(broker.server.parts);
      const { status, text } = await exchange(broker, code, fields);
      return { status, text, work: watch.since() };
    };
    // The first wrong secret of a source makes the row that counts them; the two that are compared find it.
    await attempt({ client_secret: WRONG_SECRET });
    const wrong = await attempt({ client_secret: WRONG_SECRET });
    const unknown = await attempt({ client_secret: WRONG_SECRET, client_id: UNKNOWN_APP });
    expect(wrong.status).toBe(401);
    expect(unknown).toEqual(wrong);
  });

  it.each(["introspect", "revoke"])("get the same from /oauth/%s", async (endpoint) => {
    const attempt = async (clientId: string) => {
      const body = new URLSearchParams({ token: "x", client_id: clientId, client_secret: WRONG_SECRET }).toString();
      const watch = watchWork(broker.server.parts);
      const { status, text } = await call(broker, "POST", `/oauth/${endpoint}`, { headers: FORM, body });
      return { status, text, work: watch.since() };
    };
    const { clientId } = broker.upstox.app;
    await attempt(clientId);
    const wrong = await attempt(clientId);
    expect(wrong.status).toBe(401);
    expect(await attempt(UNKNOWN_APP)).toEqual(wrong);
  });
});
