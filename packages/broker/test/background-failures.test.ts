import { randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import { pino } from "pino";
import { expect, it } from "vitest";
import { keepHouse } from "../src/housekeeping.ts";
import { newestAuditRow } from "../src/store/audit.ts";
import { StoreUnavailable } from "../src/store/database.ts";
import { execute } from "../src/store/verb.ts";
import { startTestServer } from "./store/_test-server.ts";
import { getTokens } from "./upstox/_api.ts";

/** A log, and its lines. */
function keptLog() {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(line: Buffer, _encoding, done) {
      lines.push(JSON.parse(line.toString()) as Record<string, unknown>);
      done();
    },
  });
  return { log: pino(stream), lines };
}

it("the log says why requests and the outbox could not be served, without a stack for each (S-96)", async () => {
  const { log, lines } = keptLog();
  await using broker = await startTestServer({
    database: "sqlite::memory:",
    masterKey: randomBytes(32),
    log,
    control: true,
  });
  await broker.server.settled();
  const { db } = broker.server.parts;
  const { write } = db;
  const cause = Object.assign(new Error("could not extend file"), { code: "53100" });
  db.write = () => Promise.reject(new StoreUnavailable("Postgres cannot do this now", { cause }));
  const { clientId, redirectUri } = broker.upstox.app;
  const query = new URLSearchParams({ response_type: "code", client_id: clientId, redirect_uri: redirectUri });
  const answer = await fetch(`${broker.url}/v2/login/authorization/dialog?${query}`, { redirect: "manual" });
  expect(answer.status).toBe(503);
  // Wakes the outbox.
  await fetch(`${broker.url}/control/clock`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ advanceSeconds: 1 }),
  });
  await broker.server.settled();
  db.write = write;
  const why = { error: "StoreUnavailable", detail: "Postgres cannot do this now", code: "53100" };
  const failed = lines.filter(({ msg }) => msg === "request failed");
  expect(failed).toMatchObject([why]);
  expect(failed[0]).not.toHaveProperty("stack");
  const background = lines.filter(({ msg }) => msg === "background work failed and is tried again");
  expect(background).toMatchObject([{ ...why, work: "outbox" }]);
  const metrics = await (await fetch(`${broker.url}/metrics`)).text();
  expect(metrics).toContain('kunji_store_failures_total{work="request"} 1');
  expect(metrics).toContain('kunji_store_failures_total{work="outbox"} 1');
});

it("a metric says that audit rows are gone, as the log does (S-99)", async () => {
  const { log, lines } = keptLog();
  await using broker = await startTestServer({ database: "sqlite::memory:", masterKey: randomBytes(32), log });
  const { server } = broker;
  const findings = async () =>
    (await server.metrics()).find(({ name }) => name === "kunji_audit_alarms_total")?.values.map(({ value }) => value);
  await getTokens(broker);
  await keepHouse(server.parts);
  expect(await findings()).toEqual([0]);
  const newest = await server.parts.db.read(newestAuditRow);
  await server.parts.db.write(() => execute("DELETE FROM audit WHERE seq = ?", newest.seq));
  // Looks at start, every minute, and at its end.
  await server.close();
  expect(await findings()).toEqual([1]);
  expect(lines.filter(({ msg }) => String(msg).includes("kunji admin audit verify"))).toHaveLength(1);
});
