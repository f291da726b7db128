import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type ClientChange,
  newClientSecret,
  newSigningSecret,
  rotateSecret,
  SECRET_OVERLAP_MS,
  setClientIps,
  setClientStatus,
  setNotifierUrl,
  setRedirectUris,
  setWebhookSecret,
} from "../../src/grants/manage-client.ts";
import { type Client, findAnyClient } from "../../src/store/clients.ts";
import { selectAll } from "../../src/store/verb.ts";
import { startBroker, type TestBroker } from "../../src/testing/index.ts";
import { ApprovalPage, askForToken } from "../approvals/_approval.ts";
import { Login } from "../login/_login.ts";
import { accountIdOf, customer } from "../login/_people.ts";
import { exchange, getProfile, getTokens, issueCode, MORNING } from "../upstox/_api.ts";

let broker: TestBroker;
beforeAll(async () => {
  broker = await startBroker({ customers: 2 });
});
beforeEach(async () => {
  await broker.reset();
  broker.clock.freeze(MORNING);
});
afterAll(() => broker.close());

const DAY = 86_400;
const owner = () => customer(broker, 0);
const parts = () => broker.server.parts;
const app = () => broker.upstox.app;
const loopback = { allowLoopbackHttp: true };

/** The change as somebody asks for it: the owner, unless it is said who. */
function change(who: "owner" | "operator" | "stranger" = "owner", clientId = app().clientId): ClientChange {
  const now = broker.clock.now();
  if (who === "operator") return { clientId, by: { kind: "operator" }, now };
  return { clientId, by: { kind: "owner", accountId: accountIdOf(customer(broker, who === "owner" ? 0 : 1)) }, now };
}

const loadClient = async (): Promise<Client> => {
  const client = await parts().db.read(() => findAnyClient(app().clientId));
  if (!client) throw new Error("the demo app is gone");
  return client;
};

const withSecret = (code: string, secret: string) => exchange(broker, code, { client_secret: secret });

/** Every change there is, as its owner would make it. */
const changes = {
  rotateSecret: (who) =>
    rotateSecret(parts(), change(who), { secret: newClientSecret(parts().random), overlapMs: SECRET_OVERLAP_MS }),
  setRedirectUris: (who) => setRedirectUris(parts(), change(who), [app().redirectUri], loopback),
  setNotifierUrl: (who) => setNotifierUrl(parts(), change(who), app().notifierUrl, loopback),
  setWebhookSecret: (who) => setWebhookSecret(parts(), change(who), newSigningSecret(parts().random)),
  setClientIps: (who) => setClientIps(parts(), change(who), ["203.0.113.7"]),
  setClientStatus: (who) => setClientStatus(parts(), change(who), "active"),
} as const satisfies Record<string, (who: "owner" | "operator" | "stranger") => ReturnType<typeof setClientIps>>;

describe.each(Object.entries(changes))("%s", (_name, make) => {
  it("cancels the app's codes, logins under way and pending requests, and says so in the audit (S-63, S-98)", async () => {
    const code = await issueCode(broker);
    const login = await (await Login.open(broker)).toPin(owner());
    await askForToken(broker, app());
    const approval = await ApprovalPage.open(broker);
    expect((await parts().db.write(() => make("owner"))).outcome).toBe("changed");

    expect((await exchange(broker, code)).status).toBe(400);
    await login.submit({ pin: owner().pin });
    expect(login.heading).toBe("This app cannot be used now");
    await approval.approve(owner().pin);
    expect(approval.heading).toBe("This request has ended");
    const requests = await parts().db.read(() => selectAll("SELECT state, decided_at FROM token_requests"));
    expect(requests).toEqual([{ state: "expired", decided_at: broker.clock.now() }]);
    const rows = await parts().db.read(() =>
      selectAll("SELECT event, account_id, detail FROM audit WHERE event LIKE 'client.%'"),
    );
    expect(rows).toEqual([
      {
        event: expect.stringMatching(/^client\./),
        account_id: accountIdOf(owner()),
        detail: expect.stringContaining('"by":"owner"'),
      },
    ]);
  });

  it("is the owner's and the operator's to make; another person is told what an unknown app is told (S-62)", async () => {
    const before = await loadClient();
    const foreign = await parts().db.write(() => make("stranger"));
    expect(foreign).toEqual({ outcome: "unknown" });
    expect(await loadClient()).toEqual(before);
    const unknown = await parts().db.write(() =>
      setClientIps(parts(), change("owner", "00000000-0000-4000-8000-000000000000"), []),
    );
    expect(unknown).toEqual(foreign);
    expect((await parts().db.write(() => make("operator"))).outcome).toBe("changed");
  });
});

