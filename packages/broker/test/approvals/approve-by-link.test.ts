import { upstoxErrors } from "@kunji/contract/upstox";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { execute, selectAll } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { setAppStatus } from "../_app-status.ts";
import { recoverAfterNextCheck, recoverDuringNextCheck } from "../console/_console-page.ts";
import { Browser } from "../login/_browser.ts";
import { csrfOf, otherDigits, withoutReference } from "../login/_login.ts";
import { accountIdOf, accountState, auditEvents, customer } from "../login/_people.ts";
import { type Notifier, startNotifier } from "../webhooks/_notifier.ts";
import { ApprovalPage, askForToken, pushes } from "./_approval.ts";

const NOW = Date.parse("2026-11-25T09:05:00+05:30");
const LAPSES = 1_795_644_000_000;

let broker: TestBroker;
let notifier: Notifier;
beforeEach(async () => {
  notifier = await startNotifier();
  broker = await startBroker({ customers: 2, notifierUrl: notifier.url });
  broker.clock.freeze(NOW);
});
afterEach(async () => {
  await broker.close();
  await notifier.close();
});

const owner = () => customer(broker, 0);

async function ask(): Promise<ApprovalPage> {
  await askForToken(broker, broker.upstox.app);
  return await ApprovalPage.open(broker);
}

const tokens = () => broker.server.parts.db.read(() => selectAll("SELECT * FROM tokens"));

async function profile(token: string): Promise<Response> {
  return await fetch(`${broker.url}/v2/user/profile`, { headers: { authorization: `Bearer ${token}` } });
}

describe("approving a token request by the link in the message", () => {
  it("shows who asks, for what, since when and until when (S-58)", async () => {
    const page = await ask();
    expect([page.page.status, page.heading]).toEqual([200, "Allow access?"]);
    for (const text of [
      "Demo Trading Desk",
      "Demo Customer 1",
      "See your profile",
      "2026-11-25 09:05",
      "2026-11-26 03:30",
    ]) {
      expect(page.page.html).toContain(text);
    }
    expect(page.page.html).not.toContain('name="number"');
  });

  it("sends exactly the documented body to the notifier URL, and the token works (protocol/upstox.md 5.4)", async () => {
    const page = await ask();
    broker.clock.advance(60);
    await page.approve(owner().pin);
    expect([page.page.status, page.heading]).toEqual([200, "Access allowed"]);
    await broker.settled();
    expect(notifier.received).toHaveLength(1);
    const [delivery] = notifier.received;
    expect([delivery?.method, delivery?.path]).toEqual(["POST", "/hooks/upstox-token"]);
    expect(delivery?.headers["content-type"]).toMatch(/^application\/json/);
    expect(Object.keys(delivery?.headers ?? {})).not.toContain("cookie");
    const body = JSON.parse(delivery?.body ?? "{}") as Record<string, string>;
    const { access_token: token = "" } = body;
    expect(delivery?.body).toBe(
      JSON.stringify({
        client_id: broker.upstox.app.clientId,
        user_id: owner().userId,
        access_token: token,
        token_type: "Bearer",
        expires_at: String(LAPSES),
        issued_at: String(NOW + 60_000),
        message_type: "access_token",
      }),
    );
    const answer = await profile(token);
    expect(await answer.json()).toMatchObject({ status: "success", data: { user_id: owner().userId } });
    expect(await auditEvents(broker.server.parts)).toEqual([
      "token-request.opened",
      "token.issued",
      "token-request.approved",
    ]);
  });

  it("gives a token that dies at 03:30 IST like any other", async () => {
    await (await ask()).approve(owner().pin);
    await broker.settled();
    const { access_token: token } = JSON.parse(notifier.received[0]?.body ?? "{}") as { access_token: string };
    broker.clock.freeze(LAPSES - 1);
    expect((await profile(token)).status).toBe(200);
    broker.clock.freeze(LAPSES);
    expect((await profile(token)).status).toBe(401);
  });

  it("needs the PIN, and says so with one sentence for every wrong one", async () => {
    const page = await ask();
    await page.approve("");
    expect([page.page.status, page.notice]).toEqual([200, "The PIN has 6 digits."]);
    expect((await accountState(broker.server.parts, owner())).pin_failures).toBe(0);
    await page.approve(otherDigits(owner().pin));
    expect([page.page.status, page.notice]).toEqual([
      200,
      "That PIN was not accepted. After 5 wrong PINs the account is locked until you set a new one.",
    ]);
    await page.approve(customer(broker, 1).pin);
    expect(page.heading).toBe("Allow access?");
    expect(await tokens()).toEqual([]);
    await page.approve(owner().pin);
    expect(page.heading).toBe("Access allowed");
  });

  it("is an action, never the default: a form without a decision decides nothing", async () => {
    const page = await ask();
    await page.decide({ pin: owner().pin });
    expect([page.page.status, page.notice]).toEqual([200, "Choose “Approve” or “Reject”."]);
    await page.decide({ pin: owner().pin, decision: "APPROVE" });
    expect(page.heading).toBe("Allow access?");
    expect(await tokens()).toEqual([]);
  });
});

