import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openVault } from "../../src/vault/open-vault.ts";
import type { Vault } from "../../src/vault/vault.ts";
import { type SchemaDatabase, schemaDatabase } from "./_schema-database.ts";
import { FACTORS, SESSION } from "./_vault-folder.ts";

interface Backend extends AsyncDisposable {
  /** As one more process would. */
  readonly open: () => Promise<Vault>;
}

let database: SchemaDatabase;

beforeAll(async () => {
  database = await schemaDatabase();
});

afterAll(async () => {
  await database.drop();
});

async function backend(name: "files" | "postgres"): Promise<Backend> {
  const home = mkdtempSync(join(tmpdir(), "kunji-vault-"));
  const url = name === "postgres" ? await database.schema() : undefined;
  const opened: Vault[] = [];
  return {
    async open() {
      const env = { KUNJI_HOME: home, KUNJI_VAULT_KEY: "file", KUNJI_VAULT: url };
      const vault = await openVault({ env, now: () => 1_790_000_000_000 });
      opened.push(vault);
      return vault;
    },
    async [Symbol.asyncDispose]() {
      for (const vault of opened) await vault.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const ID = { broker: "upstox", account: "default" };
const ACCOUNT = { ...ID, kind: "account" } as const;

/** A promise and the function that fulfils it. */
function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

describe.each(["files", "postgres"] as const)("a vault of %s", (name) => {
  it("gives back what was written, also after it was closed and opened", async () => {
    await using store = await backend(name);
    const first = await store.open();
    expect(await first.read(SESSION)).toBeUndefined();
    await first.write(SESSION, "ein Token: ₹ 🔑");
    await first.write(SESSION, "the second");
    await first.write(FACTORS, "");
    await first.close();
    const second = await store.open();
    expect(await second.read(SESSION)).toBe("the second");
    expect(await second.read(FACTORS)).toBe("");
    expect(await second.read(ACCOUNT)).toBeUndefined();
  });

  it("removes an entry, and says whether there was one", async () => {
    await using store = await backend(name);
    const vault = await store.open();
    await vault.write(SESSION, "one");
    expect(await vault.remove(SESSION)).toBe(true);
    expect(await vault.remove(SESSION)).toBe(false);
    expect(await vault.read(SESSION)).toBeUndefined();
    expect(await vault.revision(SESSION)).toBeUndefined();
  });

  it("lists what it holds, when it was written and by which key; the factors have their own", async () => {
    await using store = await backend(name);
    const vault = await store.open();
    for (const entry of [ACCOUNT, SESSION, FACTORS]) await vault.write(entry, "content");
    const list = await vault.list();
    expect(list.map(({ kind, broker, account }) => ({ kind, broker, account }))).toEqual(
      expect.arrayContaining([ACCOUNT, SESSION, FACTORS]),
    );
    expect(list.map(({ writtenAt }) => writtenAt)).toEqual([1_790_000_000_000, 1_790_000_000_000, 1_790_000_000_000]);
    expect(new Set(list.filter(({ kind }) => kind !== "factors").map(({ keyId }) => keyId)).size).toBe(1);
    expect(new Set(list.map(({ keyId }) => keyId)).size).toBe(2);
  });

  it("has a revision that changes with every write and with nothing else", async () => {
    await using store = await backend(name);
    const [one, two] = [await store.open(), await store.open()];
    const seen = [await one.revision(SESSION)];
    for (let index = 0; index < 20; index++) {
      await one.write(SESSION, "always the same");
      seen.push(await one.revision(SESSION));
      expect(await one.revision(SESSION)).toBe(seen.at(-1));
    }
    expect(new Set(seen).size).toBe(21);
    await one.write(ACCOUNT, "another entry");
    expect(await one.revision(SESSION)).toBe(seen.at(-1));
    expect(await two.revision(SESSION)).toBe(seen.at(-1));
  });

  it("tells watchers of other vaults on the same place about writes and removals, until they stop", async () => {
    await using store = await backend(name);
    const [one, two] = [await store.open(), await store.open()];
    const calls: string[] = [];
    let told = gate();
    const stop = two.watch(SESSION, () => {
      calls.push("session");
      told.open();
    });
    const stopOther = two.watch(ACCOUNT, () => calls.push("account"));
    await one.write(SESSION, "a token");
    await told.passed;
    expect(await two.read(SESSION)).toBe("a token");
    told = gate();
    await one.remove(SESSION);
    await told.passed;
    expect(await two.revision(SESSION)).toBeUndefined();
    stop();
    stop();
    const last = gate();
    const stopLast = two.watch(ACCOUNT, last.open);
    const before = calls.length;
    await one.write(SESSION, "not told");
    await one.write(ACCOUNT, "told");
    await last.passed;
    expect(calls.slice(before)).toEqual(["account"]);
    stopOther();
    stopLast();
  });

  it("lets one after the other in, within a vault and across vaults", async () => {
    await using store = await backend(name);
    const vaults = [await store.open(), await store.open(), await store.open()];
    let inside = 0;
    let done = 0;
    await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        vaults[index % 3]?.withLock(ID, async () => {
          inside += 1;
          expect(inside).toBe(1);
          await vaults[index % 3]?.read(SESSION);
          inside -= 1;
          done += 1;
        }),
      ),
    );
    expect(done).toBe(30);
  });

  it("keeps locks of other names apart, so that one can be taken inside another", async () => {
    await using store = await backend(name);
    const [one, two] = [await store.open(), await store.open()];
    const result = await one.withLock(ID, () =>
      two.withLock({ broker: "upstox-session", account: "default" }, () =>
        one.withLock({ broker: "tradejini", account: "default" }, async () => {
          await one.write(SESSION, "written inside");
          return await two.read(SESSION);
        }),
      ),
    );
    expect(result).toBe("written inside");
  });

  it("says once that somebody waits, and nothing to whoever does not", async () => {
    await using store = await backend(name);
    const [one, two] = [await store.open(), await store.open()];
    const waiting: string[] = [];
    const begun = gate();
    const told = gate();
    const held = gate();
    const entered = gate();
    const work = () => {
      held.open();
      return begun.passed;
    };
    const first = one.withLock(ID, work, { waiting: () => waiting.push("first") });
    await held.passed;
    const second = one.withLock(ID, async () => entered.open(), { waiting: () => waiting.push("second") });
    const third = two.withLock(ID, async () => {}, {
      waiting: () => {
        waiting.push("third");
        told.open();
      },
    });
    await told.passed;
    begun.open();
    await Promise.all([first, second, third, entered.passed]);
    expect(waiting.sort()).toEqual(["second", "third"]);
  });

  it("gives up waiting when the signal ends, with its reason, and leaves the queue in order", async () => {
    await using store = await backend(name);
    const [one, two] = [await store.open(), await store.open()];
    const reason = new Error("no longer");
    const held = gate();
    const begun = gate();
    const holder = one.withLock(ID, () => {
      begun.open();
      return held.passed;
    });
    await begun.passed;
    const controllers = [new AbortController(), new AbortController()];
    const waiters = [one, two].map((vault, index) => {
      const controller = controllers[index] ?? new AbortController();
      const options = { signal: controller.signal, waiting: () => controller.abort(reason) };
      return vault.withLock(ID, async () => "entered", options).catch((error: unknown) => error);
    });
    expect(await Promise.all(waiters)).toEqual([reason, reason]);
    const signal = AbortSignal.abort(reason);
    expect(await two.withLock(ID, async () => "entered", { signal }).catch((error: unknown) => error)).toBe(reason);
    held.open();
    await holder;
    expect(await two.withLock(ID, async () => "entered")).toBe("entered");
  });

  it("frees the lock when the work fails, and passes its error on", async () => {
    await using store = await backend(name);
    const [one, two] = [await store.open(), await store.open()];
    const failure = new Error("the work failed");
    await expect(one.withLock(ID, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await two.withLock(ID, async () => 1)).toBe(1);
  });

  it("tells whoever holds a lock when it is closed, and lets the next one in", async () => {
    await using store = await backend(name);
    const [one, two] = [await store.open(), await store.open()];
    const entered = gate();
    const work = one.withLock(ID, async (lost) => {
      entered.open();
      await new Promise((resolve) => lost.addEventListener("abort", resolve));
      return "told";
    });
    const waiter = one.withLock(ID, async () => {}).catch((error: unknown) => error);
    await entered.passed;
    await one.close();
    expect(await work).toBe("told");
    expect(await waiter).toMatchObject({ code: "VAULT_UNAVAILABLE" });
    expect(await two.withLock(ID, async () => 1)).toBe(1);
  });

  it("does nothing more once it is closed", async () => {
    await using store = await backend(name);
    const vault = await store.open();
    await vault.close();
    await vault.close();
    const closed = { code: "VAULT_UNAVAILABLE" };
    await expect(vault.read(SESSION)).rejects.toMatchObject(closed);
    await expect(vault.write(SESSION, "late")).rejects.toMatchObject(closed);
    await expect(vault.remove(SESSION)).rejects.toMatchObject(closed);
    await expect(vault.list()).rejects.toMatchObject(closed);
    await expect(vault.revision(SESSION)).rejects.toMatchObject(closed);
    await expect(vault.rotateKey()).rejects.toMatchObject(closed);
    await expect(vault.withLock(ID, async () => {})).rejects.toMatchObject(closed);
    expect(() => vault.watch(SESSION, () => {})).toThrow("closed");
  });

  it("seals everything anew with a fresh key, which other open vaults find by themselves (S-95)", async () => {
    await using store = await backend(name);
    const [one, two] = [await store.open(), await store.open()];
    for (const entry of [ACCOUNT, SESSION, FACTORS]) await one.write(entry, `content of ${entry.kind}`);
    expect(await two.read(FACTORS)).toBe("content of factors");
    const before = new Set((await one.list()).map(({ keyId }) => keyId));
    expect(await one.rotateKey()).toBe(3);
    const after = new Set((await one.list()).map(({ keyId }) => keyId));
    expect(after.size).toBe(2);
    expect([...after].filter((keyId) => before.has(keyId))).toEqual([]);
    for (const entry of [ACCOUNT, SESSION, FACTORS]) expect(await two.read(entry)).toBe(`content of ${entry.kind}`);
    await two.write(SESSION, "by the second");
    expect(await (await store.open()).read(SESSION)).toBe("by the second");
  });

  it("loses nothing when vaults write while another rotates", async () => {
    await using store = await backend(name);
    const vaults = [await store.open(), await store.open(), await store.open()];
    const writes = vaults.map(async (vault, index) => {
      for (let number = 0; number < 10; number++) await vault.write({ ...SESSION, account: `a${index}` }, `${number}`);
    });
    await vaults[0]?.rotateKey();
    await vaults[1]?.rotateKey();
    await Promise.all(writes);
    const reader = await store.open();
    for (const index of [0, 1, 2]) expect(await reader.read({ ...SESSION, account: `a${index}` })).toBe("9");
  });

  it("is made once when several open it at the same moment", async () => {
    await using store = await backend(name);
    const vaults = await Promise.all([store.open(), store.open(), store.open(), store.open()]);
    await vaults[0]?.write(SESSION, "shared");
    for (const vault of vaults) expect(await vault.read(SESSION)).toBe("shared");
  });

  it("refuses names that could lead elsewhere", async () => {
    await using store = await backend(name);
    const vault = await store.open();
    for (const account of ["", "..", "a/b", "a~b", "A", "a\0", "x".repeat(65)]) {
      await expect(vault.write({ ...SESSION, account }, "x")).rejects.toThrow(TypeError);
      await expect(vault.read({ ...SESSION, broker: account })).rejects.toThrow(TypeError);
    }
  });
});
