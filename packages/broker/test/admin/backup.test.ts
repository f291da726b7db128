import { randomBytes } from "node:crypto";
import { copyFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { auditHead, verifyAuditTrail } from "../../src/admin/audit-trail.ts";
import { backUp, restore } from "../../src/admin/backup.ts";
import { createClient, listClients } from "../../src/admin/clients.ts";
import { openAdmin } from "../../src/admin/open-admin.ts";
import { SettableClock } from "../../src/clock.ts";
import { SqliteDatabase } from "../../src/store/sqlite/sqlite-database.ts";
import { holdSqlite } from "../../src/store/sqlite/sqlite-file.ts";
import { execute, selectOne } from "../../src/store/verb.ts";
import { startBroker } from "../../src/testing/index.ts";
import { temporaryDirectory } from "../store/_child-broker.ts";
import { expectErrors, getProfile, getTokens, logOut, MORNING } from "../upstox/_api.ts";

const masterKey = randomBytes(32);
let folder: ReturnType<typeof temporaryDirectory>;
let path: string;
let database: string;
let saved: string;
beforeEach(() => {
  folder = temporaryDirectory();
  path = join(folder.path, "broker.db");
  database = `sqlite:${path}`;
  saved = join(folder.path, "saved.db");
});
afterEach(() => folder[Symbol.dispose]());

const files = () => readdirSync(folder.path).sort();
const restoreSaved = (changes: Partial<Parameters<typeof restore>[0]> = {}) =>
  restore({ database, masterKey, ...changes }, saved);

/** A database with as many apps. */
async function makeDatabase(apps: number): Promise<void> {
  await using admin = await openAdmin({ database, masterKey, create: true });
  for (let n = 0; n < apps; n++) {
    await createClient(admin.parts, { broker: "upstox", name: `App ${n}`, redirectUris: ["https://a.example.in/cb"] });
  }
}

async function countApps(): Promise<number> {
  await using admin = await openAdmin({ database, masterKey });
  return (await listClients(admin.parts)).length;
}

describe("backing up", () => {
  it("copies a database that a broker is using and writing to, into one file", async () => {
    await using broker = await startBroker({ database, masterKey, customers: 1 });
    const { access } = await getTokens(broker);
    const writes = Promise.all(Array.from({ length: 20 }, () => getTokens(broker)));
    expect(await backUp(database, saved)).toEqual({ path: saved });
    await writes;
    expect(files().filter((name) => name.startsWith("saved"))).toEqual(["saved.db"]);
    expect((await getProfile(broker, access)).status).toBe(200);
    // What was committed before the backup began is in it.
    const copy = new SqliteDatabase({ path: saved });
    const counted = await copy.read(() => selectOne<{ n: number }>("SELECT COUNT(*) AS n FROM tokens"));
    await copy.close();
    expect(counted?.n).toBeGreaterThanOrEqual(2);
  });

  it("replaces nothing, and leaves nothing behind when it fails", async () => {
    await makeDatabase(1);
    await backUp(database, saved);
    const before = statSync(saved).mtimeMs;
    await expect(backUp(database, saved)).rejects.toMatchObject({ code: "EXISTS" });
    expect(statSync(saved).mtimeMs).toBe(before);
    await expect(backUp(`sqlite:${join(folder.path, "none.db")}`, `${saved}2`)).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    writeFileSync(join(folder.path, "text"), "no database");
    await expect(backUp(`sqlite:${join(folder.path, "text")}`, `${saved}2`)).rejects.toMatchObject({ code: "DAMAGED" });
    expect(files()).toEqual(["broker.db", "saved.db", "text"]);
  });

  it.each(["postgres://u:geheim@h/db", "sqlite::memory:"])("says what to do instead for %s", async (url) => {
    const attempt = backUp(url, saved);
    await expect(attempt).rejects.toMatchObject({ code: "UNSUPPORTED" });
    await expect(attempt).rejects.toThrow("pg_dump");
    await expect(attempt).rejects.not.toThrow("geheim");
  });
});

describe("restoring (S-123)", () => {
  it("brings back people and apps, and no token, also not one that was revoked later", async () => {
    const open = () => startBroker({ database, masterKey, customers: 1 });
    const tokens: string[] = [];
    {
      await using broker = await open();
      broker.clock.freeze(MORNING);
      const { access, extended } = await getTokens(broker);
      await backUp(database, saved);
      expect((await logOut(broker, access)).status).toBe(200);
      tokens.push(access, extended);
    }
    const report = await restoreSaved();
    expect(report.audit).toMatchObject({ outcome: "whole" });
    // The replaced database is whole where it is now.
    expect(basename(report.replaced ?? "")).toMatch(/^broker\.db\.replaced-\d{8}T\d{6}Z$/);
    expect(files()).toEqual(["broker.db", basename(report.replaced ?? ""), "saved.db"]);
    {
      await using broker = await open();
      broker.clock.freeze(MORNING);
      for (const token of tokens) expectErrors(await getProfile(broker, token), 401, "UDAPI100050");
      const { access } = await getTokens(broker);
      expect((await getProfile(broker, access)).status).toBe(200);
    }
    await using admin = await openAdmin({ database, masterKey });
    expect(await verifyAuditTrail(admin.parts)).toMatchObject({ outcome: "whole" });
  });

  it("shows with the head that was kept which audit rows are lost", async () => {
    await makeDatabase(1);
    await backUp(database, saved);
    await makeDatabase(2);
    const head = await (async () => {
      await using admin = await openAdmin({ database, masterKey });
      return await auditHead(admin.parts);
    })();
    const { replaced } = await restoreSaved();
    expect(await countApps()).toBe(1);
    await using admin = await openAdmin({ database, masterKey });
    expect((await verifyAuditTrail(admin.parts, head)).outcome).toBe("broken");
    await using earlier = await openAdmin({ database: `sqlite:${replaced}`, masterKey });
    expect(await verifyAuditTrail(earlier.parts, head)).toMatchObject({ outcome: "whole" });
  });

  it("works where the database was lost, and where only a damaged one is left", async () => {
    await makeDatabase(2);
    await backUp(database, saved);
    for (const loss of ["gone", "cut in half", "no database"]) {
      const elsewhere = join(folder.path, `${loss.replaceAll(" ", "-")}.db`);
      if (loss === "cut in half") {
        copyFileSync(path, elsewhere);
        truncateSync(elsewhere, 20_000);
      }
      if (loss === "no database") writeFileSync(elsewhere, "x".repeat(5_000));
      const { replaced } = await restore({ database: `sqlite:${elsewhere}`, masterKey }, saved);
      expect(replaced === null, loss).toBe(loss === "gone");
      await using admin = await openAdmin({ database: `sqlite:${elsewhere}`, masterKey });
      expect((await listClients(admin.parts)).length, loss).toBe(2);
    }
  });

  it("keeps every database it replaces, also of two restores in one second", async () => {
    const clock = new SettableClock();
    clock.freeze(MORNING);
    await makeDatabase(1);
    await backUp(database, saved);
    await restoreSaved({ clock });
    await makeDatabase(1);
    await restoreSaved({ clock });
    const replaced = files().filter((name) => name.includes(".replaced-"));
    expect(replaced).toHaveLength(2);
    expect(replaced[1]).toBe(`${replaced[0]}-2`);
  });

  it("does not put the backup over a database that a broker has made meanwhile", async () => {
    await makeDatabase(1);
    await backUp(database, saved);
    await rename(path, join(folder.path, "lost.db"));
    const held = holdSqlite(path);
    await makeDatabase(2);
    expect(held?.replaceBy(saved, path)).toBe(false);
    held?.release();
    expect(files()).toEqual(["broker.db", "lost.db", "saved.db"]);
    expect(await countApps()).toBe(2);
  });

  it("refuses while a broker holds the file, and changes nothing", async () => {
    await makeDatabase(1);
    await backUp(database, saved);
    await makeDatabase(1);
    const running = await startBroker({ database, masterKey, customers: 1 });
    const attempt = restoreSaved();
    await expect(attempt).rejects.toMatchObject({ code: "IN_USE" });
    await expect(attempt).rejects.toThrow("stop the broker");
    expect(files()).not.toContain("broker.db.restoring");
    await getTokens(running);
    await running.close();
    expect(await countApps()).toBeGreaterThan(1);
    await restoreSaved();
    expect(await countApps()).toBe(1);
  });

  it.each<[string, () => void, string]>([
    ["a damaged backup", () => damage(saved), "DAMAGED"],
    ["half a backup", () => truncateSync(saved, 20_000), "DAMAGED"],
    ["a text", () => writeFileSync(saved, "no database"), "DAMAGED"],
    ["an empty file", () => writeFileSync(saved, ""), "DAMAGED"],
  ])("refuses %s, and leaves the database as it was", async (_name, spoil, code) => {
    await makeDatabase(1);
    await backUp(database, saved);
    spoil();
    await expect(restoreSaved()).rejects.toMatchObject({ code });
    expect(files()).toEqual(["broker.db", "saved.db"]);
    expect(await countApps()).toBe(1);
  });

  it("refuses another program's database, another key, the database itself and a file that is not there", async () => {
    await makeDatabase(1);
    await backUp(database, saved);
    await expect(restoreSaved({ masterKey: randomBytes(32) })).rejects.toMatchObject({ code: "OTHER_KEY" });
    await expect(restore({ database, masterKey }, path)).rejects.toMatchObject({ code: "REFUSED" });
    await expect(restore({ database, masterKey }, `${saved}.none`)).rejects.toMatchObject({ code: "NOT_FOUND" });
    const foreign = new SqliteDatabase({ path: join(folder.path, "foreign.db") });
    await foreign.write(() => execute("CREATE TABLE things (name TEXT)"));
    await foreign.close();
    const attempt = restore({ database, masterKey }, join(folder.path, "foreign.db"));
    await expect(attempt).rejects.toMatchObject({ code: "DAMAGED" });
    await expect(restoreSaved({ database: "postgres://h/db" })).rejects.toThrow("pg_restore");
    expect(await countApps()).toBe(1);
  });

  it("reports what is wrong with the audit rows of the backup, and restores it all the same", async () => {
    await makeDatabase(3);
    await backUp(database, saved);
    const copy = new SqliteDatabase({ path: saved });
    await copy.write(() => execute("UPDATE audit SET at = at + 1 WHERE seq = 2"));
    await copy.close();
    expect((await restoreSaved()).audit.problems).toEqual([{ kind: "edited", seq: 2 }]);
  });
});

/** Overwrites the middle of a file. */
function damage(file: string): void {
  const bytes = readFileSync(file);
  bytes.fill(0xa5, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 6_000);
  writeFileSync(file, bytes);
}
