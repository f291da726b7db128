import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readAuditLines } from "../../src/admin/audit-line.ts";
import {
  auditHead,
  exportAuditTrail,
  renewHead,
  verifyAuditExport,
  verifyAuditTrail,
} from "../../src/admin/audit-trail.ts";
import { deriveBrokerKeys } from "../../src/crypto/broker-keys.ts";
import { keepAuditHead } from "../../src/housekeeping.ts";
import { appendAudit } from "../../src/store/audit.ts";
import { execute } from "../../src/store/verb.ts";
import { MORNING } from "../upstox/_api.ts";
import { openTestAdmin, type TestAdmin } from "./_admin.ts";

let opened: TestAdmin;
beforeEach(async () => {
  opened = await openTestAdmin();
  await append(5);
});
afterEach(() => opened.admin[Symbol.asyncDispose]());

async function append(count: number): Promise<void> {
  const { db, keys } = opened.parts;
  await db.write(function* () {
    for (let n = 0; n < count; n++) {
      yield* appendAudit(keys.audit, {
        at: MORNING + n,
        event: "token.issued",
        clientId: "app",
        detail: { token: `t${n}` },
      });
    }
  });
}
const tamper = (text: string) => opened.parts.db.write(() => execute(text));
const storeHead = () => keepAuditHead(opened.parts, () => {});
const verify = (keptHead?: string) => verifyAuditTrail(opened.parts, keptHead);

describe("verifying the audit rows (S-99)", () => {
  it("says up to where cutting off is detectable: the stored head, or further with the kept one", async () => {
    await storeHead();
    await append(3);
    expect(await verify()).toMatchObject({ outcome: "whole", rows: 8, problems: [], storedHead: 5, keptHead: null });
    const head = await auditHead(opened.parts);
    expect((await verify()).head).toBe(head);
    expect(await verify(head)).toMatchObject({ outcome: "whole", storedHead: 5, keptHead: 8 });
    await append(1);
    expect(await verify(` ${head}\n`)).toMatchObject({ outcome: "whole", rows: 9, keptHead: 8 });
  });

  it("is exact with the kept head, although database and stored head were both put back", async () => {
    await storeHead();
    await append(3);
    const head = await auditHead(opened.parts);
    await tamper("DELETE FROM audit WHERE seq > 5");
    expect(await verify()).toMatchObject({ outcome: "whole" });
    expect(await verify(head)).toMatchObject({
      outcome: "broken",
      problems: [{ kind: "cut-off", after: 5, upTo: 8 }],
      head: null,
    });
  });

  it("says that the stored head was removed or forged", async () => {
    await storeHead();
    await tamper("UPDATE facts SET value = '9' || value WHERE name = 'audit head'");
    expect((await verify()).problems).toEqual([{ kind: "head-forged" }]);
    await tamper("DELETE FROM facts WHERE name = 'audit head'");
    expect((await verify()).problems).toEqual([{ kind: "head-missing" }]);
    await storeHead();
    expect((await verify()).problems).toEqual([{ kind: "head-missing" }]);
  });

  it("gives no new head while rows are gone, until the operator says so", async () => {
    await storeHead();
    await tamper("DELETE FROM audit WHERE seq = 5");
    await expect(auditHead(opened.parts)).rejects.toMatchObject({ code: "DAMAGED" });
    const head = await renewHead(opened.parts);
    expect(await verify(head)).toMatchObject({ outcome: "whole", rows: 5 });
  });

  it("refuses a head of another broker and one with a slip", async () => {
    const head = await auditHead(opened.parts);
    const other = await openTestAdmin();
    const foreign = await auditHead(other.parts);
    await other.admin[Symbol.asyncDispose]();
    for (const wrong of [foreign, head.slice(1), "", "5"]) {
      await expect(verify(wrong)).rejects.toMatchObject({ code: "REFUSED" });
    }
  });

  it("lists a hundred problems and counts them all", async () => {
    await append(300);
    await tamper("UPDATE audit SET at = at + 1");
    const report = await verify();
    expect(report.problems).toHaveLength(100);
    expect(report.problemCount).toBe(305);
  });
});

