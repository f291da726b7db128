import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { testDatabase } from "../../../../test/_postgres/test-database.ts";
import { createAccount, disableAccount, listAccounts, showAccount } from "../../src/admin/accounts.ts";
import { auditHead, exportAuditTrail, renewHead, verifyAuditTrail } from "../../src/admin/audit-trail.ts";
import { backUp, beginNewEpoch, restore } from "../../src/admin/backup.ts";
import { createClient, listClients, rotateClientSecret, showClient, switchClient } from "../../src/admin/clients.ts";
import { openAdmin } from "../../src/admin/open-admin.ts";
import { execute } from "../../src/store/verb.ts";

const masterKey = randomBytes(32);

/** A database of ten million people has to change every row of them: no statement may be cut off for taking its time. */
const REFUSE_HASTE = `CREATE FUNCTION refuse_haste() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF current_setting('statement_timeout') <> '0' THEN RAISE 'in a hurry'; END IF; RETURN NEW; END $$`;
const ON_EVERY_ACCOUNT =
  "CREATE TRIGGER accounts_slow BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION refuse_haste()";

describe("what an operator does, on Postgres", () => {
  it("is the same: apps, accounts, a new epoch, and the audit rows of it all (S-99, S-123)", async () => {
    await using database = await testDatabase();
    const open = () => openAdmin({ database: database.url, masterKey, create: true });
    let head = "";
    {
      await using admin = await open();
      const { parts } = admin;
      const app = await createClient(parts, {
        broker: "upstox",
        name: "Desk",
        redirectUris: ["https://desk.example.in/callback"],
        signWebhooks: true,
      });
      expect((await rotateClientSecret(parts, app.clientId, 24)).earlierSecretUntil).not.toBeNull();
      expect((await switchClient(parts, app.clientId, "inactive")).status).toBe("inactive");
      expect(await listClients(parts)).toEqual([await showClient(parts, app.clientId)]);
      const person = { name: "Demo Customer", email: "demo.customer@example.in", mobile: "9876543210" };
      const name = { broker: "upstox", userId: "KA1234" };
      const account = await createAccount(parts, { ...name, ...person, secret: "246810", totp: true });
      await expect(createAccount(parts, { ...name, ...person, secret: "246810" })).rejects.toMatchObject({
        code: "EXISTS",
      });
      expect((await disableAccount(parts, name)).state).toBe("disabled");
      const listed: string[] = [];
      for await (const { userId } of listAccounts(parts)) listed.push(userId);
      expect(listed).toEqual([account.userId]);
      expect(await showAccount(parts, name)).toMatchObject({ state: "disabled", hasTotp: true, hasPan: false });
      await parts.db.write(() => execute(REFUSE_HASTE));
      await parts.db.write(() => execute(ON_EVERY_ACCOUNT));
      await beginNewEpoch(parts);
      head = await auditHead(parts);
    }
    await using admin = await open();
    const { parts } = admin;
    const report = await verifyAuditTrail(parts, head);
    expect(report).toMatchObject({ outcome: "whole", problems: [], head });
    // The head moved on when the first operator was done.
    expect(report.storedHead).toBe(report.keptHead);
    const lines: string[] = [];
    for await (const line of exportAuditTrail(parts)) lines.push(line);
    expect(lines).toHaveLength(report.rows);

    await parts.db.write(() => execute("DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)"));
    expect(await verifyAuditTrail(parts)).toMatchObject({ outcome: "broken", problems: [{ kind: "cut-off" }] });
    await expect(auditHead(parts)).rejects.toMatchObject({ code: "DAMAGED" });
    await renewHead(parts);
    expect(await verifyAuditTrail(parts)).toMatchObject({ outcome: "whole" });
  });

  it("but for backups, which Postgres has its own tools for", async () => {
    const database = "postgres://kunji@127.0.0.1/kunji";
    await expect(backUp(database, "saved")).rejects.toThrow("pg_dump");
    await expect(restore({ database, masterKey }, "saved")).rejects.toThrow("pg_restore");
  });
});
