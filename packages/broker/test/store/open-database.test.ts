import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startServer } from "../../src/server.ts";
import type { Database } from "../../src/store/database.ts";
import { migrate, migrations, sqliteTypes } from "../../src/store/migrate.ts";
import { openDatabase, requireSupportedDatabase, sqlitePath } from "../../src/store/open-database.ts";
import { execute, selectAll } from "../../src/store/verb.ts";
import { MORNING } from "../upstox/_api.ts";
import { temporaryDirectory } from "./_child-broker.ts";

let directory: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory[Symbol.dispose]());

const url = () => `sqlite:${join(directory.path, "store.db")}`;
const open = (keyCheck = "key one") => openDatabase({ url: url(), keyCheck, now: MORNING, onFailure: () => {} });

async function schema(database: Database): Promise<unknown[]> {
  return await database.read(() => selectAll("SELECT type, name, sql FROM sqlite_schema ORDER BY name"));
}

describe("openDatabase", () => {
  it("brings an empty file up to date, and changes nothing the second time", async () => {
    const first = await open();
    const before = await schema(first);
    expect(await first.read(() => selectAll("SELECT name FROM migrations ORDER BY name"))).toEqual(
      migrations.map(({ name }) => ({ name })),
    );
    await first.close();
    const second = await open();
    expect(await second.write(() => migrate(sqliteTypes, MORNING))).toEqual([]);
    expect(await schema(second)).toEqual(before);
    await second.close();
  });

  it("refuses a database that a newer version wrote, and names what it does not know", async () => {
    const database = await open();
    await database.write(() => execute("INSERT INTO migrations VALUES ('9999-from-the-future', 'now')"));
    await database.close();
    await expect(open()).rejects.toThrow("written by a newer version (9999-from-the-future)");
  });

  it("refuses a database that was made with another key, before it does harm (S-20)", async () => {
    await (await open()).close();
    await expect(open("key two")).rejects.toThrow("another broker key");
    await (await open()).close();
  });

  it("a server does not start on it either", async () => {
    const start = (masterKey: Buffer) =>
      startServer({ port: 0, host: "127.0.0.1", database: url(), masterKey, demo: { ...DEMO, customers: 1 } });
    await (await start(randomBytes(32))).close();
    await expect(start(randomBytes(32))).rejects.toThrow("another broker key");
  });

  it("takes SQLite and Postgres URLs only, and does not repeat what it refuses", () => {
    for (const wrong of [
      "postgres:user:secret@host/db",
      "postgres://host:secret",
      "sqlite:",
      "",
      "/tmp/x.db",
      "mysql:x",
    ]) {
      expect(() => requireSupportedDatabase(wrong)).toThrow(
        /^--database must be sqlite:PATH, sqlite::memory: or postgres:\/\/user@host:port\/database$/,
      );
    }
    for (const right of ["postgres://user:secret@host:5432/db", "postgresql://host/db?sslmode=verify-full"]) {
      expect(() => requireSupportedDatabase(right)).not.toThrow();
    }
    expect(sqlitePath("sqlite:a/b.db")).toBe("a/b.db");
    expect(sqlitePath("sqlite::memory:")).toBeUndefined();
    expect(sqlitePath("postgres://host/db")).toBeUndefined();
  });
});

const DEMO = { redirectUri: "http://127.0.0.1:7475/callback", notifierUrl: "http://127.0.0.1:7476/notifier" };