describe("exporting the audit rows", () => {
  async function exported(): Promise<string[]> {
    const lines: string[] = [];
    for await (const line of exportAuditTrail(opened.parts)) lines.push(line);
    return lines;
  }
  async function* asLines(lines: readonly string[]): AsyncGenerator<string> {
    yield* lines;
  }
  const verifyLines = (lines: readonly string[], keptHead?: string) =>
    verifyAuditExport(opened.parts, readAuditLines(asLines(lines)), keptHead);

  it("writes a line of JSON each, UTC milliseconds, oldest first, however many there are", async () => {
    await append(2_500);
    const lines = await exported();
    expect(lines).toHaveLength(2_505);
    expect(JSON.parse(lines[1] ?? "")).toEqual({
      seq: 2,
      at: new Date(MORNING + 1).toISOString(),
      event: "token.issued",
      clientId: "app",
      accountId: null,
      detail: { token: "t1" },
      hash: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    });
  });

  it("can be verified on its own: whole, edited, shortened", async () => {
    const head = await auditHead(opened.parts);
    const lines = await exported();
    expect(await verifyLines([...lines, ""], head)).toMatchObject({
      outcome: "whole",
      rows: 5,
      storedHead: null,
      keptHead: 5,
    });
    const edited = lines.with(2, (lines[2] ?? "").replace("t2", "t9"));
    expect((await verifyLines(edited)).problems).toEqual([{ kind: "edited", seq: 3 }]);
    expect((await verifyLines(lines.toSpliced(1, 1))).problems).toEqual([{ kind: "missing", after: 1, before: 3 }]);
    expect((await verifyLines(lines.slice(0, 3), head)).problems).toEqual([{ kind: "cut-off", after: 3, upTo: 5 }]);
    // Nothing in the lines themselves says that there were more.
    expect(await verifyLines(lines.slice(0, 3))).toMatchObject({ outcome: "whole", storedHead: null, keptHead: null });
  });

  it("also of rows that somebody put strange text into", async () => {
    await tamper("UPDATE audit SET detail = 'no json' WHERE seq = 2");
    await tamper(`UPDATE audit SET detail = '{ "token": "t2" }' WHERE seq = 3`);
    await tamper("UPDATE audit SET detail = '7' WHERE seq = 4");
    const lines = await exported();
    const edited = [2, 3, 4].map((seq) => ({ kind: "edited", seq }));
    expect((await verify()).problems).toEqual(edited);
    expect((await verifyLines(lines)).problems).toEqual(edited);
  });

  it("also of a row whose time somebody made impossible: the rows after it are exported all the same", async () => {
    await tamper("UPDATE audit SET at = 9000000000000000 WHERE seq = 2");
    const lines = await exported();
    expect(lines).toHaveLength(5);
    expect((await verifyLines(lines)).problems).toEqual([{ kind: "edited", seq: 2 }]);
  });

  it("refuses lines that are none, and says which", async () => {
    const lines = await exported();
    for (const wrong of ["{", "{}", "[]", "7", "null"]) {
      await expect(verifyLines(lines.with(3, wrong))).rejects.toThrow("Line 4");
    }
  });

  it("refuses lines that read otherwise than what was hashed", async () => {
    const lines = await exported();
    const [first = ""] = lines;
    for (const [part, other] of [
      ['"event":', '"event":"account.closed","event":'],
      ['"clientId":', '"note":"checked","clientId":'],
      ['"clientId":"app"', '"clientId":["app"]'],
    ] as const) {
      const line = first.replace(part, other);
      expect(line).not.toBe(first);
      await expect(verifyLines(lines.with(0, line))).rejects.toThrow("Line 1");
    }
  });

  it("is worth nothing under another key", async () => {
    const keys = deriveBrokerKeys(randomBytes(32));
    const report = await verifyAuditExport({ keys }, readAuditLines(asLines(await exported())));
    expect(report).toMatchObject({ outcome: "broken", problemCount: 5 });
  });
});
