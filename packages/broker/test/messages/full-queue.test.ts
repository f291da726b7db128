import { randomBytes } from "node:crypto";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSettings } from "../../src/settings.ts";
import { selectAll } from "../../src/store/verb.ts";
import { askForToken } from "../approvals/_approval.ts";
import { Login, withoutReference } from "../login/_login.ts";
import { auditEvents, customer } from "../login/_people.ts";
import { startTestServer, type TestServer } from "../store/_test-server.ts";
import { UNLIMITED } from "../store/_unlimited.ts";
import { expectErrors } from "../upstox/_api.ts";
import { type HeldGateway, holdGateway } from "./_held-gateway.ts";

const NOBODYS = "9999999999";
/** Messages that are on their way at a time. */
const UNDER_WAY = 4;

let gateway: HeldGateway;
let broker: TestServer & { inbox: () => Promise<never[]> };
let lines: Record<string, unknown>[];
beforeEach(async () => {
  gateway = await holdGateway();
  lines = [];
  const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
  const started = await startTestServer({
    database: "sqlite::memory:",
    masterKey: randomBytes(32),
    settings: { ...readSettings({}), ...UNLIMITED, KUNJI_MESSAGE_SENDER: gateway.url },
    demo: { customers: 8, redirectUri: "http://127.0.0.1:7475/callback", notifierUrl: "http://127.0.0.1:9/notifier" },
    bounds: { messages: 2 },
    log,
  });
  broker = { ...started, inbox: async () => [] };
});
afterEach(async () => {
  gateway.letGo();
  await broker[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

/** Lets people ask for codes until everything is on its way or waiting. @param last who takes the places that wait */
async function fillQueue(last: readonly string[]): Promise<void> {
  for (let index = 0; index < UNDER_WAY; index++) {
    await (await Login.open(broker)).enterMobile(customer(broker, index));
  }
  await gateway.whenArrived(UNDER_WAY);
  for (const mobileNumber of last) await (await Login.open(broker)).enterMobile({ mobileNumber });
}

const people = () => [customer(broker, 4).mobileNumber, customer(broker, 5).mobileNumber];

/** What is stored of the logins, without the nonces of their forms. */
const stored = async () => ({
  throttles: await broker.server.parts.db.read(() => selectAll("SELECT * FROM throttles ORDER BY throttle_key")),
  attempts: await broker.server.parts.db.read(() =>
    selectAll("SELECT attempt_key, step, login_name, otp_digest, otp_expires_at FROM attempts ORDER BY attempt_key"),
  ),
  audit: await auditEvents(broker.server.parts),
});

describe("a queue of messages that is full (S-124)", () => {
  it("is a page with 503 and Retry-After that says no code was sent; nothing has changed, and later it works", async () => {
    const login = await Login.open(broker);
    await fillQueue(people());
    const before = await stored();
    const answer = await login.submit({ mobile_number: customer(broker, 6).mobileNumber });
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toBe("30");
    expect(answer.html).toContain("We cannot send a code right now");
    expect(answer.html).toContain("No code was sent, and nothing has changed.");
    expect(await stored()).toEqual(before);

    gateway.letGo();
    await broker.server.settled();
    await login.reload();
    expect(login.shown).toBe("mobile");
    await login.enterMobile(customer(broker, 6));
    expect(login.shown).toBe("otp");
  });

  it.each([
    ["people", people],
    ["numbers nobody has", () => [NOBODYS, "9999999998"]],
  ])("looks the same for a number somebody has and one nobody has, whether %s filled it (S-43)", async (_who, last) => {
    const [known, unknown] = [await Login.open(broker), await Login.open(broker)];
    await fillQueue(last());
    const refused = [
      await known.submit({ mobile_number: customer(broker, 6).mobileNumber }),
      await unknown.submit({ mobile_number: NOBODYS }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([503, 503]);
    const [one, other] = refused.map(({ html, headers }) => ({
      page: withoutReference(html),
      headers: [...headers].filter(([name]) => name !== "date"),
    }));
    expect(one).toEqual(other);
  });

  it("does not count a guess at the PAN", async () => {
    const login = await Login.open(broker);
    const someone = customer(broker, 6);
    await login.submit({ mobile_number: someone.mobileNumber });
    await gateway.whenArrived(1);
    await broker.server.parts.db.write(function* () {
      // As if the code had been typed in: it is on its way and nobody can read it.
      yield {
        text: "UPDATE attempts SET step = 'recover-pan', account_id = ? WHERE attempt_key = ?",
        params: [`upstox:${someone.userId}`, login.attempt],
        firstOnly: false,
      };
    });
    await fillQueue(people());
    await login.reload();
    expect(login.shown).toBe("pan");
    const before = await stored();
    expect((await login.submit({ pan: "ZZZZZ9999Z" })).status).toBe(503);
    expect(await stored()).toEqual(before);
  });

  it("is 503 in the vendor's shape to a program, and no request is opened", async () => {
    await fillQueue(people());
    const before = await stored();
    const response = await askForToken(broker, broker.upstox.app);
    expect(response.headers.get("retry-after")).toBe("30");
    const text = await response.text();
    const { status, headers } = response;
    expectErrors({ status, headers, text, json: JSON.parse(text) }, 503, "UDAPI10005");
    expect(await stored()).toEqual(before);

    gateway.letGo();
    await broker.server.settled();
    expect((await askForToken(broker, broker.upstox.app)).status).toBe(200);
  });

  it("is one short line in the log and a number in the metrics", async () => {
    const login = await Login.open(broker);
    await fillQueue(people());
    lines = [];
    await login.submit({ mobile_number: NOBODYS });
    const refusals = lines.filter(({ msg }) => msg === "refused: a queue is full");
    expect(refusals).toMatchObject([{ level: 40, queue: "messages", route: "/login/upstox/:attempt" }]);
    expect(refusals[0]).not.toHaveProperty("stack");
    const metrics = await (await fetch(`${broker.url}/metrics`)).text();
    expect(metrics).toContain('kunji_overloads_total{queue="messages"} 1');
  });
});