describe("rotating the secret (S-24)", () => {
  const rotate = async (overlapMs: number) => {
    const secret = newClientSecret(parts().random);
    await parts().db.write(() => rotateSecret(parts(), change(), { secret, overlapMs }));
    return secret;
  };

  it("leaves the earlier one 24 hours, to the millisecond", async () => {
    const secret = await rotate(SECRET_OVERLAP_MS);
    expect((await withSecret(await issueCode(broker), secret)).status).toBe(200);
    broker.clock.advance(DAY - 0.001);
    expect((await withSecret(await issueCode(broker), app().clientSecret)).status).toBe(200);
    broker.clock.advance(0.001);
    expect((await withSecret(await issueCode(broker), app().clientSecret)).status).toBe(401);
    expect((await withSecret(await issueCode(broker), secret)).status).toBe(200);
  });

  it("lets two be active and not three", async () => {
    const [second, third] = [await rotate(SECRET_OVERLAP_MS), await rotate(SECRET_OVERLAP_MS)];
    const statuses = [];
    for (const secret of [app().clientSecret, second, third]) {
      statuses.push((await withSecret(await issueCode(broker), secret)).status);
    }
    expect(statuses).toEqual([401, 200, 200]);
  });

  it("ends a leaked one at once, and no token", async () => {
    const { access } = await getTokens(broker);
    await rotate(0);
    expect((await withSecret(await issueCode(broker), app().clientSecret)).status).toBe(401);
    expect((await getProfile(broker, access)).status).toBe(200);
  });

  it("has 256 bits, and no longer overlap than a day", () => {
    expect(Buffer.from(newClientSecret(parts().random), "base64url")).toHaveLength(32);
    const next = { secret: "x", overlapMs: SECRET_OVERLAP_MS + 1 };
    expect(() => rotateSecret(parts(), change(), next).next()).toThrow(TypeError);
  });

  it("is not for an app that has no secret", async () => {
    const { individualApp, customers } = broker.tradejini;
    const by = { kind: "owner", accountId: `tradejini:${customers[0]?.clientCode}` } as const;
    const asked = { clientId: individualApp.clientId, by, now: broker.clock.now() };
    const outcome = await parts().db.write(() => rotateSecret(parts(), asked, { secret: "x", overlapMs: 0 }));
    expect(outcome).toMatchObject({ outcome: "refused" });
  });
});

describe("redirect URIs (S-03)", () => {
  it("are the new ones from then on, and only they", async () => {
    const uris = ["https://desk.example.in/callback", "https://desk.example.in/other"];
    await parts().db.write(() => setRedirectUris(parts(), change(), uris, loopback));
    const dialog = (uri: string) =>
      fetch(
        `${broker.url}/v2/login/authorization/dialog?client_id=${app().clientId}&redirect_uri=${encodeURIComponent(uri)}`,
        { redirect: "manual" },
      );
    expect((await dialog(uris[1] ?? "")).status).toBe(302);
    expect((await dialog(app().redirectUri)).status).toBe(400);
  });

  it.each([
    [
      "http://desk.example.in/cb",
      "A redirect URI starts with https://. Plain http:// is for this machine only, such as http://127.0.0.1:3000/callback.",
    ],
    ["https://desk.example.in/cb#x", "A redirect URI must not contain a fragment (#)."],
    ["https://desk.example.in/cb?code=1", "Its query must not contain code, state, error or iss"],
    ["https://ok.example.in/", "This redirect URI stands here twice."],
  ])("refuse %s and say which it is", async (uri, problem) => {
    const before = await loadClient();
    const outcome = await parts().db.write(() =>
      setRedirectUris(parts(), change(), ["https://ok.example.in/", uri], { allowLoopbackHttp: false }),
    );
    expect(outcome).toMatchObject({ outcome: "refused", index: 1, problem: expect.stringContaining(problem) });
    expect(await loadClient()).toEqual(before);
  });

  it("are at least one and at most ten", async () => {
    const set = (count: number) =>
      parts().db.write(() =>
        setRedirectUris(
          parts(),
          change(),
          Array.from({ length: count }, (_, index) => `https://desk.example.in/${index}`),
          loopback,
        ),
      );
    expect([(await set(0)).outcome, (await set(11)).outcome, (await set(10)).outcome]).toEqual([
      "refused",
      "refused",
      "changed",
    ]);
  });
});

