import { request } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyAudit } from "../../src/store/audit.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { type AnyRequest, anyRequest, CANARY } from "./_any-request.ts";
import {
  type Answer,
  exchange,
  expectVendorShape,
  getFunds,
  getProfile,
  getTokens,
  issueCode,
  MORNING,
} from "./_api.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 2, settings: { KUNJI_CODE_LIFETIME: 600 } });
  broker.clock.freeze(MORNING);
});
afterAll(() => broker.close());

/** `fetch` repairs and refuses too much: this sends what it is given, as far as HTTP allows. */
function send({ method, path, headers, body }: AnyRequest, token: string | undefined): Promise<Answer> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      broker.url + path,
      {
        method,
        path,
        agent: false,
        headers: {
          ...headers,
          ...authorization,
          ...(body.length > 0 ? { "content-length": String(body.length) } : {}),
        },
      },
      async (incoming) => {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) chunks.push(chunk as Buffer);
        const text = Buffer.concat(chunks).toString("utf8");
        const seen = new Headers();
        for (const [name, value] of Object.entries(incoming.headers)) seen.set(name, String(value));
        let json: unknown;
        try {
          json = JSON.parse(text);
        } catch {
          json = undefined;
        }
        resolve({ status: incoming.statusCode ?? 0, headers: seen, text, json });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function expectWellMeantAnswer(sent: AnyRequest, answer: Answer): void {
  expect(answer.status).toBeGreaterThanOrEqual(200);
  expect(answer.status).toBeLessThan(500);
  expect(answer.text).not.toContain(CANARY);
  expect(JSON.stringify([...answer.headers])).not.toContain(CANARY);
  expect(answer.text).not.toMatch(/node_modules|SQLITE|at \w+ \(|\.ts:\d/);
  if (answer.status < 400 || sent.method === "HEAD") return;
  const isDialog = sent.path.startsWith("/v2/login/authorization/dialog");
  if (
    /^\/(?:v2\/login\/|v2\/logout|v2\/user\/|v3\/)/.test(sent.path) &&
    !(isDialog && sent.headers.accept === "text/html")
  ) {
    expectVendorShape(answer);
  } else if (sent.path.startsWith("/oauth/")) {
    expect(Object.keys(answer.json as object)).toEqual(["error"]);
  }
}

describe("bad input of any kind", () => {
  it("is answered clearly, below 500, in the vendor's shape, echoes nothing, and changes nothing", async () => {
    const good = await getTokens(broker);
    const code = await issueCode(broker);
    const profile = await getProfile(broker, good.access);
    const funds = await getFunds(broker, good.access);

    await fc.assert(
      fc.asyncProperty(anyRequest(broker.upstox.app), fc.boolean(), async (sent, withToken) => {
        // Ten requests a second of the broker's clock: below every rate limit.
        broker.clock.advance(0.1);
        const token = withToken ? (await getTokens(broker, { customer: 1 })).access : undefined;
        expectWellMeantAnswer(sent, await send(sent, token));
      }),
      { numRuns: 500 },
    );

    expect(({} as { admin?: boolean }).admin, "Object.prototype was reached").toBeUndefined();
    expect((await getProfile(broker, good.access)).text).toBe(profile.text);
    expect((await getFunds(broker, good.access)).text).toBe(funds.text);
    expect((await exchange(broker, code)).status).toBe(200);
    expect((await broker.login("upstox")).code).toMatch(/^[A-Za-z0-9_-]+$/);
    const verdict = await broker.server.parts.db.read(() => verifyAudit(broker.server.parts.keys.audit));
    expect(verdict.outcome).toBe("whole");
  });
});
