import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HmacKey } from "../../src/crypto/hmac-key.ts";
import { keepHouse } from "../../src/housekeeping.ts";
import { appendAudit, newestAuditRow, verifyAudit } from "../../src/store/audit.ts";
import {
  findStoredHead,
  readAuditHead,
  renewAuditHead,
  storeAuditHead,
  writeAuditHead,
} from "../../src/store/audit-head.ts";
import { migrate, sqliteTypes } from "../../src/store/migrate.ts";
import { SqliteDatabase } from "../../src/store/sqlite/sqlite-database.ts";
import { execute, type Statement, type StatementResult, selectAll, type Verb } from "../../src/store/verb.ts";
import { startBroker } from "../../src/testing/index.ts";
import { getTokens, MORNING } from "../upstox/_api.ts";

const key = new HmacKey(randomBytes(32));
let database: SqliteDatabase;
beforeEach(async () => {
  database = new SqliteDatabase({ path: ":memory:" });
  await database.write(() => migrate(sqliteTypes, MORNING));
});
afterEach(() => database.close());

function* run(statement: Statement): Verb<StatementResult> {
  return yield statement;
}
const store = () => database.write(() => storeAuditHead(key));
const tamper = (text: string) => database.write(() => execute(text));
async function append(count: number): Promise<void> {
  await database.write(function* () {
    for (let n = 0; n < count; n++) yield* appendAudit(key, { at: MORNING + n, event: "token.issued" });
  });
}

/** What a walk finds that must pass through the stored head. */
async function problems() {
  const stored = await database.read(() => findStoredHead(key));
  const heads = stored.outcome === "head" ? [stored.head] : [];
  const verdict = await database.read(() => verifyAudit(key, heads));
  return verdict.outcome === "broken" ? verdict.problems : [];
}

describe("the stored head of the audit chain (S-99)", () => {
  it("shows that the newest rows were cut off, up to where it stands", async () => {
    await store();
    await append(5);
    await store();
    await append(2);
    await tamper("DELETE FROM audit WHERE seq > 5");
    // Newer than the head: this is what a head kept elsewhere is for.
    expect(await problems()).toEqual([]);
    await tamper("DELETE FROM audit WHERE seq > 3");
    expect(await problems()).toEqual([{ kind: "cut-off", after: 3, upTo: 5 }]);
    await tamper("DELETE FROM audit");
    expect(await problems()).toEqual([{ kind: "cut-off", after: 0, upTo: 5 }]);
  });

  it("does not move on when rows were cut off and others followed", async () => {
    await store();
    await append(5);
    expect(await store()).toBe(true);
    await tamper("DELETE FROM audit WHERE seq > 3");
    await append(2);
    expect(await store()).toBe(false);
    expect(await problems()).toEqual([{ kind: "cut-off", after: 3, upTo: 5 }]);
    // With the counter of rows set back, other rows stand where the cut ones stood.
    await tamper("DELETE FROM audit WHERE seq > 3");
    await tamper("UPDATE sqlite_sequence SET seq = 3 WHERE name = 'audit'");
    await append(4);
    expect(await store()).toBe(false);
    expect(await problems()).toEqual([{ kind: "replaced", seq: 5 }]);
  });

  it("says once what is gone when the missing rows include the head's own", async () => {
    await store();
    await append(5);
    await store();
    await append(1);
    await tamper("DELETE FROM audit WHERE seq IN (4, 5)");
    expect(await problems()).toEqual([{ kind: "missing", after: 3, before: 6 }]);
  });

  it("never goes back when two processes move it", async () => {
    await store();
    await append(3);
    const slow = storeAuditHead(key);
    let step = slow.next();
    while (!step.done) {
      const statement = step.value;
      if (!("text" in statement)) throw new TypeError("the head is there already, so no audit row is due");
      if (statement.text.startsWith("UPDATE")) {
        await append(2);
        await store();
      }
      step = slow.next(await database.write(() => run(statement)));
    }
    expect(await database.read(() => findStoredHead(key))).toMatchObject({ outcome: "head", head: { seq: 5 } });
  });

  it("that was removed, or was written under another key, does not come back by itself", async () => {
    await store();
    await append(3);
    await store();
    await tamper("UPDATE facts SET value = '1.' || substr(value, 3) WHERE name = 'audit head'");
    expect(await database.read(() => findStoredHead(key))).toEqual({ outcome: "forged" });
    expect(await store()).toBe(false);
    await tamper("DELETE FROM facts WHERE name = 'audit head'");
    expect(await store()).toBe(false);
    expect(await database.read(() => findStoredHead(key))).toEqual({ outcome: "absent" });
  });

  it("is made anew when an operator says so, with a row that tells", async () => {
    await store();
    await append(5);
    await store();
    await tamper("DELETE FROM audit WHERE seq > 3");
    await database.write(() => renewAuditHead(key, MORNING));
    expect(await store()).toBe(true);
    expect(await problems()).toEqual([]);
    const events = await database.read(() => selectAll<{ event: string }>("SELECT event FROM audit ORDER BY seq"));
    expect(events.at(-1)).toEqual({ event: "audit.head-renewed" });
  });

  it("as text is read back under its key only, and only whole", async () => {
    await append(3);
    const head = await database.read(newestAuditRow);
    const text = writeAuditHead(key, head);
    expect(readAuditHead(key, text)).toEqual({ seq: 3, hash: Buffer.from(head.hash) });
    expect(readAuditHead(new HmacKey(randomBytes(32)), text)).toBeUndefined();
    for (const wrong of ["", "3", text.slice(0, -1), `4${text.slice(1)}`, `${text}x`, text.replace(".", ",")]) {
      expect(readAuditHead(key, wrong), wrong).toBeUndefined();
    }
  });
});

describe("a running broker", () => {
  it("moves the head at start, with the housekeeping and at its end, and raises an alarm when rows are gone", async () => {
    await using broker = await startBroker({ customers: 1 });
    broker.clock.freeze(MORNING);
    const { parts } = broker.server;
    const stored = () => parts.db.read(() => findStoredHead(parts.keys.audit));
    expect(await stored()).toMatchObject({ head: { seq: 0 } });
    await getTokens(broker);
    const alarms: string[] = [];
    await keepHouse(parts, (text) => alarms.push(text));
    const newest = await parts.db.read(newestAuditRow);
    expect(await stored()).toMatchObject({ head: { seq: newest.seq } });
    expect(alarms).toEqual([]);
    await parts.db.write(() => execute("DELETE FROM audit WHERE seq = ?", newest.seq));
    await keepHouse(parts, (text) => alarms.push(text));
    expect(alarms).toHaveLength(1);
    expect(alarms[0]).toContain("kunji admin audit verify");
  });
});