describe("rejecting a token request", () => {
  it("needs no PIN, issues nothing and sends nothing (protocol/upstox.md 5.4)", async () => {
    const page = await ask();
    await page.reject();
    expect([page.page.status, page.heading]).toEqual([200, "Request rejected"]);
    await broker.settled();
    broker.clock.advance(86_400);
    await broker.settled();
    expect(notifier.received).toEqual([]);
    expect(await tokens()).toEqual([]);
    expect((await auditEvents(broker.server.parts)).at(-1)).toBe("token-request.rejected");
  });

  it("cannot be taken back", async () => {
    const page = await ask();
    const late = await ApprovalPage.open(broker);
    await page.reject();
    await late.approve(owner().pin);
    expect(late.heading).toBe("Request rejected");
    expect(await tokens()).toEqual([]);
  });
});

describe("a token request is decided once (S-52)", () => {
  it("whoever clicks twice", async () => {
    const page = await ask();
    const form = { csrf: csrfOf(page.page), decision: "approve", pin: owner().pin };
    await Promise.all(Array.from({ length: 10 }, () => page.browser.post(page.path, form)));
    await broker.settled();
    expect(await tokens()).toHaveLength(1);
    expect(notifier.received).toHaveLength(1);
    expect((await ApprovalPage.open(broker)).heading).toBe("Access allowed");
  });

  it("when approving and rejecting race, by one outcome", async () => {
    for (let round = 0; round < 5; round++) {
      const page = await ask();
      const csrf = csrfOf(page.page);
      const decisions = ["deny", "approve", "deny", "approve"].map((decision) =>
        page.browser.post(page.path, { csrf, decision, pin: owner().pin }),
      );
      await Promise.all(decisions);
      const rest = await ApprovalPage.open(broker);
      if (rest.heading === "Allow access?") await rest.reject();
    }
    const events = await auditEvents(broker.server.parts);
    const decided = events.filter((event) => /token-request\.(approved|rejected)/.test(event));
    expect(decided).toHaveLength(5);
    expect(await tokens()).toHaveLength(events.filter((event) => event === "token-request.approved").length);
  });

  it("shows what became of it to whoever opens the link later, without a form", async () => {
    const page = await ask();
    await page.approve(owner().pin);
    const later = await ApprovalPage.open(broker);
    expect([later.page.status, later.heading]).toEqual([200, "Access allowed"]);
    expect(later.page.html).not.toContain("<form");
  });
});

describe("a token request that nobody decides", () => {
  it("lapses at 03:30 IST: page and form say so, and nothing is sent", async () => {
    const page = await ask();
    broker.clock.freeze(LAPSES);
    expect((await ApprovalPage.open(broker)).heading).toBe("This request has ended");
    await page.approve(owner().pin);
    expect(page.heading).toBe("This request has ended");
    await broker.settled();
    expect([notifier.received, await tokens()]).toEqual([[], []]);
  });

  it("can be approved until the last moment", async () => {
    const page = await ask();
    broker.clock.freeze(LAPSES - 1);
    await page.approve(owner().pin);
    expect(page.heading).toBe("Access allowed");
  });

  it("dies with the app, also when that is switched on again (S-24)", async () => {
    const page = await ask();
    await setAppStatus(broker, broker.upstox.app.clientId, "inactive");
    await page.approve(owner().pin);
    expect(page.heading).toBe("This request has ended");
    await setAppStatus(broker, broker.upstox.app.clientId, "active");
    expect((await ApprovalPage.open(broker)).heading).toBe("This request has ended");
    await broker.settled();
    expect([notifier.received, await tokens()]).toEqual([[], []]);
  });
});

