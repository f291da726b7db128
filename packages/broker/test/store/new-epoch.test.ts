import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { expect, it } from "vitest";
import { verifyAudit } from "../../src/store/audit.ts";
import { startNewEpoch } from "../../src/store/new-epoch.ts";
import { SqliteDatabase } from "../../src/store/sqlite/sqlite-database.ts";
import { selectOne } from "../../src/store/verb.ts";
import { startBroker } from "../../src/testing/index.ts";
import { signIn } from "../console/_console.ts";
import { customer } from "../login/_people.ts";
import { exchange, expectErrors, getProfile, getTokens, issueCode, logOut, MORNING } from "../upstox/_api.ts";
import { temporaryDirectory } from "./_child-broker.ts";

it("restoring a backup starts a new epoch: no code, session or token of before works (S-123)", async () => {
  using directory = temporaryDirectory();
  const masterKey = randomBytes(32);
  const backup = join(directory.path, "backup.db");
  const open = (file: string) => startBroker({ database: `sqlite:${file}`, masterKey, customers: 1 });
  const before = await backUp();

  await using broker = await open(backup);
  broker.clock.freeze(MORNING);
  const { db, keys } = broker.server.parts;
  // Without a new epoch the restore would revive what was revoked after the backup.
  expect((await getProfile(broker, before.revokedLater)).status).toBe(200);

  const countLeft = () =>
    db.read(() =>
      selectOne<{ attempts: number; sessions: number; waiting: number; pending: number }>(
        `SELECT (SELECT COUNT(*) FROM attempts WHERE step <> 'ended') AS attempts,
           (SELECT COUNT(*) FROM browser_sessions) AS sessions,
           (SELECT COUNT(*) FROM outbox WHERE state = 'waiting') AS waiting,
           (SELECT COUNT(*) FROM token_requests WHERE state = 'pending') AS pending`,
      ),
    );
  expect(await countLeft(), "otherwise there is nothing to void").toMatchObject({
    attempts: 1,
    sessions: 1,
    pending: 1,
  });

  await db.write(() => startNewEpoch(keys.audit, MORNING));
  expect(await db.read(() => selectOne("SELECT event FROM audit ORDER BY seq DESC LIMIT 1"))).toEqual({
    event: "epoch.started",
  });

  for (const token of [before.revokedLater, before.access, before.extended]) {
    expectErrors(await getProfile(broker, token), 401, "UDAPI100050");
  }
  expectErrors(await exchange(broker, before.code), 400, "UDAPI100057");
  expect(await countLeft()).toEqual({ attempts: 0, sessions: 0, waiting: 0, pending: 0 });
  expect((await db.read(() => verifyAudit(keys.audit))).outcome).toBe("whole");

  // People and apps are as they were: the next login works, and gets an extended token of its own.
  const { code } = await broker.login("upstox");
  expect((await exchange(broker, code ?? "")).status).toBe(200);
  const fresh = await getTokens(broker);
  expect(fresh.extended).not.toBe(before.extended);
  expect((await getProfile(broker, fresh.extended)).status).toBe(200);

  async function backUp() {
    await using running = await open(join(directory.path, "broker.db"));
    running.clock.freeze(MORNING);
    if (!(running.server.parts.db instanceof SqliteDatabase)) throw new TypeError("this test is about SQLite");
    const revokedLater = (await getTokens(running)).access;
    const { access, extended } = await getTokens(running);
    const code = await issueCode(running);
    await requestToken(running.url, running.upstox.app);
    await signIn(running, customer(running, 0));
    await fetch(`${running.url}/v2/login/authorization/dialog?${dialogQuery(running.upstox.app)}`);
    await running.server.parts.db.backup(backup);
    expect((await logOut(running, revokedLater)).status).toBe(200);
    return { revokedLater, access, extended, code };
  }
});

interface App {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

function dialogQuery(app: App): URLSearchParams {
  return new URLSearchParams({ client_id: app.clientId, redirect_uri: app.redirectUri });
}

async function requestToken(url: string, app: App): Promise<void> {
  const answer = await fetch(`${url}/v3/login/auth/token/request/${app.clientId}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ client_secret: app.clientSecret }),
  });
  expect(answer.status).toBe(200);
}
