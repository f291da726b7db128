import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openVault } from "../../src/vault/open-vault.ts";
import { type SchemaDatabase, schemaDatabase } from "./_schema-database.ts";
import { SESSION, vaultFolder } from "./_vault-folder.ts";
import { type VaultProcesses, vaultProcesses } from "./_vault-processes.ts";

const ID = { broker: "upstox", account: "default" };

let processes: VaultProcesses;
let database: SchemaDatabase;

beforeAll(async () => {
  [processes, database] = await Promise.all([vaultProcesses(), schemaDatabase()]);
});

afterAll(async () => {
  await processes[Symbol.asyncDispose]();
  await database.drop();
});

describe.each(["files", "postgres"] as const)("several processes on a vault of %s", (name) => {
  async function place() {
    const folder = vaultFolder();
    const vault = name === "files" ? folder.vault : await database.schema();
    const open = () =>
      openVault({ vault, env: { KUNJI_HOME: folder.path, KUNJI_VAULT_KEY: `file:${join(folder.keys, "main.key")}` } });
    return {
      folder,
      open,
      start: (command: string, extra = "") => processes.start([command, vault, folder.keys, extra]),
      [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
    };
  }

  it("write the same entry at once, and one of their contents is there, whole", async () => {
    await using at = await place();
    const { start, open } = at;
    const writers = await Promise.all([start("contend", "20"), start("contend", "20"), start("contend", "20")]);
    for (const writer of writers) writer.begin();
    await Promise.all(writers.map((writer) => writer.said("done")));
    expect(await Promise.all(writers.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    await using vault = await open();
    expect(writers.map(({ pid }) => `${pid} 20`)).toContain(await vault.read(SESSION));
  });

  it("hold a lock one after the other, in the order they came", async () => {
    await using at = await place();
    const { folder, start, open } = at;
    await using vault = await open();
    const log = join(folder.path, "log");
    writeFileSync(log, "");
    const waiters = await Promise.all(Array.from({ length: 5 }, () => start("queue", log)));
    await vault.withLock(ID, async () => {
      for (const waiter of waiters) {
        waiter.begin();
        await waiter.said("waiting");
      }
    });
    await Promise.all(waiters.map((waiter) => waiter.said("done")));
    const entries = readFileSync(log, "utf8").trim().split("\n");
    const order = entries.filter((line) => line.startsWith("+")).map((line) => Number(line.slice(1)));
    expect(entries).toEqual(order.flatMap((pid) => [`+${pid}`, `-${pid}`]));
    expect(order).toEqual(waiters.map(({ pid }) => pid));
  });

  it("take a lock over from one that was killed", async () => {
    await using at = await place();
    const { start, open } = at;
    await using vault = await open();
    const holder = await start("hold");
    holder.begin();
    await holder.said("locked");
    const waiter = await start("hold");
    let isWaiting = () => {};
    const waiting = new Promise<void>((resolve) => {
      isWaiting = resolve;
    });
    waiter.begin();
    const entered = vault.withLock(ID, async () => "entered", { waiting: isWaiting });
    await waiting;
    await waiter.kill();
    await holder.kill();
    expect(await entered).toBe("entered");
  });

  it("are told by each other's writes", async () => {
    await using at = await place();
    const { start, open } = at;
    await using vault = await open();
    const writer = await start("contend", "1");
    const told = new Promise<void>((resolve) => {
      const stop = vault.watch(SESSION, () => {
        stop();
        resolve();
      });
    });
    writer.begin();
    await told;
    expect(await vault.read(SESSION)).toBe(`${writer.pid} 1`);
  });
});

describe("a passphrase in the environment (S-79, S-92)", () => {
  it("reaches neither children, nor the command line, nor the process title", async () => {
    await using folder = vaultFolder();
    const child = await processes.start(["show", folder.vault, folder.keys], {
      KUNJI_VAULT_KEY: "passphrase",
      KUNJI_VAULT_PASSPHRASE: "canary passphrase of the vault",
      KUNJI_VAULT_FACTORS_PASSPHRASE: "canary passphrase of the factors",
      KUNJI_VAULT_NEW_PASSPHRASE: "canary passphrase to come",
    });
    child.begin();
    expect(await child.ended).toBe(0);
    expect(child.lines).toHaveLength(2);
    expect(child.lines.join()).toContain("KUNJI_HOME=");
    expect(child.lines.join()).not.toContain("canary");
  });
});