describe("what a login would refuse", () => {
  it("an approval refuses too: without an active segment there is no token (UDAPI100058)", async () => {
    const page = await ask();
    const { db } = broker.server.parts;
    const inactive = "UPDATE accounts SET profile = REPLACE(profile, '\"is_active\":true', '\"is_active\":false')";
    await db.write(() => execute(inactive));
    await page.approve(owner().pin);
    expect([page.heading, page.notice]).toEqual(["Allow access?", upstoxErrors.UDAPI100058.message]);
    await broker.settled();
    expect([notifier.received, await tokens()]).toEqual([[], []]);
    await page.reject();
    expect(page.heading).toBe("Request rejected");
  });

  it.each([
    ["while it is compared", recoverDuringNextCheck],
    ["just after it was compared", recoverAfterNextCheck],
  ] as const)("a PIN that a recovery replaced %s approves nothing (S-50)", async (_when, recover) => {
    const page = await ask();
    recover(broker.server.parts, accountIdOf(owner()));
    await page.approve(owner().pin);
    expect(page.notice).toMatch(/^That PIN was not accepted/);
    await broker.settled();
    expect([notifier.received, await tokens()]).toEqual([[], []]);
    await page.approve("918273");
    expect(page.heading).toBe("Access allowed");
  });
});

describe("the link is what opens the page", () => {
  it("is not guessed: other handles, the request's bare key and nonsense look the same", async () => {
    const { path } = await ask();
    const handle = path.split("/").at(-1) ?? "";
    const browser = new Browser(broker.url);
    const tries = [
      handle.slice(0, 24),
      `${handle.slice(0, -1)}A`,
      `${handle.slice(0, 24)}${"A".repeat(43)}`,
      "nonsense",
    ];
    const answers = await Promise.all(
      tries.filter((each) => each !== handle).map((each) => browser.get(`/approvals/${each}`)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
    expect(new Set(answers.map(({ html }) => withoutReference(html))).size).toBe(1);
    const posted = await browser.post(`/approvals/${handle.slice(0, 24)}`, { decision: "deny" });
    expect(posted.status).toBe(404);
  });

  it("is stored as a digest only", async () => {
    const { path } = await ask();
    const secret = path.split("/").at(-1)?.slice(24) ?? "";
    const rows = await broker.server.parts.db.read(() => selectAll("SELECT * FROM token_requests"));
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  it.each([
    ["another origin", { origin: "https://evil.example" }],
    ["no origin", { origin: undefined }],
    ["another site", { "sec-fetch-site": "cross-site" }],
  ])("does not let a form from %s decide (S-36)", async (_what, changes) => {
    const page = await ask();
    const form = { csrf: csrfOf(page.page), decision: "deny" };
    expect((await page.browser.post(page.path, form, changes)).status).toBe(400);
    expect((await ApprovalPage.open(broker)).heading).toBe("Allow access?");
  });

  it.each([undefined, "", "wrong"])("does not take a form with the token %j", async (csrf) => {
    const page = await ask();
    await page.decide({ csrf: csrf ?? "", decision: "deny" });
    expect([page.page.status, page.notice]).toEqual([
      200,
      "That form was sent before. Look at the request and decide again.",
    ]);
    expect((await ApprovalPage.open(broker)).heading).toBe("Allow access?");
  });
});

describe("number matching (D6)", () => {
  it.each(["", "xx", "100"])(
    "rejects the request for the number %j: two digits are not for trying (S-52)",
    async (number) => {
      await using strict = await startBroker({
        customers: 1,
        notifierUrl: notifier.url,
        settings: { KUNJI_PUSH_NUMBER_MATCH: true },
      });
      await askForToken(strict, strict.upstox.app);
      const page = await ApprovalPage.open(strict);
      await page.approve(customer(strict, 0).pin, { number });
      expect(page.heading).toBe("Request rejected");
      await strict.settled();
      expect(notifier.received).toEqual([]);
    },
  );

  it("gives the program a number and lets only who sees it approve", async () => {
    await using strict = await startBroker({
      customers: 1,
      notifierUrl: notifier.url,
      settings: { KUNJI_PUSH_NUMBER_MATCH: true },
    });
    const first = await askForToken(strict, strict.upstox.app);
    const number = first.headers.get("kunji-match-number") ?? "";
    expect(number).toMatch(/^[0-9]{2}$/);
    const again = await askForToken(strict, strict.upstox.app);
    expect(again.headers.get("kunji-match-number")).toBe(number);
    const [push] = await pushes(strict);
    expect(push?.text.replace(push.link ?? "", "")).not.toContain(number);
    const page = await ApprovalPage.open(strict);
    expect(page.page.html).toContain('name="number"');
    expect(page.page.html.replace(/value="[^"]*"|href="[^"]*"/g, "")).not.toMatch(new RegExp(`>\\s*${number}\\s*<`));
    const { pin } = customer(strict, 0);
    await page.approve(pin, { number });
    expect(page.heading).toBe("Access allowed");
    await strict.settled();
    expect(notifier.received).toHaveLength(1);
  });
});
