import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { startPostgres } from "./start-postgres.ts";
import { testDatabase } from "./test-database.ts";

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe("testDatabase()", () => {
  it("gives everybody an empty database", async () => {
    await using first = await testDatabase();
    await using second = await testDatabase();
    await query(first.url, "CREATE TABLE mine (name TEXT)");
    expect(first.url).not.toBe(second.url);
    const tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    expect(await query(second.url, tables)).toEqual([]);
  });

  it("is durable, and sorts text in another order than its bytes", async () => {
    await using database = await testDatabase();
    expect(await query(database.url, "SELECT current_setting('fsync') AS fsync, 'a' < 'B' AS sorted")).toEqual([
      { fsync: "on", sorted: true },
    ]);
  });

  it("is gone after drop(), whoever is connected", async () => {
    const database = await testDatabase();
    const client = new pg.Client(database.url);
    client.on("error", () => {});
    await client.connect();
    await database.drop();
    await expect(query(database.url, "SELECT 1")).rejects.toMatchObject({ code: "3D000" });
    await client.end();
  });
});

describe("startPostgres()", () => {
  it("keeps what was committed over a crash, on the same port", async () => {
    await using server = await startPostgres();
    await query(server.url, "CREATE TABLE kept AS SELECT 7 AS seven");
    await server.crash();
    await expect(query(server.url, "SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await server.start();
    expect(await query(server.url, "SELECT * FROM kept")).toEqual([{ seven: 7 }]);
  });

  it("leaves no process and no file when its owner is killed", async () => {
    const script = fileURLToPath(new URL("postgres-server.mjs", import.meta.url));
    const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "ignore"] });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const { url } = JSON.parse((await lines.next()).value as string) as { url: string };
    const [row] = await query(url, "SELECT current_setting('data_directory') AS path");
    const { path } = row as { path: string };
    expect(existsSync(path)).toBe(true);
    child.stdin.destroy();
    await once(child, "exit");
    expect(existsSync(path)).toBe(false);
    await expect(query(url, "SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});