describe("the notifier URL (S-64)", () => {
  it.each(["http://desk.example.in/", "https://10.0.0.1/", "https://desk.example.in:8443/", "https://a@b.example/"])(
    "is not %s",
    async (url) => {
      const outcome = await parts().db.write(() =>
        setNotifierUrl(parts(), change(), url, { allowLoopbackHttp: false }),
      );
      expect(outcome).toMatchObject({ outcome: "refused" });
    },
  );

  it("takes what waits to be delivered with it, and its path is in no audit row", async () => {
    await askForToken(broker, app());
    await (await ApprovalPage.open(broker)).approve(owner().pin);
    const url = "https://hooks.example.in/secret-path?key=secret-value";
    await parts().db.write(() => setNotifierUrl(parts(), change(), url, loopback));
    const deliveries = await parts().db.read(() => selectAll("SELECT state, body FROM outbox"));
    expect(deliveries).toEqual([{ state: "expired", body: null }]);
    const audit = JSON.stringify(await parts().db.read(() => selectAll("SELECT detail FROM audit")));
    expect(audit).toContain("hooks.example.in");
    expect(audit).not.toMatch(/secret-path|secret-value/);
  });
});

describe("registered addresses", () => {
  it("are kept in one spelling each", async () => {
    const set = (...ips: string[]) => parts().db.write(() => setClientIps(parts(), change(), ips));
    expect((await set("2001:DB8:0::7", "::ffff:203.0.113.7")).outcome).toBe("changed");
    expect((await loadClient()).allowedIps).toEqual(["2001:db8::7", "203.0.113.7"]);
    expect(await set("203.0.113.7", "::ffff:203.0.113.7")).toMatchObject({ outcome: "refused", index: 1 });
    expect(await set("203.0.113.7", "127.1")).toMatchObject({ outcome: "refused", index: 1 });
    expect((await set(...Array.from({ length: 11 }, (_, n) => `203.0.113.${n}`))).outcome).toBe("refused");
    expect((await set()).outcome).toBe("changed");
  });
});

describe("the status (S-24)", () => {
  it("ends tokens and deliveries that wait", async () => {
    const { access, extended } = await getTokens(broker);
    await askForToken(broker, app());
    await (await ApprovalPage.open(broker)).approve(owner().pin);
    await parts().db.write(() => setClientStatus(parts(), change(), "inactive"));
    await parts().db.write(() => setClientStatus(parts(), change(), "active"));
    for (const token of [access, extended]) expect((await getProfile(broker, token)).status).toBe(401);
    expect(await parts().db.read(() => selectAll("SELECT state FROM outbox"))).toEqual([{ state: "expired" }]);
    expect((await getTokens(broker)).access).not.toBe("");
  });

  it.each(["rejected", "in-review", "expired"] as const)(
    "is not the owner's to change when it is %s",
    async (status) => {
      await parts().db.write(() => setClientStatus(parts(), change("operator"), status));
      const outcome = await parts().db.write(() => setClientStatus(parts(), change("owner"), "active"));
      expect(outcome).toMatchObject({ outcome: "refused" });
      expect((await loadClient()).status).toBe(status);
    },
  );

  it("is not for the owner to reject", async () => {
    expect(await parts().db.write(() => setClientStatus(parts(), change(), "rejected"))).toMatchObject({
      outcome: "refused",
    });
  });
});
