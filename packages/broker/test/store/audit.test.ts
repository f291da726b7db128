import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HmacKey } from "../../src/crypto/hmac-key.ts";
import { appendAudit, verifyAudit } from "../../src/store/audit.ts";
import { migrate, sqliteTypes } from "../../src/store/migrate.ts";
import { SqliteDatabase } from "../../src/store/sqlite/sqlite-database.ts";
import { execute, selectAll, type Value } from "../../src/store/verb.ts";
import { MORNING } from "../upstox/_api.ts";

const key = new HmacKey(randomBytes(32));
let database: SqliteDatabase;
beforeEach(async () => {
  database = new SqliteDatabase({ path: ":memory:" });
  await database.write(() => migrate(sqliteTypes, MORNING));
  for (let n = 0; n < 5; n++) {
    await database.write(() =>
      appendAudit(key, {
        at: MORNING + n,
        event: "token.issued",
        clientId: "an app",
        accountId: n % 2 === 0 ? "upstox:K00001" : undefined,
        detail: { token: `t${n}` },
      }),
    );
  }
});
afterEach(() => database.close());

const verify = (with_ = key) => database.read(() => verifyAudit(with_));
const problems = async () => {
  const verdict = await verify();
  return verdict.outcome === "broken" ? verdict.problems : [];
};
const tamper = (text: string, ...params: Value[]) => database.write(() => execute(text, ...params));

describe("the audit chain (S-99)", () => {
  it("is whole as it was written, also when it is empty", async () => {
    expect(await verify()).toEqual({ outcome: "whole", rows: 5 });
    await tamper("DELETE FROM audit");
    expect(await verify()).toEqual({ outcome: "whole", rows: 0 });
  });

  it("is walked page by page", async () => {
    await database.write(function* () {
      for (let n = 0; n < 2_500; n++) yield* appendAudit(key, { at: MORNING, event: "code.issued" });
    });
    expect(await verify()).toEqual({ outcome: "whole", rows: 2_505 });
    await tamper("UPDATE audit SET at = at + 1 WHERE seq = 2300");
    expect(await verify()).toEqual({ outcome: "broken", rows: 2_505, problems: [{ kind: "edited", seq: 2300 }] });
  });

  it.each([
    ["at", "UPDATE audit SET at = at + 1 WHERE seq = 3"],
    ["event", "UPDATE audit SET event = 'token.revoked' WHERE seq = 3"],
    ["app", "UPDATE audit SET client_id = 'another app' WHERE seq = 3"],
    ["app taken away", "UPDATE audit SET client_id = NULL WHERE seq = 3"],
    ["account", "UPDATE audit SET account_id = 'upstox:K00002' WHERE seq = 3"],
    ["detail", `UPDATE audit SET detail = '{"token":"t9"}' WHERE seq = 3`],
    ["hash", "UPDATE audit SET hash = zeroblob(32) WHERE seq = 3"],
    ["hash cut short", "UPDATE audit SET hash = substr(hash, 1, 31) WHERE seq = 3"],
  ])("an edit of one row is found where it is: %s", async (_name, text) => {
    await tamper(text);
    expect(await verify()).toEqual({ outcome: "broken", rows: 5, problems: [{ kind: "edited", seq: 3 }] });
  });

  it("removed rows are found between the rows that stayed, the first one too, and beside an edit", async () => {
    await tamper("DELETE FROM audit WHERE seq = 3");
    expect(await problems()).toEqual([{ kind: "missing", after: 2, before: 4 }]);
    await tamper("DELETE FROM audit WHERE seq = 1");
    await tamper("UPDATE audit SET client_id = NULL WHERE seq = 5");
    expect(await problems()).toEqual([
      { kind: "missing", after: 0, before: 2 },
      { kind: "missing", after: 2, before: 4 },
      { kind: "edited", seq: 5 },
    ]);
  });

  it("a row that was put in between is told from one that was edited", async () => {
    await tamper("UPDATE audit SET seq = -seq WHERE seq > 3");
    await tamper("UPDATE audit SET seq = -seq + 1 WHERE seq < 0");
    await tamper("INSERT INTO audit SELECT 4, at, event, client_id, account_id, detail, hash FROM audit WHERE seq = 2");
    expect(await problems()).toEqual([{ kind: "added", seq: 4 }]);
  });

  it("two rows that changed places and a copy at the end are found", async () => {
    await tamper("UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 WHEN 3 THEN -2 END WHERE seq IN (2, 3)");
    await tamper("UPDATE audit SET seq = -seq WHERE seq < 0");
    expect((await verify()).outcome).toBe("broken");
    await tamper(
      "INSERT INTO audit (at, event, client_id, account_id, detail, hash) SELECT at, event, client_id, account_id, detail, hash FROM audit WHERE seq = 5",
    );
    expect((await verify()).outcome).toBe("broken");
  });

  it("cannot be made anew without the key", async () => {
    const verdict = await verify(new HmacKey(randomBytes(32)));
    expect(verdict).toMatchObject({ outcome: "broken", problems: { length: 5 } });
  });

  it("holds times as UTC milliseconds", async () => {
    const rows = await database.read(() => selectAll<{ at: number }>("SELECT at FROM audit ORDER BY seq"));
    expect(rows.map((row) => row.at)).toEqual([0, 1, 2, 3, 4].map((n) => MORNING + n));
  });
});
